"""Value: a number that records its parents and local derivatives; backward() follows them home.

This is the page to read. An operation on Values computes a float, and makes a node that remembers
its parents and, for each, the local derivative: how fast the result changes when that parent does.
`backward()` walks the nodes from the last made to the first and applies the chain rule to each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress, count
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import copying, hooks
from autograd.modes import compared, modes, recorder, recorders, recording, touched, watched
from autograd.operation import Operation
from autograd.real import as_float
from autograd.scope import call_of, calls, here, path_of

if TYPE_CHECKING:
    from autograd.steps import Steps

births = count()
new = object.__new__


class Value:
    """A number that remembers how it was made.

    Value(2.0, name="x") is a leaf; Value(data, parents, local_grads) a node made by hand. A
    `label` is a name (see `compat.py`).

    >>> from autograd import Value
    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> loss = a * b + a
    >>> loss.backward()
    >>> a.grad, b.grad
    (-2.0, 2.0)

    Raises TypeError for data that is not one real number, or parents that are not Values.
    """

    # One or two inputs are kept in place: a parent with its local derivative, or None with the
    # constant that stands there. Any other number of them is kept in tuples.
    __slots__ = (
        "_birth",
        "_by_x",
        "_by_y",
        "_call",
        "_data",
        "_grad",
        "_hooks",
        "_local_grads",
        "_name",
        "_operands",
        "_operation",
        "_parents",
        "_x",
        "_y",
    )

    def __init__(
        self,
        data: Any,
        parents: Iterable[Value] = (),
        local_grads: Iterable[float] = (),
        *,
        name: str | None = None,
        label: str | None = None,
    ) -> None:
        self._data, self._grad = as_float(data), 0.0
        self.name = label if name is None else name
        self._operation = self._x = self._y = None
        self._parents, self._local_grads = checked_edges(Value, parents, local_grads)
        self._operands = self._parents
        self._birth = next(births)
        self._call = here() if calls else None

    # data and grad are floats always; names are text, so that nothing can point back at its node
    data = property(
        lambda v: read(v) if recorders else v._data, lambda v, x: write(v, x), doc="The number."
    )
    grad = property(
        attrgetter("_grad"), lambda v, x: setattr(v, "_grad", as_float(x)), doc="∂loss/∂self."
    )
    name = property(
        attrgetter("_name"),
        lambda v, x: setattr(v, "_name", text_or_none(x)),
        doc="What pictures call it.",
    )
    scope = property(
        lambda v: path_of(v._call),
        lambda v, path: setattr(v, "_call", call_of(path)),
        doc="The path of the scope it was made in, '' outside of any.",
    )
    operation = property(attrgetter("_operation"), doc="The row of the table, None for a leaf.")
    op = property(
        lambda v: v.operation.name if v.operation else "",
        doc="The operation's name, '' for a leaf.",
    )

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """The operation's inputs in order: Values, and the constants as plain floats."""
        if self._operands is not None:
            return self._operands
        pairs = ((self._x, self._by_x), (self._y, self._by_y))[: len(self._operation.inputs)]
        return tuple(constant if parent is None else parent for parent, constant in pairs)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values it was computed from."""
        if self._parents is not None:
            return self._parents
        return tuple(parent for parent in (self._x, self._y) if parent is not None)

    @property
    def local_grads(self) -> tuple[float, ...]:
        """∂self/∂parent for each parent: the local derivatives."""
        if self._local_grads is not None:
            return self._local_grads
        pairs = ((self._x, self._by_x), (self._y, self._by_y))
        return tuple(local_grad for parent, local_grad in pairs if parent is not None)

    def history(self) -> list[Value]:
        """Every Value this one was computed from, in the order they were made: self is the last."""
        seen, frontier = {self}, [self]
        while frontier:
            node = frontier.pop()
            for parent in node._parents or (node._x, node._y):
                if parent is not None and parent not in seen:
                    seen.add(parent)
                    frontier.append(parent)
        return sorted(seen, key=attrgetter("_birth"))

    def backward(self, seed: float = 1.0, create_graph: bool = False) -> None:
        """Compute ∂self/∂v for every v in the history: added to the grad of leaves, else set.

        The multivariate chain rule: v reaches self through each node it is a parent of, and
        ∂self/∂v is the sum over those nodes of ∂self/∂node · ∂node/∂v. With `create_graph` the
        grads of leaves are Values, which can be differentiated again, until they are set anew.

        Raises RuntimeError if self was computed without recording, so that nothing leads back.
        """
        if create_graph or hooks.used or modes or recorders:
            return self._sweep_back(seed, create_graph)
        seed, history = as_float(seed), self.history()
        if self._operation and not self.operands:
            self._nothing_to_differentiate()
        leaves = [(v, v._grad) for v in history if not (v._operation or v._parents)]
        for node in history:
            node._grad = 0.0
        self._grad = seed
        try:
            for node in reversed(history):
                grad = node._grad
                if grad == 0:  # nothing to pass on: not even 0 * inf, which would be nan
                    continue
                if node._x is not None:
                    node._x._grad += node._by_x * grad
                if node._y is not None:
                    node._y._grad += node._by_y * grad
                if node._parents is not None:
                    for parent, local_grad in zip(node._parents, node._local_grads):
                        parent._grad += local_grad * grad
        finally:
            for leaf, before in leaves:  # added as a whole: twice the same doubles it exactly
                leaf._grad += before

    def _sweep_back(self, seed: float, create_graph: bool) -> None:
        """What backward() does, where more is asked of it than numbers."""
        from autograd import sweeps

        sweeps.backward(self, seed, create_graph)

    def _nothing_to_differentiate(self) -> NoReturn:
        raise RuntimeError(
            f"backward() from a result of {self.op!r} that has no parents: it was computed "
            "under no_grad() or from plain numbers; compute it outside no_grad, from Values"
        )

    def steps(self) -> Steps:
        """The forward pass, the seed and the backward pass, one step at a time, as plain data.

        >>> from autograd import Value
        >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
        >>> L = a * b; L.name = "L"
        >>> print(L.steps())
        a = 2
        b = −3
        L = a × b = 2 × −3 = −6
        ∂L/∂L = 1
        L (multiply) passes on its gradient 1
          ∂L/∂a += ∂L/∂a · ∂L/∂L = −3 × 1 = −3
          ∂L/∂b += ∂L/∂b · ∂L/∂L = 2 × 1 = 2
        """
        from autograd.steps import Steps

        return Steps(self)

    def detach(self) -> Value:
        """A new leaf with the same data: gradients stop here."""
        if recorders and recorder():
            return self.constant()  # type: ignore[attr-defined,no-any-return]
        return type(self)(self._data, name=self.name)

    # Values compare as their numbers do, so that `if` works; as keys they are themselves
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return self != 0.0 if recorders else self._data != 0

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        op = f", op={self.op!r}" if self.op else ""
        return f"Value(data={self._data!r}, grad={self.grad!r}{name}{op})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __float__(self) -> NoReturn:
        raise TypeError(
            "a Value does not turn into a plain number by itself: its gradient would be lost; use "
            "v.data for the number, or autograd.exp(v), v.exp(), … instead of math.exp(v)"
        )

    __int__ = __index__ = __trunc__ = __floor__ = __ceil__ = __complex__ = __float__

    def __round__(self, digits: int | None = None) -> NoReturn:
        self.__float__()

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError(
            "Value cannot be subclassed; keep a Value in an attribute of your own class"
        )

    def __pos__(self) -> Value:
        return self

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Value:
        """The node of an operation on Values and numbers: what every operator comes down to."""
        kind = type(self)
        inputs, wanted = tuple(operands), None
        try:
            numbers = [inputs[len(inputs) // 2]._data]  # the first x of a dot: often a plain float
            numbers = [x._data for x in inputs]
        except AttributeError:
            inputs = tuple([x if type(x) in (kind, float) else as_float(x) for x in inputs])
            numbers = [x if type(x) is float else x._data for x in inputs]
            wanted = [type(x) is kind for x in inputs]
        out = operation.compute(numbers)
        if modes and not recording():
            return watched(kind._node(operation, out, (), (), ()))
        local_grads = tuple(operation.partials(numbers, out, wanted))
        parents = tuple(compress(inputs, wanted)) if wanted else inputs
        if operation.selects and recorders and type(inputs[0]) is kind:
            compared(inputs[0], 0.0, "!=", numbers[0] != 0)
        if operation.selects:  # what was not chosen stays behind as a number
            chosen = iter(local_grads)
            inputs = tuple(x if type(x) is float or next(chosen) else x._data for x in inputs)
            parents = tuple(compress(parents, local_grads))
            local_grads = tuple(filter(None, local_grads))
        made = kind._node(operation, out, inputs, parents, local_grads)
        return watched(made) if modes else made

    def _keep_grad(self, grad: Value) -> None:
        """Let the gradient be a Value, until it is set anew."""
        self._grad = grad

    register_hook = hooks.register_hook
    __copy__, __deepcopy__, __reduce__ = copying.copy, copying.deepcopy, copying.reduce


def node(
    operation: Operation | None,
    data: float,
    operands: tuple[Any, ...] | None,
    parents: tuple[Value, ...] | None,
    local_grads: tuple[float, ...] | None,
) -> Value:
    """A Value from parts that are known to be right."""
    v = new(Value)
    v._data = data
    v._grad = 0.0
    v._operation = operation
    v._operands = operands
    v._parents = parents
    v._local_grads = local_grads
    v._x = v._y = v._name = None
    v._birth = next(births)
    v._call = here() if calls else None
    return v


def checked_edges(kind: type, parents: Any, local_grads: Any) -> tuple[Any, Any]:
    """The parents and local derivatives of a node made by hand: none for a leaf."""
    if isinstance(local_grads, str):
        raise TypeError(
            f"the third argument is the local derivatives, one per parent, got {local_grads!r}; "
            "a node made by hand is Value(data, parents, local_grads)"
        )
    parents, local_grads = tuple(parents), tuple(map(as_float, local_grads))
    for parent in parents:
        if type(parent) is not kind:
            raise TypeError(
                f"parents must be Values, got {parent!r}; wrap a number: Value({parent!r})"
            )
    if len(parents) != len(local_grads):
        raise ValueError(
            "a node needs one local derivative per parent, got "
            f"{len(parents)} parents and {len(local_grads)} local derivatives"
        )
    return parents, local_grads


def read(v: Value) -> float:
    """The number taken out of its Value, which a recorder wants to know."""
    touched(v, "read")
    return v._data


def write(v: Value, x: Any) -> None:
    """Another number, put into a Value."""
    v._data = as_float(x)
    if recorders:
        touched(v, "set")


Value._node = staticmethod(node)  # what shared code makes nodes of its own engine with


def text_or_none(name: Any) -> str | None:
    if name is None or isinstance(name, str):
        return name
    raise TypeError(f"a name is text or None, got {name!r} of type {type(name).__name__}")
