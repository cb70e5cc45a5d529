"""Labels to test with: known ones in their forms, other text, hostile text, and strategies for these."""

from hypothesis import strategies as st

from engine.labels import GREEK

# label, Unicode, LaTeX; in ASCII each of them is itself
KNOWN = [
    ("x", "x", "x"),
    ("E", "E", "E"),
    ("E_n", "Eₙ", "E_n"),
    ("a_1", "a₁", "a_1"),
    ("x^2", "x²", "x^2"),
    ("y_hat", "ŷ", r"\hat{y}"),
    ("y_hat_1^(K)", "ŷ₁⁽ᴷ⁾", r"\hat{y}_1^{(K)}"),
    ("z^(3)", "z⁽³⁾", "z^{(3)}"),
    ("w_11^(1)", "w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    ("w_11,10^(1)", "w_11,10⁽¹⁾", "w_{11,10}^{(1)}"),
    ("z_i^(k-1)", "zᵢ⁽ᵏ⁻¹⁾", "z_i^{(k-1)}"),
    ("w_q^(q)", "w_q^(q)", "w_q^{(q)}"),
    ("w_iN^(k)", "w_iN⁽ᵏ⁾", "w_{iN}^{(k)}"),
    ("z_{N_{k-1}}^(k-1)", "z_Nₖ₋₁⁽ᵏ⁻¹⁾", "z_{N_{k-1}}^{(k-1)}"),
    ("w_{iN_{k-1}}^(k)", "w_iNₖ₋₁⁽ᵏ⁾", "w_{iN_{k-1}}^{(k)}"),
    ("w_{N_{k+1}i}^(k+1)", "w_Nₖ₊₁i⁽ᵏ⁺¹⁾", "w_{N_{k+1}i}^{(k+1)}"),
    ("w_{N_1N_0}^(1)", "w_N₁N₀⁽¹⁾", "w_{N_1N_0}^{(1)}"),
    ("delta", "δ", r"\delta"),
    ("delta_1^(2)", "δ₁⁽²⁾", r"\delta_1^{(2)}"),
    ("Sigma^2", "Σ²", r"\Sigma^2"),
    ("lambda", "λ", r"\lambda"),
    ("x_bold", "𝐱", r"\mathbf{x}"),
    ("z_bold^(k)", "𝐳⁽ᵏ⁾", r"\mathbf{z}^{(k)}"),
    ("W_bold^(1)", "𝐖⁽¹⁾", r"\mathbf{W}^{(1)}"),
    ("W_bold^{(k+1)T}", "𝐖⁽ᵏ⁺¹⁾ᵀ", r"\mathbf{W}^{(k+1)\top}"),
    ("W^{(k+1)T}", "W⁽ᵏ⁺¹⁾ᵀ", "W^{(k+1)T}"),
    ("y_bold_hat", "𝐲\u0302", r"\hat{\mathbf{y}}"),
    ("delta_bold^(k)", "𝛅⁽ᵏ⁾", r"\boldsymbol{\delta}^{(k)}"),
    ("Sigma_bold", "𝚺", r"\boldsymbol{\Sigma}"),
]
# Text that is not a label with parts: what good names in programs and sentences look like, and broken grammar.
OTHER = [
    "",
    " ",
    "learning rate",
    "x_1 ",
    "x\n",
    "my_long_name",
    "hidden_size",
    "loss_total",
    "x1",
    "xy",
    "deltas",
    "3",
]
OTHER += ["x+y", "_1", "x_", "x^", "x_1_2", "x_1,", "x_{1", "x_{}", "x^(1", "x^-1", "x_{a_{b_{c}}}", "é_1"]
OTHER += [r"\deltas", r"\x", r"\\delta", r"\hat{y}", "\\"]

# Fragments that a program could take for its own.
HOSTILE = [*"_^{}(),+-<>&\"'\\[]|:;%$#~\n\r\t\0\x1b\x7f \u00a0\ud800\udfff\ufffe😀好éδx", "\\N", "\\G", "\\l"]
HOSTILE += ["&amp;", "&#93;", "]]>", "<B>", "</TD>", '"];n[', "-->", "\\text{", "w_1", "delta", "_hat"]
any_text = st.one_of(st.text(st.characters()), st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join))

atom = st.sampled_from(["i", "j", "N", "q", "1", "10", "-", "+", ",", "(", ")"])
atoms = st.lists(atom, min_size=1, max_size=4).map("".join)
item = st.one_of(atom, st.just("N_1"), atoms.map("N_{{{}}}".format))
items = st.lists(item, min_size=1, max_size=4).map("".join)
index = st.one_of(items.map("{{{}}}".format), items.map("({})".format), st.sampled_from(["1", "ij", "11,10"]))
optional = st.one_of(st.just(""), index)
well_formed = st.builds(
    lambda letter, bold, hat, sub, sup: letter + bold + hat + ("_" + sub if sub else "") + ("^" + sup if sup else ""),
    st.sampled_from(["w", "E", *GREEK, r"\beta", r"\Omega"]),
    st.sampled_from(["", "_bold"]),
    st.sampled_from(["", "_hat"]),
    optional,
    optional,
)
