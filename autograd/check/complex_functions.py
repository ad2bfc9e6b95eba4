"""The rows of the table as functions of a complex number: values only, no derivative rule."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from autograd import ops


class NotAnalytic(ArithmeticError):
    """A complex number says nothing about the derivative here."""


def absolute(z: complex) -> complex:
    if z.real == 0 and z.imag:
        raise NotAnalytic("|x| at 0")
    return z if z.real > 0 else -z


def floor(z: complex) -> complex:
    if z.real == math.floor(z.real) and z.imag:
        raise NotAnalytic("floor at an integer")
    return complex(math.floor(z.real))


def power(x: complex, y: complex) -> complex:
    if not (x.imag or y.imag):
        return complex(ops.power(x.real, y.real))
    if x.real > 0:
        return cmath.exp(y * cmath.log(x))
    if y.imag or y.real != math.floor(y.real) or x.real == 0 > y.real:
        raise NotAnalytic("a power of 0 or of a negative number")
    if x.real == 0:
        return x**y.real
    return (-1) ** (y.real % 2) * cmath.exp(y * cmath.log(-x))


def expm1(z: complex) -> complex:
    return complex(
        math.expm1(z.real) * math.cos(z.imag) - 2 * math.sin(z.imag / 2) ** 2,
        math.exp(z.real) * math.sin(z.imag),
    )


def log1p(z: complex) -> complex:
    return complex(math.log1p(z.real), math.atan2(z.imag, 1 + z.real))


def cbrt(z: complex) -> complex:
    return cmath.exp(cmath.log(z) / 3) if z.real > 0 else -cmath.exp(cmath.log(-z) / 3)


def atan2(y: complex, x: complex) -> complex:
    angle = cmath.atan(y / x) if abs(x) > abs(y) else -cmath.atan(x / y)
    return angle - angle.real + math.atan2(y.real, x.real)  # they differ by a constant


def hypot(x: complex, y: complex) -> complex:
    if x.real == y.real == 0:
        raise NotAnalytic("the corner of a root of squares")
    size = max(abs(x), abs(y))
    if 1e-140 < size < 1e153:
        return cmath.sqrt(x * x + y * y)
    return size * cmath.sqrt((x / size) ** 2 + (y / size) ** 2)


def bell(z: complex) -> complex:
    """The integral of 2/√π exp(-t²) over the short way from the real line up to z."""
    middle = complex(z.real, z.imag / 2)
    return complex(0.0, z.imag) * (2 / math.sqrt(math.pi)) * cmath.exp(-middle * middle)


def inside(z: complex) -> complex:
    if abs(z.real) == 1 and z.imag:
        raise NotAnalytic("the end of an arc")
    return z


def sigmoid(z: complex) -> complex:
    return 1 / (1 + cmath.exp(-z)) if z.real >= 0 else cmath.exp(z) / (1 + cmath.exp(z))


def softplus(z: complex) -> complex:
    return z + log1p(cmath.exp(-z)) if z.real >= 0 else log1p(cmath.exp(z))


def logsumexp(*zs: complex) -> complex:
    top = max(z.real for z in zs)
    return top + cmath.log(sum(cmath.exp(z - top) for z in zs))


def log_softmax(*zs: complex) -> complex:
    *zs, k = zs  # type: ignore[assignment]
    return zs[int(k.real)] - logsumexp(*zs)


def softmax(*zs: complex) -> complex:
    top, chosen = max(z.real for z in zs[:-1]), zs[int(zs[-1].real)]
    return cmath.exp(chosen - top) / sum(cmath.exp(z - top) for z in zs[:-1])


def shift(*zs: complex) -> complex:
    tops = [z for z in zs if z.real == max(z.real for z in zs)]
    if len(set(tops)) > 1:
        raise NotAnalytic("two that are the largest")
    return tops[0]


def take(*zs: complex) -> complex:
    *rows, index = zs
    if index.imag:
        raise NotAnalytic("an index")
    return rows[int(index.real)]


FUNCTIONS: dict[str, Callable[..., complex]] = {
    name: getattr(cmath, name) for name, row in ops.ROWS.items() if hasattr(cmath, name)
}
FUNCTIONS |= {
    "log2": lambda z: cmath.log(z) / math.log(2),
    "asin": lambda z: cmath.asin(inside(z)),
    "acos": lambda z: cmath.acos(inside(z)),
    "erf": lambda z: math.erf(z.real) + bell(z),
    "erfc": lambda z: math.erfc(z.real) - bell(z),
}
FUNCTIONS |= {
    function.__name__: function
    for function in (absolute, floor, power, expm1, log1p, cbrt, atan2, hypot)
}
FUNCTIONS |= {
    function.__name__: function
    for function in (sigmoid, softplus, logsumexp, softmax, log_softmax, shift, take)
}
