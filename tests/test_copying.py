"""Copies and pickles keep the graph whole and its gradients working. Pitfall 24."""

import copy
import gc
import io
import pickle
import threading

import pytest

import autograd
from autograd import Value, custom, exp, no_grad, ops, where

bell = custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out, name="bell")


def example():
    """A graph with every kind of node, and its leaves."""
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    hidden = (a * b + 1.5).tanh()
    hidden.name = "hidden"
    chosen = where(a > b, a, b) * 2 - autograd.clip(b, -1, a)
    reduced = autograd.dot([a, 2.0], [b, hidden], chosen) + autograd.softmax([a, b, 0.5])[1]
    by_hand = Value(1.0, (reduced, a), (0.5, -1.0))
    taken = autograd.take([a, b, reduced], a - a + 2) + autograd.shift([a, b]) * a.constant()
    loss = bell(hidden) + by_hand**2 - taken / 4
    loss.name = "loss"
    return a, b, hidden, loss


def described(loss):
    """All that a graph consists of, in plain data."""
    history = loss.history()
    place = {node: index for index, node in enumerate(history)}
    return [
        (
            node.data,
            node.grad,
            node.name,
            node.op,
            [place[parent] for parent in node.parents],
            node.local_grads,
            [x if isinstance(x, float) else place[x] for x in node.operands],
        )
        for node in history
    ]


def by_pickle(protocol):
    return lambda x: pickle.loads(pickle.dumps(x, protocol))


def by_python_pickle(x):
    """The pickler written in Python, which fetches items in another way than the one in C."""
    return pickle.loads(pickle._dumps(x))


WAYS = {
    "deepcopy": copy.deepcopy,
    "python pickle": by_python_pickle,
    **{f"pickle {p}": by_pickle(p) for p in range(pickle.HIGHEST_PROTOCOL + 1)},
}
each_way = pytest.mark.parametrize("copied", WAYS.values(), ids=WAYS)


@each_way
def test_the_copy_is_the_same_graph(copied):
    *_, loss = example()
    loss.backward()
    twin = copied(loss)
    assert described(twin) == described(loss)
    assert not set(twin.history()) & set(loss.history())


@each_way
def test_backward_on_the_copy_reaches_the_copied_leaves(copied):
    """Pitfall 24: and not the others."""
    a, b, _, loss = example()
    twin = copied(loss)
    leaves = [node for node in twin.history() if not node.parents]
    twin.backward()
    assert (a.grad, b.grad, loss.grad) == (0.0, 0.0, 0.0)
    loss.backward()
    assert [leaf.grad for leaf in leaves] == [a.grad, b.grad]
    assert a.grad != 0.0 and b.grad != 0.0
    twin.backward()
    assert [leaf.grad for leaf in leaves] == [2 * a.grad, 2 * b.grad]


@each_way
def test_sharing_is_kept_inside_one_copy(copied):
    a, b, hidden, loss = example()
    for things in ([a, b, hidden, loss], [loss, hidden, b, a], [hidden, loss, a, b, loss]):
        twins = copied(things)
        found = {twin.name: twin for twin in twins}
        history = found["loss"].history()
        assert all(any(twin is node for node in history) for twin in twins)
        assert found["hidden"] is next(node for node in history if node.name == "hidden")
        assert len({id(twin) for twin in twins}) == len(found) == 4


@each_way
def test_a_copy_can_be_computed_with(copied):
    a, _, _, loss = example()
    twins = copied([a, loss])
    out = twins[1] * twins[0] + twins[0]
    assert out.history()[-1] is out
    out.backward()
    assert twins[0].grad != 0.0 and twins[1].grad == 2.0


