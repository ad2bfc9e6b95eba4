"""Module: a model, or a part of one, that finds its own parameters."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from itertools import groupby
from reprlib import recursive_repr
from typing import Any, Self

from autograd import Value, no_grad, scope, vmap
from autograd.loops import zero_grad

from .saving import read_model, write_model
from .state import MismatchedKeys, check_state

NOT_KEPT = ("_mapped", "_scope")
in_use: ContextVar[bool] = ContextVar("in_use", default=False)  # whatever `training` says


class Module:
    """A model, or a part of one, that finds its own parameters.

    Write a subclass, put Values and other modules on it as attributes, and define `forward`:
    calling the module calls `forward`. (A subclass with a `__call__` of its own works, too.) There
    is nothing to register and no `super().__init__()` to remember.

    The parameters are the leaf Values (made by hand, not computed) found on the attributes in the
    order they were set: directly, in lists, tuples, dicts and object arrays, and in the modules
    found there. What is reachable by two ways is counted once, under the first.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.offset = Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data
    7.0
    >>> line
    Line() (2 parameters)
    >>> line.state_dict()
    {'slope': 2.0, 'offset': 1.0}
    """

    _training = True
    _scope: scope | None = None

    @property
    def training(self) -> bool:
        """Whether the module is trained now, and not used; see `train` and `eval`."""
        return self._training and not in_use.get()

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = bool(mode)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return (self._scope or self._named()).run(self.forward, args, kwargs)

    def _named(self) -> scope:
        """Name what is computed in a model by its classes and paths, when it is called first."""
        self._scope = scope(type(self).__name__)
        with self._scope:
            paths = {"": scope.path()}
        for path, part in parts(self):
            around = max((p for p in paths if path.startswith(f"{p}." if p else "")), key=len)
            name = path[len(around) :].lstrip(".")
            if isinstance(part, Module):
                part._scope, paths[path] = scope(name), f"{paths[around]}/{name}"
            else:
                part.scope = paths[around]
        return self._scope

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes. Every subclass defines its own."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say what it computes: define forward(self, inputs)"
        )

    def predict(self, X: Any) -> Any:
        """The model's answers to many rows, as plain numbers, in eval mode: nothing is recorded.

        A list of rows gives a list, an array of rows an array. Arrays without nan are replayed: the
        model is recorded once, and run over all rows at native speed.
        """
        with evaluating():
            return self._answers(X)

    def _answers(self, X: Any) -> Any:
        """What `predict` says, in the mode that the model is in."""
        if not hasattr(X, "__array__") and not (isinstance(X, memoryview) and find_spec("numpy")):
            with no_grad():
                return [numbers(self(row)) for row in (X.tolist() if hasattr(X, "tolist") else X)]
        import numpy as np

        rows = np.asarray(X)
        with no_grad():
            plain = rows.ndim == 2 and rows.dtype.kind in "fiub" and rows.size > 0
            if plain and not np.isnan(rows).any():
                found = self._over_rows()(rows)
                return np.stack(found, axis=-1) if isinstance(found, list) else found
            return np.array([numbers(self(row)) for row in rows.tolist()])

    def _over_rows(self) -> Any:
        """The module over many rows, with what was recorded of it."""
        if "_mapped" not in vars(self):
            self._mapped = vmap(self)
        return self._mapped

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled and copied: all but recordings, and the name in another model."""
        return {name: thing for name, thing in vars(self).items() if name not in NOT_KEPT}

    def parameters(self) -> list[Value]:
        """The parameters, each once, in definition order."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Pairs of path and parameter, such as ("layers.0.neurons.2.weights.1", Value)."""
        return ((path, part) for path, part in parts(self) if isinstance(part, Value))

    def modules(self) -> list[Module]:
        """This module and every module in it, each once."""
        return [self, *(part for _, part in parts(self) if isinstance(part, Module))]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as is due before each backward pass."""
        zero_grad(self.parameters())

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in every module inside; returns the module itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The same as `train(False)`: the model is used from now on, not trained."""
        return self.train(False)

    def buffers(self) -> dict[str, list[float]]:
        """Lists of numbers that training changes beside the parameters, by their names.

        A module that has some, such as running means, defines this; they are saved with it.
        """
        return {}

    def named_buffers(self) -> Iterator[tuple[str, list[float]]]:
        """Pairs of path and list, of this module and every module in it."""
        modules = [("", self), *((path, p) for path, p in parts(self) if isinstance(p, Module))]
        for path, module in modules:
            for name, numbers in module.buffers().items():
                yield f"{path}.{name}" if path else name, numbers

    def state_dict(self) -> dict[str, float]:
        """The parameters as plain numbers by path, and the buffers: all that training has changed.

        Raises ValueError when two parameters have the same path (a dot in a dict's key).
        """
        state: dict[str, float] = {}
        for path, parameter in self.named_parameters():
            if path in state:
                raise ValueError(
                    f"two parameters are called {path!r}: rename one of the keys that lead there"
                )
            state[path] = parameter.data
        for path, numbers in self.named_buffers():
            state |= {f"{path}.{i}": x for i, x in enumerate(numbers)}
        return state

    def load_state_dict(self, state: Mapping[str, float], strict: bool = True) -> MismatchedKeys:
        """Take over the numbers of a `state_dict`, into the parameters that are there.

        Everything is checked first: if anything is wrong, nothing has changed. With
        `strict=False` the paths that only one side has are left out, and returned.

        Raises ValueError naming the paths that are missing, unknown, or not a finite number.
        """
        mismatched = check_state(state, self.state_dict(), type(self).__name__, strict)
        for path, parameter in self.named_parameters():
            if path in state:
                parameter.data = state[path]
        for path, numbers in self.named_buffers():
            numbers[:] = [state.get(f"{path}.{i}", x) for i, x in enumerate(numbers)]
        return mismatched

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters and this module's description to a JSON file, in one step.

        The file is complete or not there: an older file stays until the new one is written.

        Raises ValueError if a parameter is not a finite number, OSError if the file can't be
        written.
        """
        write_model(path, repr(self), self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> Self:
        """Take over the parameters that `save` wrote; returns the module itself.

        Raises ValueError, and changes nothing, if the file is damaged or from another model.
        """
        state = read_model(path, repr(self))
        try:
            self.load_state_dict(state)
        except (ValueError, TypeError) as problem:
            raise ValueError(f"{os.fspath(path)}: {problem}") from None
        return self

    def extra_repr(self) -> str:
        """One line that describes the module; a module without one is shown by its parts."""
        return ""

    @recursive_repr()
    def __repr__(self) -> str:
        count = len(self.parameters())
        lines = [] if self.extra_repr() else describe_parts(self)
        inside = "\n" + "".join(f"  {line}\n" for line in lines) if lines else self.extra_repr()
        return f"{type(self).__name__}({inside}) ({count} parameter{'s' * (count != 1)})"


@contextmanager
def evaluating() -> Iterator[None]:
    """Every module in eval mode for a while: nothing is drawn, and no batch is needed."""
    token = in_use.set(True)
    try:
        yield
    finally:
        in_use.reset(token)


def numbers(answer: Any) -> Any:
    """An answer with the numbers of its Values."""
    if isinstance(answer, (list, tuple)):
        return [numbers(part) for part in answer]
    return answer.data if isinstance(answer, Value) else answer


def parts(module: Module) -> list[tuple[str, Value | Module]]:
    """Path and object of every leaf Value and module inside `module`, each once, in order."""
    found: list[tuple[str, Value | Module]] = []
    seen: dict[int, Any] = {id(module): module}  # by id, each held so that no other gets its id
    around: list[tuple[str, Iterator[tuple[Any, Any]]]] = [("", iter(vars(module).items()))]
    while around:
        prefix, items = around[-1]
        for key, thing in items:
            if id(thing) in seen:
                continue
            if isinstance(thing, Value):
                if not thing.parents:
                    seen[id(thing)] = thing
                    found.append((f"{prefix}{key}", thing))
            elif (inside := contents(thing)) is not None:
                seen[id(thing)] = thing
                path = f"{prefix}{key}"
                if isinstance(thing, Module):
                    found.append((path, thing))
                around.append((f"{path}.", iter(inside)))
                break
        else:
            around.pop()
    return found


def contents(thing: Any) -> Iterable[tuple[Any, Any]] | None:
    """Key and value of everything a module or container holds, None for anything else."""
    if isinstance(thing, Module):
        return vars(thing).items()
    if isinstance(thing, dict):
        return thing.items()
    if isinstance(thing, (list, tuple)):
        return enumerate(thing)
    if getattr(getattr(thing, "dtype", None), "hasobject", False):  # a NumPy array of Values
        return enumerate(thing.tolist())
    return None


def describe_parts(module: Module) -> list[str]:
    """A description of each module directly inside; a run of equal ones shares one line."""
    children: list[tuple[str, str]] = []
    inside = None
    for path, part in parts(module):
        if isinstance(part, Module) and not (inside and path.startswith(inside)):
            children.append((path, repr(part)))
            inside = f"{path}."
    lines = []
    for text, run in groupby(children, key=lambda child: child[1]):
        paths = [path for path, _ in run]
        if len(paths) > 1:
            lines.append(f"({paths[0]} to {paths[-1]}): {len(paths)} × {text}")
        else:
            lines.append(f"({paths[0]}): {text}")
    return [line for text in lines for line in text.split("\n")]
