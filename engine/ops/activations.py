"""The activation functions of networks, except tanh, which is hyperbolic."""

from __future__ import annotations

import math

from engine.ops.choices import greater, where
from engine.ops.exponential import erfc, exp, expm1, log1p
from engine.registry import declare_composite

# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

sigmoid = declare_composite("sigmoid", "σ",
    lambda x: where(greater(0.0, x), exp(-abs(x)), 1.0) / (1.0 + exp(-abs(x))),
    lambda z, x: z * (1.0 - z),
    activation=True,
    doc="""The logistic function 1 / (1 + e^-x), without overflow at either end. The paper's σ, Section 3.1.

    >>> sigmoid(-1000.0), sigmoid(0.0)
    (0.0, 0.5)
    """)

softplus = declare_composite("softplus", "softplus",
    lambda x: where(greater(x, 0.0), x, 0.0) + log1p(exp(-abs(x))),
    lambda z, x: sigmoid(x),
    activation=True, doc="""log(1 + e^x), without overflow: a smooth relu.

    >>> softplus(1000.0)
    1000.0
    """)

relu = declare_composite("relu", "ReLU",
    lambda x: where(greater(0.0, x), 0.0, x),
    lambda z, x: greater(x, 0.0),
    activation=True,
    doc="""max(x, 0), the rectified linear unit. The derivative at the kink: relu'(0) = 0, as in PyTorch.

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """)

leaky_relu = declare_composite("leaky_relu", "leaky_relu",
    lambda x, slope: where(greater(x, 0.0), x, slope * x),
    lambda z, x, slope: where(greater(x, 0.0), 1.0, slope),
    lambda z, x, slope: where(greater(x, 0.0), 0.0, x),
    defaults=(0.01,), activation=True,
    doc="""x where x > 0, else slope · x. The derivative at the kink is the slope, as in PyTorch.

    >>> leaky_relu(-2.0), leaky_relu(-2.0, 0.1)
    (-0.02, -0.2)
    """)

elu = declare_composite("elu", "ELU",
    lambda x, alpha: where(greater(x, 0.0), x, alpha * expm1(where(greater(x, 0.0), 0.0, x))),
    lambda z, x, alpha: where(greater(x, 0.0), 1.0, alpha * exp(where(greater(x, 0.0), 0.0, x))),
    lambda z, x, alpha: where(greater(x, 0.0), 0.0, expm1(where(greater(x, 0.0), 0.0, x))),
    defaults=(1.0,), activation=True,
    doc="""x where x > 0, else alpha · (e^x - 1). The derivative at the kink is alpha, as in PyTorch.

    >>> elu(2.0), round(elu(-2.0), 6)
    (2.0, -0.864665)
    """)

silu = declare_composite("silu", "SiLU",
    lambda x: x * sigmoid(x),
    lambda z, x: sigmoid(x) * (1.0 + x * sigmoid(-x)),
    activation=True,
    doc="""x · σ(x), a smooth relu, which is called swish, too. Below -708, it has an absolute error of up to 2e-321.

    >>> silu(-800.0), silu(800.0)
    (-0.0, 800.0)
    """)

gelu = declare_composite("gelu", "GELU",
    lambda x: x * (0.5 * erfc(-math.sqrt(0.5) * x)),
    lambda z, x: 0.5 * erfc(-math.sqrt(0.5) * x) + x * (exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)),
    activation=True,
    doc="""x · Φ(x), where Φ(x) = ½(1 + erf(x/√2)) is the normal distribution function: a smooth relu.

    For x < 0, a relative error of x² · 2^-52 is that of the rounding of x/√2.

    >>> gelu(-800.0), gelu(800.0)
    (-0.0, 800.0)
    """)
