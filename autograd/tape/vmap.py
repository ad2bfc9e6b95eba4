"""vmap: a function of one row, over many rows in one replay."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable, Sequence
from functools import wraps
from math import prod
from threading import RLock
from typing import Any

from autograd import modes
from autograd.chosen import Value
from autograd.tape import signature
from autograd.tape.lanes import numpy
from autograd.tape.recorder import FrozenRecording
from autograd.tape.recording import CannotReplay, Recording
from autograd.tape.rowwise import Rowwise
from autograd.transforms.misuse import checked_function, name_of
from autograd.transforms.structure import Array, Form, assemble, leaves, take_apart

Function = Callable[..., Any]


def vmap(f: Function, in_axes: Any = 0, *, threads: int = 1, dtype: str = "float64") -> Function:
    """A function that runs `f` over the leading axis of its array arguments, in one replay.

    Args:
        f: of one row; returns a number, an array, or a list, tuple or dict of such.
        in_axes: along which axis the rows of an argument lie: one for all, or a tuple or list with
            one for each argument. None: the argument is the same for all rows. For an argument
            that is a list, tuple or dict it may be such a thing, too.
        threads: how many run at once.
        dtype: "float64", or "float32" to compute in single precision.

    The results of all rows are stacked: a number becomes an array of shape (rows,), an array of
    shape S one of shape (rows, *S). They are floats, or Values where a gradient can flow: if `f`
    closes over Values, or is given some. Rows that decide otherwise, at an `if`, get a recording of
    their own. Needs NumPy.

    >>> import numpy as np
    >>> from autograd import grad
    >>> vmap(grad(lambda x: x**3 if x > 0 else -x))(np.array([1.0, 2.0, -1.0])).tolist()
    [3.0, 12.0, -1.0]

    Raises ValueError if arguments have different numbers of rows, or none has any, or if an axis
    is not there; TypeError for an argument that has no rows.
    """
    checked_function(f, "vmap")
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype of vmap is 'float64' or 'float32', got {dtype!r}")
    mapped = Mapped(f, in_axes, threads, dtype == "float32")

    @wraps(f)
    def over_rows(*args: Any) -> Any:
        return mapped(args)

    return over_rows


class Mapped:
    """A function over rows, with its recordings by how the arguments are arranged."""

    def __init__(self, f: Function, in_axes: Any, threads: int, single: bool) -> None:
        self.f, self.in_axes, self.threads, self.single = f, in_axes, threads, single
        self.known: dict[Any, tuple[Rowwise, list[Value]]] = {}
        self.lock = RLock()  # what all rows share is written into Values, for one call at a time

    def __call__(self, args: tuple[Any, ...]) -> Any:
        numpy()
        batch = Batch(self.f, args, self.in_axes)
        if modes.recorders and modes.recorder():
            return batch.stacked([self.f(*batch.row(i)) for i in range(batch.count)])
        with self.lock:
            return self._replayed(batch)

    def _recordings(self, batch: Batch) -> tuple[Rowwise, list[Value]]:
        """Those for arguments arranged like these; and the Values that stand for what is shared."""
        key = (batch.key, tuple(batch.shapes), len(batch.shared), batch.values)
        if key not in self.known:
            stand_ins = [Value(0.0) for _ in batch.shared]
            of_row = ((tuple, *[row_key(shape) for shape in batch.shapes]), None)
            self.known[key] = (Rowwise(batch.of_row(stand_ins), of_row, batch.values), stand_ins)
        return self.known[key]

    def _replayed(self, batch: Batch) -> Any:
        rowwise, stand_ins = self._recordings(batch)
        for stand_in, x in zip(stand_ins, batch.shared, strict=True):
            stand_in.data = getattr(x, "_data", x)
        run = Run(self, batch, dict(zip(stand_ins, batch.shared, strict=True)))
        try:
            left = rowwise.split(batch.columns, array("q", range(batch.count)), run.rows)
        except CannotReplay as why:
            warnings.warn(
                f"{name_of(self.f)} is not replayed but runs row by row: {why}",
                FrozenRecording,
                stacklevel=4,
            )
            return batch.stacked([self.f(*batch.row(i)) for i in range(batch.count)])
        for row in left:
            run.results[row] = self.f(*batch.row(row))
        return run.stacked()


class Run:
    """One call over rows, and what has come of it so far.

    shared   what stands for each Value that all rows share
    results  of each row that left nodes, or that ran as it is
    numbers  of the others: the rows a recording took, which of them fit, and their outputs
    """

    def __init__(self, mapped: Mapped, batch: Batch, shared: dict[Value, Any]) -> None:
        self.mapped, self.batch, self.shared = mapped, batch, shared
        self.results: dict[int, Any] = {}
        self.numbers: list[tuple[array[int], bytearray, Any, Recording]] = []

    def rows(self, recording: Recording, rows: array[int], fits: bytearray) -> None:
        """Let a recording take rows: as nodes if a gradient can flow, else all at once."""
        parameters = [self.shared.get(p, p) for p in recording.parameters]
        if modes.recording() and (self.batch.values or Value in {*map(type, parameters)}):
            self._nodes(recording, rows, fits)
            return
        outputs = numpy().empty((len(rows), len(recording.which)))
        recording.program.rows(
            tuple(self.batch.columns), rows, recording.parameters, fits, outputs, None, None, None,
            self.mapped.threads, self.mapped.single,
        )  # fmt: skip
        self.numbers.append((rows, fits, outputs, recording))

    def _nodes(self, recording: Recording, rows: array[int], fits: bytearray) -> None:
        """A node for each result of each row."""
        given = [self.shared.get(p, p) for p in recording.parameters]
        parameters = [x if isinstance(x, Value) else Value(x) for x in given]
        for place, row in enumerate(rows):
            found = recording.replay(self.batch.numbers(row), parameters)
            fits[place] = found is not None
            if found is not None:
                self.results[row] = found[0]

    def stacked(self) -> Any:
        """The results of all rows as one."""
        if len(self.numbers) == 1 and not self.results and 0 not in self.numbers[0][1]:
            return stacked_numbers(self.numbers[0][2], self.numbers[0][3], self.batch.count)
        for rows, fits, outputs, recording in self.numbers:
            for place, row in enumerate(rows):
                if fits[place]:
                    self.results[row] = recording.arranged(outputs[place].tolist())
        return self.batch.stacked([self.results[row] for row in range(self.batch.count)])


class Batch:
    """The arguments of one call: columns of numbers that rows lie in, and what all rows share."""

    def __init__(self, f: Function, args: tuple[Any, ...], in_axes: Any) -> None:
        self.columns: list[Any] = []
        self.shapes: list[tuple[int, ...]] = []  # of a row of each column
        self.objects: list[Any] = []  # the columns as they were given, if there are Values in them
        self.shared: list[Any] = []
        self.name = name_of(f)
        self.f = f
        self.values = False
        counts: list[int] = []
        axes = list(in_axes) if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(
                f"vmap of {self.name} has in_axes for {len(axes)} arguments, but was called with "
                f"{len(args)}"
            )
        self.key = tuple(
            self._take(arg, axis, f"argument {i} of {self.name}", counts)
            for i, (arg, axis) in enumerate(zip(args, axes, strict=True))
        )
        if not counts:
            raise ValueError(f"vmap of {self.name} has no rows: in_axes is None for every argument")
        self.count = counts[0]

    def _take(self, arg: Any, axis: Any, name: str, counts: list[int]) -> Any:
        if isinstance(arg, (list, tuple, dict)) and axis is not None:
            items = list(arg.values()) if isinstance(arg, dict) else list(arg)
            if isinstance(axis, dict):
                inner = list(axis.values())
            else:
                inner = list(axis) if isinstance(axis, (list, tuple)) else [axis] * len(items)
            if len(inner) != len(items):
                raise ValueError(
                    f"in_axes of {name} has {len(inner)} parts, the argument {len(items)}"
                )
            keys = tuple(arg) if isinstance(arg, dict) else ()
            parts = [
                self._take(x, a, f"{name}[{i}]", counts)
                for i, (x, a) in enumerate(zip(items, inner, strict=True))
            ]
            return (type(arg), keys, *parts)
        if axis is None:
            numbers, key = signature.take_apart((arg,), {})
            first = len(self.shared)
            self.shared += numbers
            return ("shared", key, first, len(numbers))
        np = numpy()
        if not hasattr(arg, "shape") or not hasattr(arg, "dtype") or arg.ndim == 0:
            raise TypeError(
                f"{name} is {arg!r:.60}, of type {type(arg).__name__}, which has no rows: give an "
                "array (np.array(...)), or None for it in in_axes"
            )
        if isinstance(axis, bool) or not isinstance(axis, int) or not -arg.ndim <= axis < arg.ndim:
            raise ValueError(f"{name} has shape {arg.shape}: there is no axis {axis!r} in it")
        moved = np.moveaxis(np.asarray(arg), axis, 0)
        if counts and counts[0] != len(moved):
            raise ValueError(
                f"{name} has {len(moved)} rows along axis {axis}, the arguments before it "
                f"{counts[0]}: all must have as many"
            )
        counts.append(len(moved))
        shape = moved.shape[1:]
        if moved.dtype == object:
            self.values = self.values or any(isinstance(x, Value) for x in moved.ravel().tolist())
            flat = np.array([getattr(x, "_data", x) for x in moved.ravel().tolist()], dtype=float)
            self.objects.append(moved)
        else:
            flat = np.ascontiguousarray(moved, dtype=float)
            self.objects.append(None)
        self.shapes.append(shape)
        self.columns.append(
            np.ascontiguousarray(flat.reshape((len(moved), -1) if shape else (len(moved),)))
        )
        return ("rows", len(self.columns) - 1)

    def arguments(self, columns: Sequence[Any], shared: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments of f from a row of each column and what is shared."""
        return tuple(self._build(part, columns, shared) for part in self.key)

    def _build(self, key: Any, columns: Sequence[Any], shared: Sequence[Any]) -> Any:
        if key[0] == "rows":
            return columns[key[1]]
        if key[0] == "shared":
            _, inner, first, size = key
            return signature.build(inner, iter(shared[first : first + size]))[0][0]
        parts = [self._build(part, columns, shared) for part in key[2:]]
        return dict(zip(key[1], parts, strict=True)) if issubclass(key[0], dict) else key[0](parts)

    def of_row(self, stand_ins: list[Value]) -> Any:
        """The function of a row of each column; what is shared are Values of its own."""
        key, build, f = self.key, self._build, self.f

        def row(*columns: Any) -> Any:
            return f(*[build(part, columns, stand_ins) for part in key])

        row.__name__ = self.name
        return row

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

    def row(self, i: int) -> tuple[Any, ...]:
        """The arguments of one row as they are."""
        columns = [
            (given if given is not None else column)[i].reshape(shape)
            if shape
            else (given[i] if given is not None else float(column[i]))
            for column, given, shape in zip(self.columns, self.objects, self.shapes, strict=True)
        ]
        return self.arguments(columns, self.shared)

    def stacked(self, results: Sequence[Any]) -> Any:
        """The results of all rows as one, with a first axis for the rows."""
        taken = [take_apart(result, f"the result of {self.name}") for result in results]
        if not taken:
            return numpy().empty(0)
        form = taken[0][1]
        for _, other in taken:
            if [size_of(x) for x in leaves(other)] != [size_of(x) for x in leaves(form)]:
                raise ValueError(
                    f"{self.name} returns results of different shapes for different rows"
                )
        at, stacks = 0, []
        for leaf in leaves(form):
            flat = [x for numbers, _ in taken for x in numbers[at : at + leaf.size]]
            stacks.append(stack(flat, (len(taken), *shape_of(leaf))))
            at += leaf.size
        return assemble(form, iter(stacks))


