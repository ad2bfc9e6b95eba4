"""Random programs that run on both engines side by side and must agree to the last bit.

`python -m tests.fuzz --programs 100000 --seed 1` runs as many as you have patience for;
test_engines.py runs a few hundred of them.
"""

import argparse
import copy
import math
import operator
import pickle
import random
import struct
from array import array
from contextlib import nullcontext
from fractions import Fraction

import numpy as np

import autograd
from autograd import custom, no_grad, ops
from autograd.operation import Reduction, Softmax
from autograd.value import Value as PythonValue

SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    0.5,
    math.inf,
    -math.inf,
    math.nan,
    1e308,
    -1e200,
    5e-324,
    700.0,
]
KINDS = [float, float, float, np.float64, np.float32, np.array, Fraction, round, np.int64, bool]
FIXED = [row for row in ops.ROWS.values() if not isinstance(row, Reduction)]
UNARY = [row.name for row in FIXED if len(row.inputs) == 1]
LISTS = [r for r in ops.ROWS.values() if isinstance(r, Reduction) and not isinstance(r, Softmax)]
LISTS.remove(ops.dot)
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")]
CONTAINERS = [list, list, tuple, iter]


class Raises:
    """Not a number after all."""

    def __init__(self, error):
        self.error = error

    def __float__(self):
        raise self.error("no number today")

    def __repr__(self):
        return "Raises()"


cube = custom(lambda x: x * x * x, lambda x, out: 3 * x * x, name="cube")
fails = custom(lambda x: x + 1, lambda x, out: {}["no derivative"], name="fails")
BAD = ["a", None, 1j, [1.0], np.ones(2), 10**400, Raises(TypeError), Raises(ArithmeticError)]
BAD += [Raises(KeyError), Raises(KeyboardInterrupt)]


def bits(x):
    """A float as its 64 bits; nan is nan, whatever its sign and payload."""
    return "nan" if x != x else struct.pack("<d", x)


