"""no_grad: computing without recording. Pitfall 32."""

import threading

import pytest

import autograd
from autograd import Value, no_grad
from autograd.modes import recording

x = Value(3.0)


def records():
    """Whether an operation of each kind records its parents; all must agree."""
    with_parents = {
        bool(out.parents)
        for out in (
            x * x,
            x * 2,
            2 * x,
            2 - x,
            -x,
            x.exp(),
            x**0.5,
            x / 0,
            x.clip(0, 1),
            autograd.sum([x, x, 1.0]),
            autograd.dot([x], [2.0]),
            autograd.softmax([x, 1.0])[0],
            autograd.where(True, x, 1.0),
            autograd.hypot(3.0, x),
        )
    }
    (answer,) = with_parents
    assert answer is recording()
    return answer


def test_results_have_data_but_no_parents():
    with no_grad():
        y = (x * 2).exp()
    assert (y.parents, y.local_grads, y.operands, y.op) == ((), (), (), "exp")
    assert y.data == autograd.exp(6.0)
    assert y.history() == [y]


def test_it_ends():
    assert records()
    with no_grad():
        assert not records()
    assert records()


def test_it_nests():
    """Pitfall 32."""
    with no_grad():
        with no_grad():
            assert not records()
        assert not records()
    assert records()


def test_one_object_can_be_used_again_and_inside_itself():
    pause = no_grad()
    for _ in range(2):
        with pause, pause:
            assert not records()
        assert records()


def test_an_error_ends_it():
    """Pitfall 32."""
    with pytest.raises(ZeroDivisionError), no_grad(), no_grad():
        1 / 0  # noqa: B018
    assert records()


def test_as_a_decorator():
    """Pitfall 32."""

    @no_grad()
    def answer(n):
        """Docs."""
        assert not records()
        return answer(n - 1) if n else "done"

    assert answer(2) == "done"
    assert records()
    assert (answer.__name__, answer.__doc__) == ("answer", "Docs.")


def test_a_decorated_function_may_fail():
    @no_grad()
    def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert records()


def test_as_a_decorator_of_a_generator():
    """Pitfall 32: it pauses recording inside, not for whoever takes the items."""

    @no_grad()
    def counts():
        for _ in range(3):
            yield records()
        return "end"

    taken = []
    for inside in counts():
        taken.append((inside, records()))
    assert taken == [(False, True)] * 3

    def delegates():
        return (yield from counts())

    running = delegates()
    with pytest.raises(StopIteration) as end:
        while True:
            next(running)
    assert end.value.value == "end"


def test_a_decorated_generator_is_sent_things_and_thrown_errors():
    """Pitfall 32: as an undecorated one."""
    log = []

    @no_grad()
    def echo():
        reply = None
        try:
            while True:
                try:
                    reply = yield reply, records()
                except KeyError as error:
                    log.append(records())
                    reply = error.args[0]
        finally:
            log.append("closed")

    running = echo()
    assert next(running) == (None, False)
    assert running.send("a") == ("a", False)
    assert running.throw(KeyError("b")) == ("b", False)
    assert records()
    running.close()
    assert log == [False, "closed"]
    with pytest.raises(StopIteration):
        next(running)

    other = echo()
    next(other)
    with pytest.raises(ValueError, match="mine"):
        other.throw(ValueError("mine"))
    assert records()


def test_generators_in_turn():
    """Pitfall 32: two that are not finished, and a block around one of their steps."""

    @no_grad()
    def paused():
        while True:
            yield records()

    first, second = paused(), paused()
    assert not next(first) and not next(second)
    assert records()
    with no_grad():
        assert not next(first)
        assert not records()
    del first
    assert records() and not next(second)


def test_threads_do_not_pause_each_other():
    """Pitfall 32."""
    entered, checked, answers = threading.Event(), threading.Event(), []

    def pauses():
        with no_grad():
            entered.set()
            checked.wait(10)
            answers.append(records())
        answers.append(records())

    thread = threading.Thread(target=pauses)
    thread.start()
    assert entered.wait(10)
    assert records()
    with no_grad():
        assert not records()
    assert records()
    checked.set()
    thread.join()
    assert answers == [False, True]


def test_results_are_used_as_constants_afterwards():
    a = Value(2.0)
    with no_grad():
        scale = a * 5
    (a * scale).backward()
    assert (a.grad, scale.grad) == (10.0, 2.0)


def test_leaves_are_still_leaves_and_hand_made_nodes_keep_their_parents():
    with no_grad():
        a = Value(2.0)
        by_hand = Value(4.0, (a,), (2.0,))
    by_hand.backward()
    assert a.grad == 2.0


def test_backward_works_inside():
    """Pitfall 32."""
    a = Value(2.0)
    y = a * a
    with no_grad():
        y.backward()
        a.data -= 0.25 * a.grad
    assert (a.grad, a.data) == (4.0, 1.0)
