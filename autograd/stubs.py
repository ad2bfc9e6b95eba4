"""Type stubs written from the table, so that editors and type checkers see what it brings.

`python -m autograd.stubs` writes `ops.pyi` and `value.pyi` anew; a test compares them.
"""

from __future__ import annotations

from pathlib import Path

from autograd import operators, ops
from autograd.operation import Dot, Operation, Reduction, Softmax, Take

OPS = '''\
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

'''

VALUE = '''\
"""Written by `python -m autograd.stubs` from value.py and the table: do not edit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from autograd.hooks import Hooked
from autograd.operation import Operation
from autograd.steps import Steps

births: Iterator[int]
new: Any

def node(
    operation: Operation | None,
    data: float,
    operands: tuple[Any, ...] | None,
    parents: tuple[Value, ...] | None,
    local_grads: tuple[float, ...] | None,
) -> Value: ...
def checked_edges(kind: type, parents: Any, local_grads: Any) -> tuple[Any, Any]: ...
def text_or_none(name: Any) -> str | None: ...

class Value:
    data: float
    grad: Any  # a float; after backward(create_graph=True) a Value
    name: str | None
    label: str | None
    scope: str
    _data: float
    _grad: float
    _name: str | None
    _birth: int
    _call: tuple[Any, str] | None
    _operation: Operation | None
    _x: Value | None
    _by_x: float
    _y: Value | None
    _by_y: float
    _operands: tuple[Any, ...] | None
    _parents: tuple[Value, ...] | None
    _local_grads: tuple[float, ...] | None
    def __init__(
        self,
        data: Any,
        parents: Iterable[Value] = ...,
        local_grads: Iterable[float] = ...,
        *,
        name: str | None = ...,
        label: str | None = ...,
    ) -> None: ...
    @property
    def _prev(self) -> tuple[Value, ...]: ...
    @property
    def _op(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def operation(self) -> Operation | None: ...
    @property
    def operands(self) -> tuple[Value | float, ...]: ...
    @property
    def parents(self) -> tuple[Value, ...]: ...
    @property
    def local_grads(self) -> tuple[float, ...]: ...
    @staticmethod
    def _node(*parts: Any) -> Value: ...
    def history(self) -> list[Value]: ...
    def backward(self, seed: float = ..., create_graph: bool = ...) -> None: ...
    def register_hook(self, hook: Callable[[Any], Any]) -> Hooked: ...
    def steps(self) -> Steps: ...
    def detach(self) -> Value: ...
    def _nothing_to_differentiate(self) -> NoReturn: ...
    def _keep_grad(self, grad: Value) -> None: ...
    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Value: ...
    def __hash__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __format__(self, spec: str) -> str: ...
    def __pos__(self) -> Value: ...
    def __copy__(self) -> Value: ...
    def __deepcopy__(self, memo: dict[int, Any]) -> Value: ...
'''


def kind(row: Operation) -> str:
    """The class that says how a row is called."""
    if isinstance(row, Reduction):
        return {Dot: "OfPairs", Softmax: "OnePerInput", Take: "OneOfThem"}.get(type(row), "OfList")
    return "Unary" if len(row.inputs) == 1 else "Several"


def ops_stub() -> str:
    """The text of ops.pyi."""
    names = "".join(f'    "{name}",\n' for name in ops.__all__)
    rows = "".join(f"{name}: {kind(row)}\n" for name, row in ops.ROWS.items())
    return f"{OPS}{rows}\n__all__ = [  # noqa: RUF022  (in the order of the table)\n{names}]\n"


def value_stub() -> str:
    """The text of value.pyi."""
    return VALUE + "".join(f"    {signature(name)}\n" for name in operators.methods())


def signature(name: str) -> str:
    """How a method of the table is called."""
    row = (ops.ROWS | operators.NUMPY_NAMES).get(name)
    if row is not None:
        others = row.inputs[1:]
        spare = others[len(others) - len(row.defaults) :]
        given = "".join(f", {x}: Value | float{' = ...' * (x in spare)}" for x in others)
        return f"def {name}(self{given}) -> Value: ..."
    if name in operators.SIGNS:
        return f"def {name}(self) -> Value: ..."
    if name in ("__eq__", "__ne__"):
        return f"def {name}(self, other: object) -> bool: ..."
    result = "bool" if name.strip("_") in operators.COMPARISONS else "Value"
    return f"def {name}(self, other: Value | float) -> {result}: ..."


def main() -> None:
    """Write both stubs beside their modules."""
    folder = Path(__file__).parent
    (folder / "ops.pyi").write_text(ops_stub(), encoding="utf-8")
    (folder / "value.pyi").write_text(value_stub(), encoding="utf-8")


if __name__ == "__main__":
    main()
