"""THE TABLE: one row per operation — its value, one derivative per input, how it is written.

A derivative is written once, in ordinary arithmetic over names of other rows; it takes the inputs
and then `out`, the value. Called with floats it gives the local derivative, called with Values it
records a graph that can be differentiated again, called with Texts it writes C or LaTeX. So
`sin = row("sin", math.sin, lambda x, out: cos(x))` is all there is to know about the sine.
`operation.py` explains the columns.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from itertools import accumulate
from math import copysign, inf, isinf, isnan, nan
from operator import add as plus
from operator import mul as times
from typing import Any

from autograd import modes
from autograd.ieee import power as ieee_power
from autograd.operation import ROWS, Dot, Reduction, Softmax, Take, row

__all__ = list[str]()  # every row by its name: filled at the end

LN2, LN10, SQRT2 = math.log(2), math.log(10), math.sqrt(2)
SQRT_PI, SQRT_2PI = math.sqrt(math.pi), math.sqrt(2 * math.pi)

reduction = partial(row, kind=Reduction)

# fmt: off
# ARITHMETIC         name      value                  derivative by each input, then how it is written
add        = row("add",        lambda x, y: x + y,    lambda x, y, out: 1.0,   lambda x, y, out: 1.0,
                 symbol="+", plain="{0:1} + {1:1}", latex="{0:1} + {1:1}", c="{0:1} + {1:2}", binds=1)
subtract   = row("subtract",   lambda x, y: x - y,    lambda x, y, out: 1.0,   lambda x, y, out: -1.0,
                 symbol="−", plain="{0:1} − {1:2}", latex="{0:1} - {1:2}", c="{0:1} - {1:2}", binds=1)
multiply   = row("multiply",   lambda x, y: x * y,    lambda x, y, out: y,     lambda x, y, out: x,
                 symbol="×", plain="{0:2} × {1:2}", latex=r"{0:2} \cdot {1:2}", c="{0:2} * {1:3}", binds=2)
divide     = row("divide",     lambda x, y: x / y,    lambda x, y, out: 1 / y, lambda x, y, out: -out / y,
                 symbol="÷", plain="{0:2} ÷ {1:3}", latex=r"\frac{{{0}}}{{{1}}}", c="{0:2} / {1:3}", binds=2)
power      = row("power",      math.pow,              # finite at x ** 0 and 0 ** y, as PyTorch
                 lambda x, y, out: where((y == 0) & ((x == 0) | (x != x)), 0.0, y * power(x, y - 1)),
                 lambda x, y, out: where((x == 0) & (y >= 0), 0.0, out * log(x)), edge=ieee_power,
                 symbol="^", plain="{0:5} ^ {1:5}", latex="{0:5}^{{{1}}}", c="pow", binds=4)
negative   = row("negative",   lambda x: -x,          lambda x, out: -1.0,
                 symbol="−", plain="−{0:3}", latex="-{0:3}", c="-{0:4}", binds=3)
reciprocal = row("reciprocal", lambda x: 1 / x,       lambda x, out: -out * out,
                 symbol="1÷", plain="1 ÷ {0:3}", latex=r"\frac{{1}}{{{0}}}", c="1.0 / {0:3}", binds=2)
square     = row("square",     lambda x: x * x,       lambda x, out: 2 * x,
                 symbol="²", plain="{0:5}²", latex="{0:5}^{{2}}", binds=4)

# EXPONENTIALS AND ROOTS       value                  derivative                          edge: where Python raises
exp        = row("exp",        math.exp,              lambda x, out: out,                 edge=inf, latex="e^{{{0}}}", binds=4)
expm1      = row("expm1",      math.expm1,            lambda x, out: exp(x),              edge=inf)
log        = row("log",        math.log,              lambda x, out: 1 / x,               edge=lambda x: pole(x, 0.0))
log1p      = row("log1p",      math.log1p,            lambda x, out: 1 / (1 + x),         edge=lambda x: pole(x, -1.0))
log2       = row("log2",       math.log2,             lambda x, out: 1 / (LN2 * x),       edge=lambda x: pole(x, 0.0), latex=r"\log_2")
log10      = row("log10",      math.log10,            lambda x, out: 1 / (LN10 * x),      edge=lambda x: pole(x, 0.0), latex=r"\log_{10}")
sqrt       = row("sqrt",       math.sqrt,             lambda x, out: 0.5 / out,           symbol="√", plain="√{0:5}", latex=r"\sqrt{{{0}}}", binds=4)
cbrt       = row("cbrt",       math.cbrt,             lambda x, out: 1 / (3 * out * out), symbol="∛", plain="∛{0:5}", latex=r"\sqrt[3]{{{0}}}", binds=4)

# TRIGONOMETRIC
sin        = row("sin",        math.sin,              lambda x, out: cos(x))
cos        = row("cos",        math.cos,              lambda x, out: -sin(x))
tan        = row("tan",        math.tan,              lambda x, out: 1 + out * out)
asin       = row("asin",       math.asin,             lambda x, out: 1 / sqrt((1 - x) * (1 + x)),       latex=r"\arcsin")
acos       = row("acos",       math.acos,             lambda x, out: -1 / sqrt((1 - x) * (1 + x)),      latex=r"\arccos")
atan       = row("atan",       math.atan,             lambda x, out: 1 / (1 + x * x),                   latex=r"\arctan")
atan2      = row("atan2",      math.atan2,            lambda y, x, out: x / hypot(x, y) / hypot(x, y),
                                                      lambda y, x, out: -y / hypot(x, y) / hypot(x, y))   # square would underflow
hypot      = row("hypot",      lambda x, y: distance(x, y), lambda x, y, out: where(out == 0, 0.0, x / out),  # 0 at the corner
                                                      lambda x, y, out: where(out == 0, 0.0, y / out), c="hypot")

# HYPERBOLIC
sinh       = row("sinh",       math.sinh,             lambda x, out: cosh(x),             edge=lambda x: copysign(inf, x))
cosh       = row("cosh",       math.cosh,             lambda x, out: sinh(x),             edge=inf)
tanh       = row("tanh",       math.tanh,             lambda x, out: 4 * sigmoid(2 * x) * sigmoid(-2 * x))  # as 2σ(2x) − 1; in 1 - out * out digits cancel
asinh      = row("asinh",      math.asinh,            lambda x, out: 1 / hypot(x, 1.0))
acosh      = row("acosh",      math.acosh,            lambda x, out: 1 / (sqrt(x - 1) * sqrt(x + 1)))
atanh      = row("atanh",      math.atanh,            lambda x, out: 1 / ((1 - x) * (1 + x)), edge=lambda x: copysign(inf, x) if abs(x) == 1 else nan)

# PROBABILITY AND NEURAL NETWORKS
erf        = row("erf",        math.erf,              lambda x, out: 2 / SQRT_PI * exp(-x * x))
erfc       = row("erfc",       math.erfc,             lambda x, out: -2 / SQRT_PI * exp(-x * x))
sigmoid    = row("sigmoid",    lambda x: exp(minimum(x, 0.0)) / (1 + exp(-absolute(x))),                # no overflow on either side
                               lambda x, out: out * sigmoid(-x), symbol="σ", latex=r"\sigma")
softplus   = row("softplus",   lambda x: maximum(x, 0.0) + log1p(exp(-absolute(x))),
                               lambda x, out: sigmoid(x))
relu       = row("relu",       lambda x: where(x <= 0, 0.0, x),                                         # nan stays nan
                               lambda x, out: step(x))
leaky_relu = row("leaky_relu", lambda x, slope: where(x > 0, x, slope * x),
                               lambda x, slope, out: where(x > 0, 1.0, slope),
                               lambda x, slope, out: where(x > 0, 0.0, x), defaults=(0.01,))
elu        = row("elu",        lambda x, alpha: where(x > 0, x, alpha * expm1(x)),
                               lambda x, alpha, out: where(x > 0, 1.0, alpha * exp(x)),
                               lambda x, alpha, out: where(x > 0, 0.0, expm1(x)), defaults=(1.0,))
gelu       = row("gelu",       lambda x: 0.5 * x * erfc(-x / SQRT2),                                    # x times the normal distribution
                               lambda x, out: 0.5 * erfc(-x / SQRT2) + x * exp(-0.5 * x * x) / SQRT_2PI)
silu       = row("silu",       lambda x: x * sigmoid(x),
                               lambda x, out: sigmoid(x) * (1 + x * sigmoid(-x)))

# KINKS AND CHOICES            value                  derivative by each input: at a tie of two, half and half
absolute   = row("absolute",   math.fabs,             lambda x, out: sign(x),             symbol="|·|", plain="|{0}|", latex=r"\left|{0}\right|", c="fabs")
sign       = row("sign",       lambda x: where(x > 0, 1.0, where(x < 0, -1.0, x)),        lambda x, out: 0.0)
step       = row("step",       lambda x: where(x > 0, 1.0, where(x <= 0, 0.0, x)),        lambda x, out: 0.0)
floor      = row("floor",      lambda x: whole(x),    lambda x, out: 0.0,                 symbol="⌊·⌋", plain="⌊{0}⌋", latex=r"\lfloor {0} \rfloor", c="floor")
maximum    = row("maximum",    lambda x, y: where(x > y, x, where(x <= y, y, x + y)),                   # nan wins
                               lambda x, y, out: where(x == y, 0.5, step(x - y)),
                               lambda x, y, out: where(x == y, 0.5, step(y - x)), symbol="max", latex=r"\max")
minimum    = row("minimum",    lambda x, y: where(x < y, x, where(x >= y, y, x + y)),
                               lambda x, y, out: where(x == y, 0.5, step(y - x)),
                               lambda x, y, out: where(x == y, 0.5, step(x - y)), symbol="min", latex=r"\min")
clip       = row("clip",       lambda x, low, high: where(x < low, low, where(x > high, high, x)),
                               lambda x, low, high, out: where((x < low) | (x > high), 0.0, 1.0),
                               lambda x, low, high, out: where(x < low, 1.0, 0.0),
                               lambda x, low, high, out: where((x >= low) & (x > high), 1.0, 0.0))
constant   = row("constant",   lambda x: x,           lambda x, out: 0.0)                                        # the same number, but nothing depends on it
where      = row("where",      lambda condition, x, y: x if condition else y,
                               lambda condition, x, y, out: 0.0,
                               lambda condition, x, y, out: where(condition, 1.0, 0.0),
                               lambda condition, x, y, out: where(condition, 0.0, 1.0), selects=True,
                 latex=r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}", c="({0} ? {1} : {2})", js="(+({0}) !== 0 ? {1} : {2})")  # nan is true, as in C

# REDUCTIONS of a list         value                                all local derivatives; then C for `out` and for local derivative i
sum        = reduction("sum",  lambda xs: reduce(plus, xs, 0.0),    lambda xs, out: [1.0] * len(xs), symbol="Σ", binds=1,
                 c="for (i = 0; i < n; i++) out += x[i];",               c_local="1.0")
mean       = reduction("mean", lambda xs: average(xs),              lambda xs, out: [1 / len(xs)] * len(xs),
                 c="for (i = 0; i < n; i++) out += x[i]; out /= n;",     c_local="1.0 / n")
prod       = reduction("prod", lambda xs: reduce(times, xs, 1.0),   lambda xs, out: products_of_others(xs), symbol="Π", latex=r"\prod",
                 c="for (out = 1, i = n; i-- > 0;) { w[i] = out; out *= x[i]; } for (out = 1, i = 0; i < n; i++) { w[i] *= out; out *= x[i]; }",
                 c_local="w[i]")
norm       = reduction("norm", lambda xs: reduce(hypot, xs, 0.0),   lambda xs, out: [where(out == 0, 0.0, x / out) for x in xs],
                 c="for (i = 0; i < n; i++) out = hypot(out, x[i]);",    c_local="out == 0 ? 0.0 : x[i] / out",
                 symbol="‖·‖", plain="‖{0}‖", latex=r"\left\|{0}\right\|")
shift      = reduction("shift", lambda xs: largest(xs),                lambda xs, out: [0.0] * len(xs),                    # a constant: softmax does not depend on it
                 c="out = top;",                                         c_local="0.0")
logsumexp  = reduction("logsumexp", lambda xs: log_of_sum(xs),      lambda xs, out: shares(xs),
                 c="for (i = 0; i < n; i++) out += w[i] = exp(x[i] - top); for (i = 0; i < n; i++) w[i] /= out; out = top + log(out);", c_local="w[i]")
dot        = row("dot",        lambda xs: products_added(xs),       lambda xs, out: partners(xs), kind=Dot,  # ws, xs and perhaps a bias
                 c="for (i = 0; i < (n - n % 2) / 2; i++) out += x[i] * x[i + (n - n % 2) / 2]; if (n % 2) out += x[n - 1];",
                 c_local="i == n - n % 2 ? 1.0 : x[(i + (n - n % 2) / 2) % (n - n % 2)]")

# ONE RESULT PER INPUT         all values                           the local derivatives of result k, from all values
softmax    = row("softmax",    lambda xs: shares(xs),               lambda ps, k: [ps[k] * ((i == k) - p) for i, p in enumerate(ps)], kind=Softmax,
                 c="for (i = 0; i < n; i++) out += w[i] = exp(x[i] - top); for (i = 0; i < n; i++) w[i] /= out; out = w[k];",
                 c_local="out * ((i == k) - w[i])")
log_softmax = row("log_softmax", lambda xs: log_shares(xs),         lambda logs, k: [(i == k) - exp(p) for i, p in enumerate(logs)], kind=Softmax,
                 c="for (i = 0; i < n; i++) out += exp(x[i] - top); out = log(out); for (i = 0; i < n; i++) w[i] = exp(x[i] - top - out); out = x[k] - top - out;",
                 c_local="(i == k) - w[i]")
take       = row("take",       lambda xs: xs,                       lambda xs, k: [float(i == k) for i in range(len(xs) + 1)], kind=Take,  # the last: by the index
                 c="out = x[k];",                                        c_local="i == k ? 1.0 : 0.0")
# fmt: on

__all__ += ROWS

OPERATORS = {
    "add": add,
    "sub": subtract,
    "mul": multiply,
    "truediv": divide,
    "pow": power,
}  # Python's


def pole(x: float, at: float) -> float:
    """A logarithm where it raises: -inf at its pole, nan beyond."""
    return -inf if x == at else nan


def whole(x: Any) -> Any:
    """The largest integer not above x, as a float; inf and nan stay."""
    return x if math.isinf(x) else x // 1.0


def distance(x: float, y: float) -> float:
    """C's hypot, which Python has as the absolute value of a complex number; not math.hypot."""
    try:
        return abs(complex(x, y))
    except OverflowError:  # also by mistake, for nan, when an earlier overflow left its mark
        return nan if isnan(x + y) and not (isinf(x) or isinf(y)) else inf