@each_way
@pytest.mark.parametrize("length", [1, 2, 998, 999, 1000, 1001, 1999, 2000, 2001, 5000])
def test_chains_of_any_length(copied, length):
    """Picklers write lists a thousand items at a time: not one node may fall between two."""
    start = y = Value(1.0)
    for _ in range(length):
        y = y + start
    twin = copied(y)
    twin.backward()
    first = twin.history()[0]
    assert (twin.data, first.grad, len(twin.history())) == (length + 1.0, length + 1.0, length + 1)


@each_way
def test_leaves_and_results_without_a_graph(copied):
    leaf = Value(2.0, name="x")
    leaf.grad = 3.0
    twin = copied(leaf)
    assert (twin.data, twin.grad, twin.name, twin.parents) == (2.0, 3.0, "x", ())
    assert twin is not leaf
    with no_grad():
        unrecorded = leaf * leaf
    with pytest.raises(RuntimeError, match="no parents"):
        copied(unrecorded).backward()


@each_way
def test_a_branch_not_taken_is_not_copied(copied):
    """Pitfall 24: however deep it is."""
    x = deep = Value(1.0)
    for _ in range(20_000):
        deep = deep + 1.0
    out = where(x > 0, x * 2, deep)
    twin = copied(out)
    assert len(twin.history()) == 3
    assert twin.operands[2] == 20_001.0


def test_a_shallow_copy_has_the_same_parents():
    a, *_, loss = example()
    twin = copy.copy(loss)
    assert twin is not loss
    assert (twin.data, twin.name, twin.op) == (loss.data, "loss", loss.op)
    assert all(x is y for x, y in zip(twin.parents, loss.parents, strict=True))
    twin.backward()
    assert a.grad != 0.0
    leaf = copy.copy(a)
    leaf.data = 9.0
    assert (a.data, leaf.name) == (2.0, "a")


def test_deepcopy_shares_what_was_copied_before():
    a, _, _, loss = example()
    memo = {}
    twin = copy.deepcopy(a, memo)
    assert copy.deepcopy(loss, memo).history()[0] is twin


def test_two_graphs_in_one_file():
    """One pickler, several dumps: what was written is remembered."""
    a, _, _, loss = example()
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    for thing in (loss, a, loss * 2):
        pickler.dump(thing)
    deep = Value(1.0)
    for _ in range(5000):
        deep = deep + 1.0
    pickler.dump(deep)
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    first, leaf, second, last = (unpickler.load() for _ in range(4))
    assert leaf is first.history()[0] and second.parents[0] is first
    assert last.data == 5001.0


def test_a_pickle_that_fails_does_not_spoil_the_next():
    """Pitfall 24: an operation without a name of its own cannot be found again, and says so."""
    nameless = custom(lambda x: x * x, lambda x, out: 2 * x)
    y = x = Value(2.0)
    for _ in range(3):
        y = nameless(y)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(y)
    for _ in range(5000):
        x = x + 1.0
    assert pickle.loads(pickle.dumps(x)).data == 5002.0


def test_threads_pickle_at_once():
    def work():
        start = y = Value(1.0)
        for _ in range(3000):
            y = y + start
        barrier.wait()
        results.append(pickle.loads(pickle.dumps(y)).data)

    results, barrier = [], threading.Barrier(4)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [3001.0] * 4


def test_operations_are_the_same_after_a_pickle():
    x = Value(0.5)
    assert pickle.loads(pickle.dumps(bell(x))).operation is bell
    assert pickle.loads(pickle.dumps(x.sin())).operation is ops.sin


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle(5)], ids=["deepcopy", "pickle"])
def test_a_chain_of_a_million(copied):
    """Pitfalls 1 and 24: without recursion."""
    start = y = Value(1.0)
    for _ in range(10**6):
        y = y + 1.0
    gc.disable()  # millions of tuples: it would look at them again and again
    try:
        twin = copied(y)
    finally:
        gc.enable()
    twin.backward()
    history = twin.history()
    assert (twin.data, history[0].grad, len(history)) == (1000001.0, 1.0, 10**6 + 1)
    assert start.grad == 0.0
