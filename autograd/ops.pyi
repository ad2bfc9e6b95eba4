"""Written by `python -m autograd.stubs` from ops.py: do not edit."""

from collections.abc import Iterable
from typing import Any, overload

from autograd.operation import Operation
from autograd.value import Value

ROWS: dict[str, Operation]
OPERATORS: dict[str, Operation]

class Unary(Operation):
    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: float) -> float: ...

class Several(Operation):
    @overload
    def __call__(self, x: Value, /, *operands: Value | float, **named: Value | float) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, /, *operands: Value | float) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, z: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, /, *operands: float, **named: float) -> float: ...

class OfList(Operation):
    rule: Any
    c_local: str
    def __call__(self, xs: Iterable[Any]) -> Any: ...

class OfPairs(OfList):
    def __call__(  # type: ignore[override]
        self, ws: Iterable[Any], xs: Iterable[Any], bias: Value | float | None = ...
    ) -> Any: ...

class OnePerInput(OfList):
    def __call__(self, xs: Iterable[Any]) -> list[Any]: ...

class OneOfThem(OfList):
    def __call__(self, rows: Iterable[Any], index: Any) -> Any: ...  # type: ignore[override]

add: Several
subtract: Several
multiply: Several
divide: Several
power: Several
negative: Unary
reciprocal: Unary
square: Unary
exp: Unary
expm1: Unary
log: Unary
log1p: Unary
log2: Unary
log10: Unary
sqrt: Unary
cbrt: Unary
sin: Unary
cos: Unary
tan: Unary
asin: Unary
acos: Unary
atan: Unary
atan2: Several
hypot: Several
sinh: Unary
cosh: Unary
tanh: Unary
asinh: Unary
acosh: Unary
atanh: Unary
erf: Unary
erfc: Unary
sigmoid: Unary
softplus: Unary
relu: Unary
leaky_relu: Several
elu: Several
gelu: Unary
silu: Unary
absolute: Unary
sign: Unary
step: Unary
floor: Unary
maximum: Several
minimum: Several
clip: Several
constant: Unary
where: Several
sum: OfList
mean: OfList
prod: OfList
norm: OfList
shift: OfList
logsumexp: OfList
dot: OfPairs
softmax: OnePerInput
log_softmax: OnePerInput
take: OneOfThem

__all__ = [  # noqa: RUF022  (in the order of the table)
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "negative",
    "reciprocal",
    "square",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "hypot",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
    "sigmoid",
    "softplus",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "absolute",
    "sign",
    "step",
    "floor",
    "maximum",
    "minimum",
    "clip",
    "constant",
    "where",
    "sum",
    "mean",
    "prod",
    "norm",
    "shift",
    "logsumexp",
    "dot",
    "softmax",
    "log_softmax",
    "take",
]