class Program:
    """What a seed makes of a class of Values; `log` says everything that was seen."""

    def __init__(self, seed, kind):
        self.random, self.kind, self.log = random.Random(seed), kind, []
        self.nodes = [kind(self.number()) for _ in range(3)]
        self.steps = [
            *[self.unary] * 4, *[self.binary] * 6, *[self.fixed] * 4, *[self.reduction] * 3,
            *[self.dot] * 2, self.softmax, self.take, self.by_hand, self.custom, self.leaf, self.delete,
            self.delete, self.edit, self.backward, self.backward, self.zero_grad, self.twin,
            self.detach, self.compare, self.bad, self.fails, self.rename,
        ]  # fmt: skip

    def run(self, length):
        for _ in range(length):
            step = self.random.choice(self.steps)
            quiet = no_grad() if self.random.random() < 0.05 else nullcontext()
            self.log.append(step.__name__)
            try:
                with quiet:
                    made = step()
            except (Exception, KeyboardInterrupt) as error:
                self.log.append((type(error).__name__, str(error)))
                continue
            for node in made or ():
                self.look_at(node)
                if type(node) is self.kind:
                    self.nodes.append(node)
        for node in self.nodes:
            self.log.append([bits(v.grad) for v in node.history()])
        return self.log

    def look_at(self, node):
        if type(node) is not self.kind:
            assert type(node) is float, node
            self.log.append(bits(node))
            return
        history = node.history()
        places = {id(v): i for i, v in enumerate(history)}
        self.log.append((node.op, node.name, bits(node.data), bits(node.grad), len(history)))
        self.log.append([places[id(v)] for v in node.parents])
        self.log.append([bits(g) for g in node.local_grads])
        operands = [bits(x) if type(x) is float else places[id(x)] for x in node.operands]
        self.log.append(operands)

    # WHAT GOES IN

    def number(self):
        return self.random.choice([self.random.choice(SPECIAL), *[self.random.gauss(0, 2)] * 3])

    def constant(self):
        try:
            return self.random.choice(KINDS)(self.number())
        except (ValueError, OverflowError):
            return 3

    def node(self):
        return self.random.choice(self.nodes) if self.nodes else self.kind(1.5)

    def operand(self):
        return self.node() if self.random.random() < 0.7 else self.constant()

    def operands(self):
        return [self.operand() for _ in range(self.random.randrange(7))]

    # WHAT IS DONE: each step returns the nodes it made

    def leaf(self):
        return [self.kind(self.constant(), name=self.random.choice(["w", None]))]

    def unary(self):
        name = self.random.choice(UNARY)
        return [self.random.choice([getattr(self.kind, name), getattr(ops, name)])(self.node())]

    def binary(self):
        operands = [self.node(), self.operand()]
        self.random.shuffle(operands)
        return [self.random.choice(OPERATORS)(*operands)]

    def fixed(self):
        row = self.random.choice(FIXED)
        return [row(*[self.operand() for _ in row.inputs])]

    def reduction(self):
        container = self.random.choice(CONTAINERS)
        return [self.random.choice(LISTS)(container(self.operands()))]

    def dot(self):
        ws = self.operands()
        xs = [self.operand() for _ in ws]
        if self.random.random() < 0.4:
            xs = [self.number() for _ in ws]
            wide = np.repeat(np.array(xs, dtype=float), 2)
            forms = [array("d", xs), np.array(xs, dtype=float), wide[::2], wide[::2].astype(">f8")]
            forms += [np.array(xs, dtype=np.float32), memoryview(array("d", xs))]
            xs = self.random.choice(forms)
        sides = [ws, xs]
        self.random.shuffle(sides)
        return [ops.dot(*sides, *self.random.choice([(), (None,), (self.operand(),)]))]

    def softmax(self):
        row = self.random.choice([ops.softmax, ops.log_softmax])
        return row(self.random.choice(CONTAINERS)(self.operands()))

    def take(self):
        """Numbers or rows of them, by an index that is plain or a Value, and perhaps not there."""
        width = self.random.choice([None, None, 1, 2])
        row = self.operand if width is None else lambda: [self.operand() for _ in range(width)]
        rows = [row() for _ in range(self.random.randrange(1, 6))]
        index = float(self.random.randrange(len(rows)))
        if self.random.random() < 0.2:
            index = self.random.choice([-1, 0.5, len(rows), math.nan, math.inf])
        if self.random.random() < 0.1:
            rows = []
        wrap = self.random.choice([lambda x: x, self.kind, self.kind, lambda x: self.kind(x) * 1.0])
        taken = ops.take(self.random.choice(CONTAINERS)(rows), wrap(index))
        taken = taken if isinstance(taken, list) else [taken]
        return [x if type(x) is self.kind else float(x) for x in taken]

    def by_hand(self):
        parents = [self.node() for _ in range(self.random.randrange(4))]
        return [self.kind(self.constant(), parents, [self.constant() for _ in parents])]

    def custom(self):
        return [cube(self.node()), self.node().clip(self.operand(), self.operand())]

    def detach(self):
        return [self.node().detach()]

    def twin(self):
        """A copy of the class it came from: a copy or a pickle is of the engine that runs."""
        forms = [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
        runs, autograd.Value = autograd.Value, self.kind
        try:
            return [self.random.choice(forms)(self.node())]
        finally:
            autograd.Value = runs

    def rename(self):
        self.node().name = self.random.choice(["x", "", None, "∂"])

    def edit(self):
        setattr(self.node(), self.random.choice(["data", "grad"]), self.constant())

    def delete(self):
        if self.nodes:
            del self.nodes[self.random.randrange(len(self.nodes))]

    def backward(self):
        root = self.node()
        root.backward(*self.random.choice([(), (self.constant(),)]))
        self.log.append([bits(v.grad) for v in root.history()])

    def zero_grad(self):
        for node in self.nodes:
            node.grad = 0

    def compare(self):
        compare = self.random.choice(COMPARISONS)
        self.log.append((bool(self.node()), bool(compare(self.node(), self.operand()))))

    def bad(self):
        """Operands that are no numbers: refused everywhere, in the same words."""
        bad = self.random.choice(BAD)
        forms = [
            lambda: [self.random.choice(OPERATORS)(self.node(), bad)],
            lambda: [self.random.choice(OPERATORS)(bad, self.node())],
            lambda: [self.random.choice(COMPARISONS[:4])(self.node(), bad)],
            lambda: [ops.maximum(self.node(), bad)],
            lambda: [ops.where(bad, self.node(), 1.0)],
            lambda: [ops.exp(bad)],
            lambda: [ops.sum([self.node(), 2.0, bad])],
            lambda: [ops.sum(bad)],
            lambda: [ops.dot([self.node(), bad], [1.0, 2.0])],
            lambda: [ops.dot([self.node()], [1.0, 2.0])],
            lambda: [ops.take([self.node(), bad], self.kind(0.0))],
            lambda: [ops.take([self.node()], bad)],
            lambda: [ops.take(bad, self.kind(0.0))],
            lambda: ops.take([[self.node()], [1.0, 2.0]], self.kind(1.0)),
            lambda: [ops.hypot(self.node())],
            lambda: [self.kind(bad)],
            lambda: [self.kind(1.0, [bad], [1.0])],
            lambda: [self.kind(1.0, [self.node()], [bad])],
            lambda: [self.kind(1.0, [self.node()], [])],
            lambda: setattr(self.node(), "data", bad),
            lambda: setattr(self.node(), "name", 5),
            lambda: self.node().backward(bad),
        ]
        made = self.random.choice(forms)()
        if isinstance(made, list) and type(made[0]) is not self.kind:
            self.log.append(type(made[0]).__name__)  # an array of Values, say
            return None
        return made

    def fails(self):
        return [fails(self.node())]


def disagreement(seed, length=40):
    """The first thing the engines disagree about, with where; None if nothing."""
    native, python = (Program(seed, kind).run(length) for kind in (autograd.Value, PythonValue))
    for at, (one, other) in enumerate(zip(native, python)):
        if one != other:
            return f"program {seed}, after {native[max(0, at - 3) : at]}: {one} != {other}"
    return None if len(native) == len(python) else f"program {seed} has two lengths"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    np.seterr(all="ignore")
    found = filter(None, map(disagreement, range(chosen.seed, chosen.seed + chosen.programs)))
    failures = 0
    for failures, sentence in enumerate(found, 1):  # noqa: B007
        print(sentence)
    print(f"{chosen.programs} programs, {failures} disagreements")
    raise SystemExit(bool(failures))
