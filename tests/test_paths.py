"""Counting paths, and finding the largest without looking at the others."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.explanation.paths import counted, gradients, number_of_paths, routes
from autograd.explanation.search import largest, magnitude, times

LOCAL_GRADS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e200, -1e-200, math.inf, math.nan]


def graph(choose, size, local_grads=LOCAL_GRADS):
    """Nodes made by hand, with any local derivatives, and a loss that all lead to."""
    w = Value(1.0, name="w")
    nodes = [w]
    for _ in range(size):
        parents = [choose(nodes[-4:]) for _ in range(choose([1, 2, 2, 3]))]
        nodes.append(Value(1.0, parents, [choose(local_grads) for _ in parents]))
    return Value(1.0, nodes[-3:], [1.0] * len(nodes[-3:])), w


def enumerated(loss, w):
    """All paths, one by one: (local derivatives and slots from w on)."""
    found, waiting = [], [(loss, ())]
    while waiting:
        node, path = waiting.pop()
        if node is w:
            found.append(path)
        for slot, (parent, local_grad) in enumerate(
            zip(node.parents, node.local_grads, strict=True)
        ):
            waiting.append((parent, ((slot, local_grad), *path)))
    return found


def product(path):
    out = 1.0
    for _, local_grad in reversed(path):
        out = out * local_grad if out else out
    return out


@given(st.randoms(use_true_random=False), st.integers(1, 9), st.integers(1, 12))
def test_against_all_paths_one_by_one(rng, size, limit):
    finite = [x for x in LOCAL_GRADS if math.isfinite(x) and abs(x) < 1e100 and abs(x) != 1e-200]
    loss, w = graph(rng.choice, size, finite)
    way = routes(loss, [w])
    everything = enumerated(loss, w)
    assert number_of_paths(way) == len(everything)
    paths, rest = largest(way, limit)
    sizes = sorted((abs(product(path)) for path in everything), reverse=True)
    assert [abs(path.product) for path in paths] == sizes[:limit]
    seen = {tuple(zip(path.slots, path.local_grads, strict=True)) for path in paths}
    assert len(seen) == len(paths) and seen <= set(everything)
    others = [product(path) for path in everything if path not in seen]
    assert rest == pytest.approx(sum(others), abs=1e-9)
    assert gradients(way)[0] == pytest.approx(sum(map(product, everything)), abs=1e-9)


@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_any_local_derivatives(rng, size):
    """0, infinite and nan ones: each path once, the gradient as backward() has it."""
    loss, w = graph(rng.choice, size)
    way = routes(loss, [w])
    everything = enumerated(loss, w)
    paths, rest = largest(way, len(everything) + 1)
    assert rest == 0
    assert sorted(path.slots for path in paths) == sorted(
        tuple(slot for slot, _ in path) for path in everything
    )
    for path in paths:
        listed = tuple(zip(path.slots, path.local_grads, strict=True))
        assert repr(path.product) == repr(product(listed))
    loss.backward()
    assert repr(gradients(way)[0]) == repr(w.grad)


def test_the_same_paths_every_time():
    """Ties are broken by the order of the parents, not by chance."""
    loss, w = graph(random.Random(1).choice, 30, [1.0, -1.0])
    first, again = (largest(routes(loss, [w]), 20)[0] for _ in range(2))
    assert [path.slots for path in first] == [path.slots for path in again]


def test_products_beyond_the_doubles_are_ordered():
    w = Value(1.0)
    huge, tiny = (Value(1.0, (w,), (x,)) for x in (1e300, 1e-300))
    for _ in range(2):
        huge, tiny = (Value(1.0, (v,), (x,)) for v, x in ((huge, 1e300), (tiny, 1e-300)))
    paths, _ = largest(routes(Value(1.0, (tiny, huge), (1.0, 1e-300)), [w]), 1)
    assert paths[0].nodes[-2] is huge


def test_a_path_knows_its_nodes():
    w = Value(2.0, name="w")
    h = w * w
    y = h * w
    y.name = "y"
    (path,) = largest(routes(y, [w]), 1)[0]
    assert [id(node) for node in path.nodes] in ([id(w), id(y)], [id(w), id(h), id(y)])
    assert path.product == math.prod(path.local_grads) == 4.0
    assert repr(path).startswith("<path w → … → y of ")


def test_magnitudes():
    numbers = [0.0, 5e-324, 1e-300, 0.5, 1.0, -2.0, 1e300, math.inf, math.nan]
    sizes = list(map(magnitude, numbers))
    assert sizes == sorted(sizes)
    for x in numbers:
        multiplied = [times(magnitude(x), size) for size in sizes]
        assert multiplied == sorted(multiplied)
    assert times(magnitude(-3.0), magnitude(0.25)) == magnitude(0.75)


def test_a_ladder_of_a_hundred_thousand_squarings():
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * y
    count = number_of_paths(routes(y, [x]))
    assert count == 1 << 100_000
    assert counted(count, "path") == "9.990·10³⁰¹⁰² paths"


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 path"), (2, "2 paths"), (1234, "1\u2009234 paths"), (10**36, "1.000·10³⁶ paths")],
)
def test_counts(count, text):
    assert counted(count, "path") == text


def test_what_is_not_a_number_comes_first():
    """∞ · 0 is found as a path of size 0, but its product is nan."""
    w = Value(0.0, name="w")
    zero = Value(0.0, (w,), (0.0,))
    loss = Value(0.0, (w, zero, w), (2.0, math.inf, -3.0))
    paths, rest = largest(routes(loss, [w]), 3)
    assert [repr(path.product) for path in paths] == ["nan", "-3.0", "2.0"]
    assert rest == 0.0
    assert times(magnitude(0.0), magnitude(math.inf)) == magnitude(0.0)
