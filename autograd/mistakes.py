"""Backpropagation done wrong, on your own graph: where the numbers go wrong first, and by how much.

>>> from autograd import Value, mistakes
>>> a = Value(3.0, name="a")
>>> b = a * a; b.name = "b"
>>> print(mistakes.overwrite(b))
overwrite: parent.grad = … where it should be parent.grad += …
  first wrong at a: 3 instead of 6 (−3, × 0.5); 1 of 2 nodes is wrong

Each function takes a loss and returns a Mistake; `mistakes.all(loss)` makes them all. Data and
gradients of the graph are neither used nor changed: everything is computed from the local
derivatives. "First" is meant in the order of backpropagation, from the loss down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.explanation.paths import Routes, counted, gradients, history_of, routes
from autograd.explanation.report import Mistake, Mistakes, compared, passed_on, seeded
from autograd.explanation.visits import follow, number_of_calls, visits

if TYPE_CHECKING:
    from autograd.value import Value

LIMIT = 1_000_000  # calls after which a recursion is stopped
ORDERS = ("depth first", "breadth first", "forward")


def recursion(loss: Value, limit: int = LIMIT) -> Mistake:
    """Follow each path on its own: right, but as many calls as there are paths.

    def backward(v, grad):
        v.grad += grad
        for parent, local_grad in zip(v.parents, v.local_grads):
            backward(parent, local_grad * grad)

    >>> from autograd import Value, mistakes
    >>> x = y = Value(1.0, name="x")
    >>> for _ in range(100):
    ...     y = y * y
    >>> mistakes.recursion(y, limit=1000).calls == 2**101 - 1
    True
    """
    way = whole(loss, "mistakes.recursion(loss)")
    numbers, stopped = follow(way, checked(limit), recount=False)
    why = "each path is followed on its own, and their sum is right"
    return compared(
        way,
        "recursion",
        "backward() calls itself for each parent and follows each path on its own",
        numbers,
        f"{why}; it only takes too long" if reused(way) else f"{why}; no node is used twice",
        calls=number_of_calls(way),
        stopped=stopped,
    )


def recounting(loss: Value, limit: int = LIMIT) -> Mistake:
    """Recurse like that, but pass on v.grad: what came before is passed on again at each visit.

    def backward(v, grad):
        v.grad += grad
        for parent, local_grad in zip(v.parents, v.local_grads):
            backward(parent, local_grad * v.grad)
    """
    way = whole(loss, "mistakes.recounting(loss)")
    numbers, stopped = follow(way, checked(limit), recount=True)
    return compared(
        way,
        "recounting",
        "backward() calls itself for each parent and passes on all of v.grad at every visit",
        numbers,
        unless_reused(way, "nothing is passed on twice", "passing it on again adds 0 here"),
        calls=number_of_calls(way),
        stopped=stopped,
    )


def overwrite(loss: Value) -> Mistake:
    """Write `=` where `+=` belongs: of a node that is used twice only one use counts."""
    way = whole(loss, "mistakes.overwrite(loss)")
    numbers = seeded(way)
    for i in reversed(range(len(numbers))):
        for parent, _, local_grad in way.edges[i]:
            numbers[parent] = passed_on(local_grad, numbers[i])
    return compared(
        way,
        "overwrite",
        "parent.grad = … where it should be parent.grad += …",
        numbers,
        unless_reused(way, "there is nothing to add up", "what is overwritten is 0 here"),
    )


def no_zeroing(loss: Value, steps: int = 2) -> Mistake:
    """Forget zero_grad(): after `steps` backward passes the leaves hold the sum of them all."""
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError(f"steps is how many backward passes to make, got {steps!r}; give an int")
    if steps < 1:
        raise ValueError(f"steps is how many backward passes to make, got {steps}; give 1 or more")
    way = whole(loss, "mistakes.no_zeroing(loss)")
    numbers = [
        grad if edges else steps * grad
        for grad, edges in zip(gradients(way), way.edges, strict=True)
    ]
    return compared(
        way,
        "no zeroing",
        f"{counted(steps, 'backward pass').replace('passs', 'passes')} without zero_grad() "
        "in between",
        numbers,
        "it takes a second step to go wrong"
        if steps == 1
        else "each gradient of a leaf is 0 or not finite",
    )


def wrong_order(loss: Value, order: str = "depth first") -> Mistake:
    """Visit each node once, but not after all its uses: it passes on what it has by then.

    order    "depth first": at once when it is reached, as a search does
             "breadth first": by its distance from the loss
             "forward": in the order of creation, which somebody forgot to reverse

    The number of a node is the one it passes on; of a leaf, the one it ends with.
    """
    if order not in ORDERS:
        raise ValueError(f"order is one of {', '.join(map(repr, ORDERS))}, got {order!r}")
    way = whole(loss, "mistakes.wrong_order(loss)")
    grads, numbers = seeded(way), [0.0] * len(way.nodes)
    for i in visits(way, order):
        numbers[i] = grads[i]
        for parent, _, local_grad in way.edges[i]:
            grads[parent] += passed_on(local_grad, grads[i])
    numbers = [n if edges else g for n, g, edges in zip(numbers, grads, way.edges, strict=True)]
    wrong = {
        "depth first": "each node is visited as soon as it is reached, depth first, once",
        "breadth first": "the nodes are visited by their distance from the loss",
        "forward": "the nodes are visited in the order of creation, not in reverse",
    }
    waited = "every node happens to come after all its uses in this order"
    return compared(
        way, f"wrong order, {order}", wrong[order], numbers, unless_reused(way, waited, waited)
    )


def all(loss: Value, limit: int = LIMIT) -> Mistakes:
    """All mistakes on the graph of one loss.

    >>> from autograd import Value, mistakes
    >>> x = Value(2.0, name="x")
    >>> h = x * x; h.name = "h"
    >>> loss = h * h.tanh(); loss.name = "loss"
    >>> print("\\n".join(str(mistakes.all(loss)).splitlines()[:9]))
    mistake                     first wrong at    right        got  nodes wrong  calls
    ──────────────────────────  ──────────────  ───────  ─────────  ───────────  ─────
    recursion                   —                                        0 of 4      8
    recounting                  x               4.01877    8.01609       1 of 4      8
    overwrite                   h               1.00469  0.0053638       2 of 4
    no zeroing                  x               4.01877    8.03754       1 of 4
    wrong order, depth first    h               1.00469   0.999329       2 of 4
    wrong order, breadth first  h               1.00469   0.999329       2 of 4
    wrong order, forward        v1                    4          0       3 of 4
    """
    return Mistakes(
        (
            recursion(loss, limit),
            recounting(loss, limit),
            overwrite(loss),
            no_zeroing(loss),
            *(wrong_order(loss, order) for order in ORDERS),
        )
    )


# -- what they have in common --------------------------------------------------------------------


def whole(loss: Any, caller: str) -> Routes:
    """Everything the loss was computed from."""
    return routes(loss, [node for node in history_of(loss, caller) if not node.parents])


def checked(limit: int) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit is after how many calls to stop, got {limit!r}; give an int")
    if limit < 1:
        raise ValueError(f"limit is after how many calls to stop, got {limit}; give 1 or more")
    return limit


def reused(way: Routes) -> bool:
    """Whether any node is used more than once."""
    uses = [parent for edges in way.edges for parent, _, _ in edges]
    return len(set(uses)) < len(uses)


def unless_reused(way: Routes, then: str, otherwise: str) -> str:
    return otherwise if reused(way) else f"no node is used more than once, so {then}"
