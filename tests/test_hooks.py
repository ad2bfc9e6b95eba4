"""Hooks on a node's gradient."""

import pytest

from autograd import Value, exp, grad, no_grad


def test_a_hook_sees_the_whole_gradient_once():
    seen = []
    x = Value(3.0)
    y = x * x
    y.register_hook(seen.append)
    (y * 2 + y * 5).backward()
    assert seen == [7.0] and x.grad == 42.0


def test_what_it_returns_takes_the_gradients_place():
    x = Value(3.0)
    y = x * x
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: min(g, 15))
    (2 * y).backward()
    assert y.grad == 15.0 and x.grad == 90.0


def test_on_a_leaf_it_sees_what_the_pass_brings():
    seen = []
    x = Value(3.0)
    x.register_hook(lambda g: seen.append(g) or -g)
    (x * 2).backward()
    (x * 5).backward()
    assert seen == [2.0, 5.0] and x.grad == -7.0


def test_it_can_be_removed():
    x = Value(3.0)
    hooked = x.register_hook(lambda g: 0.0)
    hooked.remove()
    hooked.remove()
    with x.register_hook(lambda g: g + 1):
        (x * 2).backward()
    (x * 2).backward()
    assert x.grad == 5.0


def test_inside_a_function_that_is_differentiated():
    def f(x):
        y = x * x
        y.register_hook(lambda g: 2 * g)
        return y * 3

    assert grad(f)(2.0) == 24.0
    assert grad(grad(f))(2.0) == 12.0


def test_it_may_run_a_backward_pass_of_its_own():
    x = Value(3.0)
    y = x * x

    def hook(g):
        other = x * 100
        other.backward()

    y.register_hook(hook)
    (y * 2).backward()
    assert x.grad == 112.0


def test_an_error_leaves_gradients_as_they_were():
    x, w = Value(3.0), Value(4.0)
    x.grad, w.grad = 5.0, 6.0
    y = x * w
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (y * 2).backward()
    assert (x.grad, w.grad) == (5.0, 6.0)


def test_misuse():
    with pytest.raises(TypeError, match="a hook is a function of the gradient, got 3.0"):
        Value(1.0).register_hook(3.0)
    x = Value(1.0)
    x.register_hook(lambda g: "text")
    with pytest.raises(TypeError, match="expected a real number"):
        (x * 2).backward()


def test_a_sweep_past_one_gives_all_gradients_back():
    kept = []

    def f(x):
        w = Value(3.0)
        w.register_hook(lambda g: None)
        kept.append(exp(x))
        return kept[0] * w

    assert grad(f)(0.0) == 3.0 and kept[0].grad == 0.0


def test_what_no_grad_computed_gets_its_gradient_anew_in_each_pass():
    x = Value(2.0)
    with no_grad():
        constant = x * 3
    y = constant * x
    with y.register_hook(lambda g: None):
        y.backward()
        y.backward()
    assert (constant.grad, x.grad) == (2.0, 12.0)
    y.backward(create_graph=True)
    assert constant.grad == 2.0 and type(constant.grad) is float
    x.grad = 0.0