def average(xs: list[Any]) -> Any:
    """The sum over how many there are."""
    if not xs:
        raise ValueError("mean of no numbers is not defined: the list is empty")
    return reduce(plus, xs, 0.0) / len(xs)


def products_of_others(xs: list[Any]) -> list[Any]:
    """For each x the product of all the others, without dividing: right also where some are 0."""
    before = accumulate(xs[:-1], times, initial=1.0)
    after = list(accumulate(xs[:0:-1], times, initial=1.0))
    return [b * a for b, a in zip(before, reversed(after), strict=True)]


def log_of_sum(xs: list[Any]) -> Any:
    """log Σ exp(x), shifted by the largest so that nothing overflows."""
    top = shift(xs) if modes.recorders else largest(xs)
    return top + log(sum([exp(x - top) for x in xs]))


def largest(xs: list[Any]) -> float:
    """The largest as a plain number, 0 where it is not finite."""
    top = max((getattr(x, "data", x) for x in xs), default=0.0)
    return top if math.isfinite(top) else 0.0


def products_added(xs: list[Any]) -> Any:
    """Σ w·x of a list that holds the ws, then the xs, then perhaps a bias."""
    n = len(xs) // 2
    total = 0.0
    for w, x in zip(xs, xs[n : 2 * n]):
        total += w * x
    return total + xs[-1] if len(xs) % 2 else total


def partners(xs: list[Any]) -> list[Any]:
    """The derivative by each w is its x and by each x its w; by the bias it is 1."""
    n = len(xs) // 2
    return xs[n : 2 * n] + xs[:n] + [1.0] * (len(xs) % 2)


def shares(xs: list[Any]) -> list[Any]:
    """exp(x) of each, over their sum."""
    top = shift(xs) if modes.recorders else largest(xs)
    powers = [exp(x - top) for x in xs]
    total = sum(powers)
    return [p / total for p in powers]


def log_shares(xs: list[Any]) -> list[Any]:
    """The logarithm of each share, exact also where the share underflows."""
    top = shift(xs) if modes.recorders else largest(xs)
    total = log(sum([exp(x - top) for x in xs]))
    return [x - top - total for x in xs]
