"""The printed numbers, as texts with all their digits, and corrections of those that are not right.

A number has the name that it has in the publication, if any: "net_h1" is the value of the node of this name,
"∂E_total/∂w_5" a derivative, and any other name is computed in `computed`.
"""

from __future__ import annotations

from demos.worked.citations import Citation, Correction, PublishedExample

NOTES = Citation(
    "Andrej Karpathy",
    "Backpropagation, Intuitions: course notes of CS231n, Stanford",
    "2015",
    "https://cs231n.github.io/optimization-2/",
)
LECTURE = Citation(
    "Andrej Karpathy",
    "The spelled-out intro to neural networks and backpropagation: building micrograd, first notebook",
    "2022",
    "https://github.com/karpathy/nn-zero-to-hero/tree/master/lectures/micrograd",
)
BOOK = Citation(
    "Daniel Jurafsky and James H. Martin",
    "Speech and Language Processing, 3rd edition, chapter on logistic regression",
    "draft of 2025",
    "https://web.stanford.edu/~jurafsky/slp3/",
)

ROUND = "after one round"
ROUNDS = "after 10,000 rounds"
MIXED = ", weights changed in mid-sweep"

PUBLISHED: dict[str, PublishedExample] = {
    "mazur": PublishedExample(
        "a 2-2-2 network of sigmoids with biases: one round of gradient descent, and 10,000",
        Citation(
            "Matt Mazur",
            "A Step by Step Backpropagation Example",
            "2015",
            "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/",
        ),
        {
            "net_h1": "0.3775",
            "out_h1": "0.593269992",
            "out_h2": "0.596884378",
            "net_o1": "1.105905967",
            "out_o1": "0.75136507",
            "out_o2": "0.772928465",
            "E_o1": "0.274811083",
            "E_o2": "0.023560026",
            "E_total": "0.298371109",
            "∂E_total/∂out_o1": "0.74136507",
            "∂out_o1/∂net_o1": "0.186815602",
            "∂net_o1/∂w_5": "0.593269992",
            "∂E_total/∂w_5": "0.082167041",
            f"w_5 {ROUND}": "0.35891648",
            f"w_6 {ROUND}": "0.408666186",
            f"w_7 {ROUND}": "0.511301270",
            f"w_8 {ROUND}": "0.561370121",
            "∂E_o1/∂net_o1": "0.138498562",
            "∂net_o1/∂out_h1": "0.40",
            "∂E_o1/∂out_h1": "0.055399425",
            "∂E_o2/∂out_h1": "-0.019049119",
            "∂E_total/∂out_h1": "0.036350306",
            "∂out_h1/∂net_h1": "0.241300709",
            "∂net_h1/∂w_1": "0.05",
            "∂E_total/∂w_1": "0.000438568",
            f"w_1 {ROUND}": "0.149780716",
            f"w_2 {ROUND}": "0.19956143",
            f"w_3 {ROUND}": "0.24975114",
            f"w_4 {ROUND}": "0.29950229",
            f"E_total {ROUND}": "0.291027924",
            f"E_total {ROUNDS}": "0.0000351085",
            f"out_o1 {ROUNDS}": "0.015912196",
            f"out_o2 {ROUNDS}": "0.984065734",
        },
        {
            "∂E_o2/∂out_h1": Correction(
                "-0.019049118",
                "The last digit is that of a product whose first factor, ∂E_o2/∂net_o2, was rounded before.",
                "∂E_o2/∂out_h1, from a rounded factor",
            ),
            f"E_total {ROUND}": Correction(
                "0.291027774",
                "This error belongs to other weights: w_5 to w_8 were changed before the gradients of w_1 to w_4 were "
                "taken, which the article itself warns against. Its new weights are right.",
                f"E_total {ROUND}{MIXED}",
            ),
            f"E_total {ROUNDS}": Correction(
                "0.0000351019",
                "After 9,999 rounds the error has these digits. They do not fit the outputs printed beside it either, "
                "whose error is 0.0000350848.",
                "E_total after 9,999 rounds",
            ),
            f"out_o1 {ROUNDS}": Correction(
                "0.015913620",
                "As after one round: the weights were changed in the middle of the sweep.",
                f"out_o1 {ROUNDS}{MIXED}",
            ),
            f"out_o2 {ROUNDS}": Correction(
                "0.984064274",
                "As after one round: the weights were changed in the middle of the sweep.",
                f"out_o2 {ROUNDS}{MIXED}",
            ),
        },
    ),
    "neuron": PublishedExample(
        "a neuron with tanh, its bias chosen so that the derivatives come out even",
        LECTURE,
        {
            "x1*w1": "-6.0000",
            "x2*w2": "0.0000",
            "x1*w1 + x2*w2": "-6.0000",
            "n": "0.8813735870195432",
            "o": "0.7071067811865476",
            "∂o/∂o": "1.0000",
            "∂o/∂n": "0.4999999999999999",
            "∂o/∂b": "0.5000",
            "∂o/∂(x1*w1 + x2*w2)": "0.5000",
            "∂o/∂(x1*w1)": "0.5000",
            "∂o/∂(x2*w2)": "0.5000",
            "∂o/∂x1": "-1.5000",
            "∂o/∂w1": "1.0000",
            "∂o/∂x2": "0.5000",
            "∂o/∂w2": "0.0000",
        },
    ),
    "lecture": PublishedExample(
        "L = (ab + c)f, and one step up its gradient",
        LECTURE,
        {
            "e": "-6.0000",
            "d": "4.0000",
            "L": "-8.0000",
            "∂L/∂d": "-2.0000",
            "∂L/∂f": "4.0000",
            "∂L/∂e": "-2.0000",
            "∂L/∂c": "-2.0000",
            "∂L/∂a": "6.0000",
            "∂L/∂b": "-4.0000",
            "L after one step up": "-7.286496",
        },
    ),
    "forks": PublishedExample(
        "f = (ab)(a + b): a and b are used twice, so that their derivatives are sums over two paths",
        LECTURE,
        {
            "d": "-6.0000",
            "e": "1.0000",
            "f": "-6.0000",
            "∂f/∂d": "1.0000",
            "∂f/∂e": "-6.0000",
            "∂f/∂a": "-3.0000",
            "∂f/∂b": "-8.0000",
        },
    ),
    "micrograd": PublishedExample(
        "an expression with every operation of micrograd",
        Citation("Andrej Karpathy", "micrograd, README", "2020", "https://github.com/karpathy/micrograd"),
        {"g": "24.7041", "∂g/∂a": "138.8338", "∂g/∂b": "645.5773"},
    ),
    "gates": PublishedExample(
        "the smallest circuit of gates, f = (x + y)z",
        NOTES,
        {"q": "3", "f": "-12", "∂f/∂f": "1", "∂f/∂z": "3", "∂f/∂q": "-4", "∂f/∂x": "-4", "∂f/∂y": "-4"},
    ),
    "sigmoid": PublishedExample(
        "a neuron with a sigmoid that is made of gates, f = 1/(1 + e^-(w_0 x_0 + w_1 x_1 + w_2))",
        NOTES,
        {
            "w_0 * x_0": "-2.00",
            "w_1 * x_1": "6.00",
            "their sum": "4.00",
            "dot": "1.00",
            "* -1": "-1.00",
            "exp": "0.37",
            "+ 1": "1.37",
            "f": "0.73",
            "∂f/∂f": "1.00",
            "∂f/∂(+ 1)": "-0.53",
            "∂f/∂exp": "-0.53",
            "∂f/∂(* -1)": "-0.20",
            "∂f/∂dot": "0.20",
            "∂f/∂(their sum)": "0.20",
            "∂f/∂(w_0 * x_0)": "0.20",
            "∂f/∂(w_1 * x_1)": "0.20",
            "∂f/∂w_0": "-0.20",
            "∂f/∂x_0": "0.39",
            "∂f/∂w_1": "-0.39",
            "∂f/∂x_1": "-0.59",
            "∂f/∂w_2": "0.20",
        },
    ),
    "routing": PublishedExample(
        "what the gates +, max and * do to a gradient: f = 2(xy + max(z, w))",
        NOTES,
        {
            "x * y": "-12.00",
            "max": "2.00",
            "+": "-10.00",
            "f": "-20.00",
            "∂f/∂f": "1.00",
            "∂f/∂(+)": "2.00",
            "∂f/∂max": "2.00",
            "∂f/∂(x * y)": "2.00",
            "∂f/∂x": "-8.00",
            "∂f/∂y": "6.00",
            "∂f/∂z": "2.00",
            "∂f/∂w": "0.00",
        },
    ),
    "logistic": PublishedExample(
        'one step of logistic regression on one review (section "Working Through an Example")',
        BOOK,
        {
            "y_hat": "0.5",
            "∂L_CE/∂w_1": "-1.5",
            "∂L_CE/∂w_2": "-1.0",
            "∂L_CE/∂b": "-0.5",
            "w_1 after one step": ".15",
            "w_2 after one step": ".1",
            "b after one step": ".05",
        },
    ),
    "sentiment": PublishedExample(
        "is a review positive? Six features, weights that were learned, and the cross entropy",
        BOOK,
        {"z": ".833", "y_hat": "0.70", "1 - y_hat": "0.30", "L_CE": ".36", "L_CE if y were 0": "1.2"},
    ),
    "notebook": PublishedExample(
        "the same review in an earlier draft, in which it was shorter: the gradient, and a step",
        Citation(
            "James H. Martin",
            "Logistic Regression Notebook, for the course CSCI 5832, University of Colorado",
            "undated",
            "https://github.com/JamesHMartin/Courses/blob/master/CSCI5832/LogRegression.ipynb",
        ),
        {
            # Left out: z = 0.8050000000000003. The sum is 0.805; its last digits are one machine's order of adding.
            "y_hat": "0.6910430124157229",
            "L_CE": "0.36955321052982226",
            "∂L_CE/∂w_1": "-0.92687096",
            "∂L_CE/∂w_2": "-0.61791398",
            "∂L_CE/∂w_3": "-0.30895699",
            "∂L_CE/∂w_4": "-0.92687096",
            "∂L_CE/∂w_5": "-0.",
            "∂L_CE/∂w_6": "-1.2821715",
            "w_1 after one step": "3.42687096",
            "w_2 after one step": "-4.38208602",
            "w_3 after one step": "-0.89104301",
            "w_4 after one step": "1.42687096",
            "w_5 after one step": "2.",
            "w_6 after one step": "1.9821715",
            "y_hat after one step": "0.9999982077239783",
            "L_CE after one step": "1.79227762783454e-06",
        },
        {
            "L_CE after one step": Correction(
                "1.7922776277e-06",
                "Of a double close to 1, the logarithm has few digits left; log(1 + e^-z), the same, keeps them.",
                "L_CE after one step, as -log(y_hat)",
            ),
        },
    ),
}
