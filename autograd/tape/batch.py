"""Batch: the arguments of one call over rows, as columns of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from autograd.chosen import Value
from autograd.real import as_float
from autograd.tape import signature
from autograd.tape.lanes import numpy
from autograd.transforms.misuse import name_of

Function = Callable[..., Any]


class Batch:
    """The arguments of one call: columns of numbers that rows lie in, and what all rows share."""

    def __init__(self, f: Function, args: tuple[Any, ...], in_axes: Any) -> None:
        self.columns: list[Any] = []
        self.shapes: list[tuple[int, ...]] = []  # of a row of each column
        self.objects: list[Any] = []  # the columns as they were given, if there are Values in them
        self.shared: list[Any] = []
        self.name = name_of(f)
        self.f = f
        self.values = False  # whether there are Values in the columns, or among what is shared
        self.count = 0
        axes = list(in_axes) if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(
                f"vmap of {self.name} has in_axes for {len(axes)} arguments, but was called with "
                f"{len(args)}"
            )
        self.parts = tuple(
            self._take(arg, axis, f"argument {i} of {self.name}")
            for i, (arg, axis) in enumerate(zip(args, axes, strict=True))
        )
        if not self.columns:
            raise ValueError(f"vmap of {self.name} has no rows: in_axes is None for every argument")
        self.values = self.values or Value in {*map(type, self.shared)}
        self.key = (self.parts, tuple(self.shapes))

    def _take(self, arg: Any, axis: Any, name: str) -> Any:
        """The key of an argument, whose columns or shared numbers are added to the others."""
        if axis is None:
            numbers, key = signature.take_apart((arg,), {})
            self.shared += numbers
            return ("shared", key, len(self.shared) - len(numbers), len(numbers))
        if isinstance(arg, (list, tuple, dict)):
            return self._take_parts(arg, axis, name)
        return self._take_rows(arg, axis, name)

    def _take_parts(self, arg: Any, axis: Any, name: str) -> Any:
        """A list, tuple or dict, with an axis for all in it or one for each."""
        items = list(arg.values()) if isinstance(arg, dict) else list(arg)
        if isinstance(axis, dict) and isinstance(arg, dict):
            if axis.keys() != arg.keys():
                raise ValueError(
                    f"in_axes of {name} has the keys {list(axis)}, the argument {list(arg)}"
                )
            axes = [axis[key] for key in arg]
        else:
            axes = list(axis) if isinstance(axis, (list, tuple)) else [axis] * len(items)
        if len(axes) != len(items):
            raise ValueError(f"in_axes of {name} has {len(axes)} parts, the argument {len(items)}")
        parts = [
            self._take(x, a, f"{name}[{i}]")
            for i, (x, a) in enumerate(zip(items, axes, strict=True))
        ]
        return (type(arg), tuple(arg) if isinstance(arg, dict) else (), *parts)

    def _take_rows(self, arg: Any, axis: Any, name: str) -> Any:
        """An array, whose rows lie along an axis."""
        np = numpy()
        if not hasattr(arg, "shape") or not hasattr(arg, "dtype") or arg.ndim == 0:
            raise TypeError(
                f"{name} is {arg!r:.60}, of type {type(arg).__name__}, which has no rows: give an "
                "array (np.array(...)), or None for it in in_axes"
            )
        if arg.dtype.kind not in "fiubO":
            raise TypeError(f"{name} is an array of {arg.dtype}: allowed are arrays of numbers")
        if isinstance(axis, bool) or not isinstance(axis, int) or not -arg.ndim <= axis < arg.ndim:
            raise ValueError(f"{name} has shape {arg.shape}: there is no axis {axis!r} in it")
        moved = np.moveaxis(np.asarray(arg), axis, 0)
        if self.columns and self.count != len(moved):
            raise ValueError(
                f"{name} has {len(moved)} rows along axis {axis}, the arguments before it "
                f"{self.count}: all must have as many"
            )
        self.count, shape = len(moved), moved.shape[1:]
        numbers = moved
        if moved.dtype == object:
            inside = [x if type(x) is Value else as_float(x) for x in moved.ravel().tolist()]
            self.values = self.values or Value in {*map(type, inside)}
            numbers = np.array([getattr(x, "_data", x) for x in inside], dtype=float)
        self.objects.append(moved if moved.dtype == object else None)
        self.shapes.append(shape)
        flat = numbers.reshape((len(moved), prod(shape)) if shape else (len(moved),))
        self.columns.append(np.ascontiguousarray(flat, dtype=float))
        return ("rows", len(self.columns) - 1)

    def arguments(self, columns: Sequence[Any], shared: Sequence[Any]) -> list[Any]:
        """The arguments of f from a row of each column and what is shared."""
        return [build(part, columns, shared) for part in self.parts]

    def of_row(self, stand_ins: list[Value]) -> Any:
        """The function of a row of each column; stand-ins are in place of what is shared."""
        parts, f = self.parts, self.f

        def row(*columns: Any) -> Any:
            return f(*[build(part, columns, stand_ins) for part in parts])

        row.__name__ = self.name
        row.stand_ins = stand_ins  # type: ignore[attr-defined]
        return row

    def of_row_and_shared(self) -> Any:
        """The function of a row of each column and all numbers that are shared."""
        parts, f, width = self.parts, self.f, len(self.columns)

        def row(*numbers: Any) -> Any:
            return f(*[build(part, numbers[:width], numbers[width:]) for part in parts])

        row.__name__ = self.name
        return row

    def key_of_row(self, with_shared: bool) -> Any:
        """The key of the arguments of such a function."""
        shared = [signature.FLOAT] * len(self.shared) if with_shared else []
        rows = [("array", shape, None) if shape else signature.FLOAT for shape in self.shapes]
        return ((tuple, *rows, *shared), None)

    def numbers(self, row: int) -> list[Any]:
        """The numbers of a row, Values among them."""
        found: list[Any] = []
        for column, given in zip(self.columns, self.objects, strict=True):
            if given is not None:
                part = given[row]
                found.extend(part.ravel().tolist() if hasattr(part, "ravel") else [part])
            else:
                found.extend(column[row].tolist() if column.ndim == 2 else [float(column[row])])
        return [x if isinstance(x, Value) else float(x) for x in found]

    def row(self, i: int) -> list[Any]:
        """The arguments of one row, all of Values."""
        numbers = iter([x if type(x) is Value else Value(x) for x in self.numbers(i)])
        columns = [
            signature.array_of([next(numbers) for _ in range(prod(shape))], shape)
            if shape
            else next(numbers)
            for shape in self.shapes
        ]
        shared = [x if type(x) is Value else Value(x) for x in self.shared]
        return self.arguments(columns, shared)


def build(part: Any, columns: Sequence[Any], shared: Sequence[Any]) -> Any:
    """One argument, from a row of each column and what is shared."""
    if part[0] == "rows":
        return columns[part[1]]
    if part[0] == "shared":
        _, key, first, size = part
        return signature.build(key, iter(shared[first : first + size]))[0][0]
    kind, keys, *inside = part
    things = [build(x, columns, shared) for x in inside]
    if issubclass(kind, dict):
        return dict(zip(keys, things, strict=True))
    return kind._make(things) if hasattr(kind, "_make") else kind(things)
