"""Random graphs against forward mode: dual numbers, with their rules written here once more."""

import math
from dataclasses import dataclass

from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, where

# FORWARD MODE


@dataclass(frozen=True)
class Dual:
    """A number and its derivatives by every leaf."""

    value: float
    slopes: tuple[float, ...]

    def then(self, value, slope):
        """A function of this number: its value, and its derivative."""
        return Dual(value, tuple(slope * s for s in self.slopes))

    def of(self, x):
        return x if isinstance(x, Dual) else Dual(x, (0.0,) * len(self.slopes))

    def __neg__(self):
        return self.then(-self.value, -1.0)

    def __add__(self, other):
        other = self.of(other)
        slopes = zip(self.slopes, other.slopes, strict=True)
        return Dual(self.value + other.value, tuple(s + t for s, t in slopes))

    def __mul__(self, other):
        other = self.of(other)
        slopes = zip(self.slopes, other.slopes, strict=True)
        changes = (s * other.value + self.value * t for s, t in slopes)
        return Dual(self.value * other.value, tuple(changes))

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other):
        return self + -self.of(other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        inverse = self.of(other)
        return self * inverse.then(1 / inverse.value, -1 / inverse.value**2)

    def __pow__(self, other):
        return (self.log() * other).exp()

    def __gt__(self, other):
        return self.value > other.value

    # fmt: off
    def exp(self):      return self.then(math.exp(self.value), math.exp(self.value))
    def log(self):      return self.then(math.log(self.value), 1 / self.value)
    def sin(self):      return self.then(math.sin(self.value), math.cos(self.value))
    def atan(self):     return self.then(math.atan(self.value), 1 / (1 + self.value**2))
    def tanh(self):     return self.then(math.tanh(self.value), 1 - math.tanh(self.value) ** 2)
    def sqrt(self):     return self.then(math.sqrt(self.value), 0.5 / math.sqrt(self.value))
    def relu(self):     return self.decided().then(max(self.value, 0.0), float(self.value > 0))
    def sigmoid(self):  return self.of(1.0) / ((-self).exp() + 1)
    def softplus(self): return (self.exp() + 1).log()
    # fmt: on

    def decided(self, other=0.0):
        """Not so near a tie that a rounding error decides, unless both sides change alike."""
        gap = self - other
        assume(abs(gap.value) > 1e-9 or not any(gap.slopes))
        return self

    def maximum(self, other):
        self.decided(other)
        if self.value == other.value:
            return (self + other) / 2
        return self if self > other else other


# fmt: off
STEPS = {
    # name       inputs  on Values and on Duals; bounded, so that no graph grows without end
    "add":       (2, lambda x, y: x + y),
    "subtract":  (2, lambda x, y: x - y),
    "multiply":  (2, lambda x, y: (x * y).tanh()),
    "divide":    (2, lambda x, y: x / (y * y + 1)),
    "power":     (2, lambda x, y: x.sigmoid() ** y.sin()),
    "negative":  (1, lambda x: -x),
    "halved":    (1, lambda x: x / 2),
    "shifted":   (1, lambda x: 1 - x),
    "constant":  (1, lambda x: 0.25 * x + 3),
    "sin":       (1, lambda x: x.sin()),
    "exp":       (1, lambda x: (-(x * x)).exp()),
    "log":       (1, lambda x: (x * x + 1).log()),
    "sqrt":      (1, lambda x: (x * x + 1).sqrt()),
    "atan":      (1, lambda x: x.atan()),
    "softplus":  (1, lambda x: x.softplus()),
    "relu":      (1, lambda x: x.relu()),
    "squared":   (1, lambda x: x.tanh() * x.tanh()),
    "maximum":   (2, lambda x, y: x.maximum(y)),
    "built-in":  (3, lambda *xs: sum(xs)),
}
TWICE = {
    # name       inputs  on Values, and the same on Duals
    "where":     (2, lambda x, y: where(x > y, x * 3, y),
                     lambda x, y: x * 3 if x.decided(y) > y else y),
    "by hand":   (1, lambda x: Value(math.cos(x.data), (x,), (-math.sin(x.data),)),
                     lambda x: x.then(math.cos(x.value), -math.sin(x.value))),
    "sum":       (4, lambda *xs: autograd.sum(xs),
                     lambda *xs: sum(xs)),
    "mean":      (3, lambda *xs: autograd.mean([*xs, 0.5]),
                     lambda *xs: (sum(xs) + 0.5) / 4),
    "prod":      (3, lambda *xs: autograd.prod(xs).tanh(),
                     lambda x, y, z: (x * y * z).tanh()),
    "norm":      (2, lambda *xs: autograd.norm([*xs, 1.0]),
                     lambda x, y: (x * x + y * y + 1).sqrt()),
    "dot":       (3, lambda x, y, z: autograd.dot([x.sin(), 2.0], [y, z], x),
                     lambda x, y, z: x.sin() * y + 2 * z + x),
    "logsumexp": (2, lambda *xs: autograd.logsumexp([*xs, 0.5]),
                     lambda x, y: (x.exp() + y.exp() + math.exp(0.5)).log()),
    "softmax":   (2, lambda *xs: autograd.softmax(xs)[1],
                     lambda x, y: (y - x).sigmoid()),
}
# fmt: on
STEPS |= {name: (inputs, on_both, on_both) for name, (inputs, on_both) in STEPS.items()} | TWICE

LEAVES = 3
numbers = st.floats(-2, 2).map(lambda x: round(x, 3))


@st.composite
def programs(draw):
    """Steps that each name an operation and which of the numbers so far it takes."""
    steps = []
    for made in range(LEAVES, LEAVES + draw(st.integers(1, 25))):
        name = draw(st.sampled_from(list(STEPS)))
        inputs = st.integers(max(0, made - 6), made - 1) | st.integers(0, made - 1)
        steps.append((name, tuple(draw(inputs) for _ in range(STEPS[name][0]))))
    return steps


def run(program, leaves, which):
    """All numbers that a program makes: of Values (which=1) or of Duals (which=2)."""
    made = list(leaves)
    for name, inputs in program:
        made.append(STEPS[name][which](*(made[i] for i in inputs)))
    return made


def truth(program, numbers):
    """The results of a program with their derivatives by the leaves, in forward mode."""
    units = [tuple(float(i == j) for j in range(LEAVES)) for i in range(LEAVES)]
    made = run(program, [Dual(x, unit) for x, unit in zip(numbers, units, strict=True)], 2)
    assume(all(abs(dual.value) < 50 for dual in made))
    return made


def scale(duals):
    """The size of the numbers on the way: what their rounding errors are relative to."""
    return 1e-9 * max(1.0, *(abs(s) for dual in duals for s in (dual.value, *dual.slopes)))


def leaves_of(numbers):
    return [Value(x) for x in numbers]


@given(programs(), st.tuples(*[numbers] * LEAVES))
def test_reverse_mode_is_forward_mode(program, xs):
    """Shared nodes, reductions, constants, hand-made nodes. Pitfalls 4 and 5."""
    duals = truth(program, xs)
    leaves = leaves_of(xs)
    made = run(program, leaves, 1)
    made[-1].backward()
    close = scale(duals)
    for value, dual in zip(made, duals, strict=True):
        assert math.isclose(value.data, dual.value, rel_tol=1e-9, abs_tol=close)
    for leaf, slope in zip(leaves, duals[-1].slopes, strict=True):
        assert math.isclose(leaf.grad, slope, rel_tol=1e-9, abs_tol=close)


@given(programs(), st.tuples(*[numbers] * LEAVES))
def test_backward_twice_doubles_the_leaves_exactly(program, xs):
    """Pitfall 2."""
    truth(program, xs)
    leaves = leaves_of(xs)
    loss = run(program, leaves, 1)[-1]
    loss.backward()
    once = [leaf.grad for leaf in leaves]
    interior = [node.grad for node in loss.history() if node.parents]
    loss.backward()
    assert [leaf.grad for leaf in leaves] == [2 * grad for grad in once]
    assert [node.grad for node in loss.history() if node.parents] == interior


@given(programs(), st.tuples(*[numbers] * LEAVES), st.integers(1, 25))
def test_two_losses_accumulate(program, xs, earlier):
    """Pitfall 3: two results that share most of their history."""
    duals = truth(program, xs)
    leaves = leaves_of(xs)
    made = run(program, leaves, 1)
    made[-1].backward()
    made[-min(earlier, len(program))].backward()
    for i, leaf in enumerate(leaves):
        both = duals[-1].slopes[i] + duals[-min(earlier, len(program))].slopes[i]
        assert math.isclose(leaf.grad, both, rel_tol=1e-9, abs_tol=2 * scale(duals))


@given(programs(), st.tuples(*[numbers] * LEAVES), st.floats(-4, 4))
def test_the_seed_scales_every_gradient(program, xs, seed):
    truth(program, xs)
    plain, seeded = leaves_of(xs), leaves_of(xs)
    run(program, plain, 1)[-1].backward()
    run(program, seeded, 1)[-1].backward(seed)
    for x, y in zip(plain, seeded, strict=True):
        assert math.isclose(seed * x.grad, y.grad, rel_tol=1e-9, abs_tol=1e-12)


@given(programs(), st.tuples(*[numbers] * LEAVES))
def test_the_gradient_of_a_node_is_that_of_a_leaf_in_its_place(program, xs):
    """Cut the graph in the middle: what was computed becomes a leaf and gets the same gradient."""
    truth(program, xs)
    cut = max(LEAVES, (LEAVES + len(program)) // 2)
    made = run(program, leaves_of(xs), 1)
    made[-1].backward()
    again = run(program[cut - LEAVES :], [value.detach() for value in made[:cut]], 1)
    again[-1].backward()
    used_before = {i for _, inputs in program[: cut - LEAVES] for i in inputs}
    needed = set(made[-1].history())
    for index in set(range(LEAVES, cut)) - used_before:
        if made[index] in needed:
            grads = made[index].grad, again[index].grad
            assert math.isclose(*grads, rel_tol=1e-9, abs_tol=1e-9)


@given(programs(), st.tuples(*[numbers] * LEAVES))
def test_history_has_parents_before_children(program, xs):
    truth(program, xs)
    loss = run(program, leaves_of(xs), 1)[-1]
    history = loss.history()
    place = {node: index for index, node in enumerate(history)}
    assert len(place) == len(history) and history[-1] is loss
    assert all(place[p] < place[node] for node in history for p in node.parents)


@given(st.lists(numbers, min_size=1, max_size=30))
def test_the_ways_to_add_agree(xs):
    """sum as one node, as many nodes, and by dot."""
    grads = []
    for add in (autograd.sum, sum, lambda vs: autograd.dot(vs, [1.0] * len(vs))):
        values = leaves_of(xs)
        total = add(values)
        total.backward()
        assert math.isclose(total.data, math.fsum(xs), abs_tol=1e-12)
        grads.append([v.grad for v in values])
    assert grads[0] == grads[1] == grads[2] == [1.0] * len(xs)