def row_key(shape: tuple[int, ...]) -> Any:
    """The key of a row of a column."""
    return ("array", shape, None) if shape else signature.FLOAT


def shape_of(leaf: Form) -> tuple[int, ...]:
    return leaf.shape if isinstance(leaf, Array) else ()


def size_of(leaf: Form) -> Any:
    return shape_of(leaf)


def stack(flat: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats, or of Values where there is one that has parents."""
    if any(isinstance(x, Value) and x.parents for x in flat):
        return signature.array_of(flat, shape)
    return numpy().array([getattr(x, "_data", x) for x in flat], dtype=float).reshape(shape)


def stacked_numbers(outputs: Any, recording: Recording, rows: int) -> Any:
    """The same where one recording served all rows: without a look at each."""
    np, columns = numpy(), {}
    for k, place in enumerate(recording.which):
        columns[place] = outputs[:, k]
    at, stacks = 0, []
    for leaf in leaves(recording.form):
        parts = [columns.get(at + i) for i in range(leaf.size)]
        whole = [
            np.full(rows, getattr(recording.outs[at + i], "_data", recording.outs[at + i]))
            if part is None
            else part
            for i, part in enumerate(parts)
        ]
        if isinstance(leaf, Array):
            stacks.append(
                np.stack(whole, axis=1).reshape((rows, *leaf.shape))
                if prod(leaf.shape)
                else np.empty((rows, *leaf.shape))
            )
        else:
            stacks.append(np.ascontiguousarray(whole[0]))
        at += leaf.size
    return assemble(recording.form, iter(stacks))
