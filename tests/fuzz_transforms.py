"""Random programs of derivatives, that run on both engines side by side and must agree on every bit.

Each program makes functions of random structures, differentiates them in every way, inside each
other, over Values they close over, and in between runs backward passes, hooks, optimizers and dot
products on lists that change. On the native engine it must leave no node behind.

`python -m tests.fuzz_transforms --programs 100000 --seed 1`; test_engines.py runs a few hundred.
"""

import argparse
import copy
import gc
import itertools
import operator
import random
import re
from array import array
from contextlib import ExitStack

import numpy as np

from tests.fuzz import SPECIAL, bits
from tests.twin import own, twin

UNARY = ["exp", "tanh", "sin", "cos", "sigmoid", "softplus", "relu", "absolute", "square", "sqrt"]
UNARY += ["log", "negative", "reciprocal", "erf", "log1p", "cbrt", "gelu", "floor", "cosh", "atan"]
BINARY = [operator.add, operator.sub, operator.mul, operator.mul, operator.truediv, operator.pow]
LISTS = ["sum", "mean", "prod", "logsumexp", "norm"]
MOST_NODES = 3000


class Refused(Exception):
    """Thrown by functions and hooks of a program."""


class TooLarge(Exception):
    """A program that would take long."""


class Function:
    """A random function of a structure of numbers: the same computation at every call.

    It closes over Values of the program, and may differentiate other functions on the way.
    """

    def __init__(self, program, depth, results="one"):
        self.program, self.depth, self.results = program, depth, results
        self.seed, self.steps = program.random.random(), program.random.randrange(1, 7)
        self.__name__ = "f"

    def __call__(self, *args, **named):
        program, rng = self.program, random.Random(self.seed)
        program.spend(self.steps)
        xs = [*program.flat(args), *program.flat(named)]
        xs += rng.sample(program.nodes, min(len(program.nodes), rng.randrange(3)))
        for _ in range(self.steps):
            xs += program.compute(rng, xs, self.depth)
        if rng.random() < 0.03:
            raise Refused("no result today")
        if self.results == "one":
            return xs[-1]
        if self.results == "aux":
            return xs[-1], {"last": xs[-2:], "note": "aux"}
        return rng.choice([list, tuple, lambda ys: {"a": ys[0], "b": ys[1:]}, program.objects])(
            xs[-rng.randrange(1, 4) :]
        )


class Program:
    """What a seed makes of a library; `log` says everything that was seen."""

    def __init__(self, seed, library):
        self.random, self.library, self.log = random.Random(seed), library, []
        self.Value, self.ops = library.Value, library.ops
        self.nodes, self.leaves, self.hooked, self.left = [], [], [], MOST_NODES
        self.inside = False  # a hook's own pass
        self.reached = []  # by a pass that leaves Values as gradients: they are let go of at the end
        self.lists = [[self.leaf(self.random) for _ in range(3)] for _ in range(2)]
        self.nodes += self.lists[0]
        self.model = library.nn.MLP(2, [3, 1], activation="tanh", seed=seed)
        self.params = self.model.parameters()
        self.leaves += self.params
        self.optimizers = [library.nn.SGD(self.params, 0.01, momentum=0.5)]
        self.optimizers.append(library.nn.Adam(self.leaves[:3], 0.01, weight_decay=0.1))
        self.steps = [
            *[self.differentiate] * 8, *[self.operate] * 3, *[self.backward] * 3, self.graph,
            self.graph, self.graph_of_gradients, self.hook, self.hook, self.unhook, self.zero_grad,
            self.edit, self.same_dot, self.same_dot, self.change_list, self.train, self.train,
            self.delete, self.checkpointed, self.stopped, self.copied,
        ]  # fmt: skip

    def run(self, length):
        for _ in range(length):
            step = self.random.choice(self.steps)
            self.log.append(step.__name__)
            with ExitStack() as around:
                if self.random.random() < 0.05:
                    around.enter_context(self.library.no_grad())
                if self.random.random() < 0.1:
                    around.enter_context(self.library.detect_anomaly())
                try:
                    made = step()
                except TooLarge:
                    return self.finish()
                except (Exception, KeyboardInterrupt) as error:
                    self.log.append((type(error).__name__, self.told(error)))
                    continue
            self.look_at(made)
            self.nodes += [v for v in self.flat(made) if isinstance(v, self.Value)][-3:]
        return self.finish()

    def told(self, error):
        return re.sub("0x[0-9a-f]+", "0x", str(error))

    def finish(self):
        """Look at all that is left, and let go of it."""
        running = importlib_of(self.library, "sweeps").running
        self.log.append((list(running), importlib_of(self.library, "modes").modes))
        for v in [*self.nodes, *self.leaves]:
            self.log.append([self.seen(u.grad) for u in v.history()])
        for v in [*self.nodes, *self.leaves, *self.reached]:
            v.grad = 0.0
        for hooked in self.hooked:
            hooked.remove()
        vars(self).update(
            nodes=[],
            leaves=[],
            reached=[],
            hooked=[],
            lists=[],
            params=[],
            model=None,
            optimizers=[],
        )
        return self.log  # all else is a cycle: nodes hold checkpoints, and these the program

    def spend(self, nodes):
        self.left -= nodes
        if self.left < 0:
            raise TooLarge

    # WHAT IS SEEN

    def seen(self, number):
        if type(number) is float:
            return bits(number)
        if isinstance(number, self.Value):
            return "Value", number.op, bits(number.data)
        return repr(number)

    def look_at(self, thing):
        self.log.append(self.shape(thing))
        for v in self.flat(thing):
            if isinstance(v, self.Value):
                history = v.history()
                places = {id(u): i for i, u in enumerate(history)}
                self.log.append([(u.op, bits(u.data), self.seen(u.grad)) for u in history])
                self.log.append([[bits(g) for g in u.local_grads] for u in history])
                self.log.append([[places[id(u)] for u in w.parents] for w in history])
            elif type(v) is float:
                self.log.append(bits(v))

    def shape(self, thing):
        if isinstance(thing, dict):
            return {key: self.shape(x) for key, x in thing.items()}
        if isinstance(thing, (list, tuple)):
            return type(thing).__name__, [self.shape(x) for x in thing]
        if isinstance(thing, np.ndarray):
            return str(thing.dtype), thing.shape
        return type(thing).__name__

    def flat(self, thing):
        if isinstance(thing, dict):
            thing = list(thing.values())
        if isinstance(thing, np.ndarray):
            thing = thing.ravel().tolist()
        if isinstance(thing, (list, tuple)):
            return [y for x in thing for y in self.flat(x)]
        return [] if thing is None or isinstance(thing, str) else [thing]

    # WHAT GOES IN

    def number(self, rng):
        return rng.choice(SPECIAL) if rng.random() < 0.1 else rng.gauss(0.5, 1.0)

    def leaf(self, rng):
        made = self.Value(self.number(rng))
        self.leaves.append(made)
        return made

    def node(self):
        return self.random.choice(self.nodes) if self.nodes else self.leaf(self.random)

    def one(self):
        return self.node() if self.random.random() < 0.25 else self.number(self.random)

    def objects(self, xs):
        made = np.empty(len(xs), dtype=object)
        made[:] = xs
        return made

    def structure(self, one=None):
        one = one or self.one
        return self.random.choice([
            one, one, one,
            lambda: [one(), one()],
            lambda: (one(), [one()]),
            lambda: {"w": one(), "b": [one(), None]},
            lambda: np.array([self.number(self.random) for _ in range(3)]),
            lambda: np.array([[self.number(self.random)] * 2] * 2),
            lambda: self.objects([one(), one()]),
            lambda: np.float64(self.number(self.random)),
            lambda: self.random.choice([3, "text", [1], [], np.float32([1.5, 2.0])]),
        ])()  # fmt: skip

    def like(self, thing):
        """Other numbers in the same structure."""
        if isinstance(thing, dict):
            return {key: self.like(x) for key, x in thing.items()}
        if isinstance(thing, (list, tuple)):
            return type(thing)(map(self.like, thing))
        if isinstance(thing, np.ndarray):
            return np.array([self.number(self.random) for _ in range(thing.size)]).reshape(
                thing.shape
            )
        return None if thing is None else self.one()

    # WHAT FUNCTIONS COMPUTE

    def compute(self, rng, xs, depth):
        """A step of a function: new numbers from those it has."""
        pick = lambda: rng.choice(xs) if xs and rng.random() < 0.85 else self.number(rng)  # noqa: E731
        kind = rng.random()
        if kind < 0.3:
            return [getattr(self.ops, rng.choice(UNARY))(pick())]
        if kind < 0.6:
            return [rng.choice(BINARY)(pick(), pick())]
        if kind < 0.66:
            return [getattr(self.ops, rng.choice(LISTS))([pick() for _ in range(3)])]
        if kind < 0.72:
            side = rng.choice([rng.choice(self.lists), [pick(), pick(), pick()]])
            return [self.ops.dot(side, [pick() for _ in side], rng.choice([None, pick()]))]
        if kind < 0.75:
            return self.ops.softmax([pick(), pick()])
        if kind < 0.77:
            index = self.Value(rng.choice([0.0, 1.0, 2.0, 2.0, 3.0]))
            return self.ops.take([[pick(), pick()] for _ in range(3)], index)
        if kind < 0.80:
            return [self.ops.maximum(pick(), pick()), self.ops.where(pick() > 0, pick(), pick())]
        if kind < 0.82:
            return [self.library.stop_gradient(pick())]
        if kind < 0.84:
            return [self.leaf(rng)]
        if kind < 0.86 and isinstance(x := pick(), self.Value):
            self.add_hook(x, rng)
        if kind < 0.88:
            return [self.model([pick(), pick()])]
        if depth:
            return self.nested(rng, pick, depth - 1)
        return [pick() * 1.5]

    def nested(self, rng, pick, depth):
        """A derivative inside a function, of another that closes over what this one has."""
        library, inner = self.library, random.Random(rng.random())
        mine = [pick(), pick()]

        def f(x):
            xs, again = [*self.flat(x), *mine], random.Random(seed)
            for _ in range(steps):
                self.spend(1)
                xs += self.compute(again, xs, depth)
            return xs[-1]

        seed, steps = inner.random(), inner.randrange(1, 4)
        x = pick()
        x = x if isinstance(x, self.Value) else float(x)
        return self.flat(
            inner.choice([
                lambda: library.grad(f)(x),
                lambda: library.value_and_grad(f)([x, mine[0] * 1.0]),
                lambda: library.jvp(f, (x,), (1.0,)),
                lambda: library.jvp(f, (x,), (mine[0] * 1.0,))[1],
                lambda: library.vjp(f, x)[1](1.0),
                lambda: library.vjp(f, x)[1](mine[1] * 1.0),
                lambda: library.jacobian(lambda x: [f(x), f(x) * x])(x),
                lambda: library.hessian(f)(x),
                lambda: library.hvp(f, x, 1.0),
                lambda: library.checkpoint(f)(x),
            ])()
        )  # fmt: skip

    # WHAT IS DONE

    def differentiate(self):
        library, rng = self.library, self.random
        depth = rng.choice([0, 0, 1, 2])
        args = [self.structure() for _ in range(rng.choice([1, 1, 2]))]
        argnums = rng.choice([0, 0, 0, (0,), -1, tuple(range(len(args))), 1])
        mode = rng.choice([None, "fwd", "rev"])
        scalar, several = Function(self, depth), Function(self, depth, "several")
        tangents = tuple(self.like(x) for x in args)
        return rng.choice([
            lambda: library.grad(scalar, argnums)(*args),
            lambda: library.value_and_grad(scalar, argnums)(*args),
            lambda: library.value_and_grad(Function(self, depth, "aux"), argnums, True)(*args),
            lambda: library.grad(library.grad(scalar))(*args),
            lambda: library.grad(lambda *xs: self.ops.sum(self.flat(library.grad(scalar)(*xs))))(*args),
            lambda: library.jvp(several, tuple(args), tangents),
            lambda: library.jvp(library.grad(scalar), tuple(args), tangents),
            lambda: self.pulled(several, args),
            lambda: library.jacobian(several, argnums, mode=mode)(*args),
            lambda: library.jacobian(library.jacobian(several, mode=mode), argnums)(*args),
            lambda: library.hessian(scalar, argnums)(*args),
            lambda: library.hvp(scalar, args[0], tangents[0]),
            lambda: library.grad(lambda x: library.hvp(scalar, x, 1.0))(self.one()),
        ])()  # fmt: skip

    def pulled(self, f, args):
        value, pullback = self.library.vjp(f, *args)
        return value, pullback(self.like(value)), pullback(self.like(value))

    def operate(self):
        return self.compute(self.random, self.nodes, 0)

    def backward(self):
        root = self.node()
        self.pass_back(root, *self.random.choice([(), (self.number(self.random),)]))
        return self.gradients(root)

    def pass_back(self, root, *how):
        try:
            root.backward(*how)
        except (Exception, KeyboardInterrupt):  # what it leaves in the interior is not promised
            for v in root.history():
                if v.op:
                    v.grad = 0.0
            raise

    def graph(self):
        root = self.node()
        self.spend(3 * len(root.history()))
        self.reached += root.history()
        root.backward(create_graph=True)
        return self.gradients(root)

    def graph_of_gradients(self):
        """Gradients of gradients, as PyTorch does them."""
        self.graph()
        grads = [v.grad for v in self.leaves if isinstance(v.grad, self.Value)]
        for v in self.leaves:
            v.grad = 0.0
        if grads:
            penalty = self.ops.sum([g * g for g in grads[-3:]])
            self.reached += penalty.history()
            self.pass_back(penalty, 1.0, self.random.random() < 0.3)
            return self.gradients(penalty)
        return None

    def gradients(self, root):
        self.log.append([self.seen(v.grad) for v in root.history()])

    def add_hook(self, node, rng):
        factor, other = rng.gauss(0, 1), rng.choice(self.leaves)
        kind = rng.randrange(7)

        def hook(g):
            self.log.append(("hook", kind, self.seen(g)))
            if kind == 0:
                raise rng.choice([Refused, KeyboardInterrupt])("in a hook")
            if (
                kind == 1 and not self.inside
            ):  # a pass of its own, on a leaf that may be in this one
                self.inside = True
                try:
                    self.pass_back(other * factor)
                finally:
                    self.inside = False
            if kind == 2:
                other.data = factor
            if kind == 3:
                return "no number"
            if kind == 4:
                self.library.grad(lambda x: x * other)(1.0)
            return g * factor if kind > 3 else None

        self.hooked.append(node.register_hook(hook))

    def hook(self):
        self.add_hook(self.node(), self.random)

    def unhook(self):
        if self.hooked:
            self.hooked.pop(self.random.randrange(len(self.hooked))).remove()

    def zero_grad(self):
        self.random.choice([
            lambda: self.library.loops.zero_grad(self.leaves),
            lambda: self.model.zero_grad(),
            lambda: [setattr(v, "grad", 0) for v in self.nodes],
        ])()  # fmt: skip

    def edit(self):
        which = self.random.choice([self.nodes, self.leaves, self.lists[0]])
        v = self.random.choice(which) if which else self.node()
        setattr(v, self.random.choice(["data", "grad"]), self.number(self.random))

    def same_dot(self):
        """The same lists again, in a new or an old combination."""
        lists = [xs for xs in self.lists if len(xs) == 3]
        ws, xs = self.random.choice(lists), self.random.choice(lists)
        xs = self.random.choice([xs, xs, tuple(xs), array("d", [1.0, 2.0, -3.0])])
        return [self.ops.dot(ws, xs), self.ops.dot(ws, xs, self.one())]

    def change_list(self):
        xs = self.random.choice(self.lists)
        xs[self.random.randrange(3)] = self.one()
        if self.random.random() < 0.3:
            self.lists[self.random.randrange(2)] = [self.one() for _ in range(3)]

    def train(self):
        optimizer = self.random.choice(self.optimizers)
        optimizer.zero_grad()
        loss = (self.model([self.one(), self.number(self.random)]) - 1.0) ** 2
        if self.random.random() < 0.5:
            slope = self.library.grad(lambda x: self.model([x, 1.0]))(self.Value(0.5))
            loss = loss + slope * slope
        self.pass_back(loss)
        optimizer.step()
        self.log.append([(bits(p.data), self.seen(p.grad)) for p in self.params])
        return [loss]

    def delete(self):
        if self.nodes:
            del self.nodes[self.random.randrange(len(self.nodes))]

    def checkpointed(self):
        args = [self.structure() for _ in range(self.random.choice([1, 2]))]
        return self.library.checkpoint(Function(self, self.random.randrange(2), "several"))(*args)

    def stopped(self):
        return self.library.stop_gradient(self.structure())

    def copied(self):
        node = self.node()
        if any(isinstance(v.grad, self.Value) for v in node.history()):
            return None
        made = copy.deepcopy(node)
        self.leaves += made.history()
        return [made]


def importlib_of(library, name):
    """A module of that library, as imports find it now."""
    import importlib

    return importlib.import_module(f"autograd.{name}")


def ran(seed, length, which):
    with which() as library, np.errstate(all="ignore"):
        return Program(seed, library).run(length)


def left_behind(seed, length=25):
    """How many nodes of the native engine a program leaves alive, when all is let go of."""
    with own() as library:
        before = library.memory()["nodes"]
        ran(seed, length, own)
        for _ in range(2):  # a node that goes may let go of another
            if library.memory()["nodes"] != before:
                gc.collect()
        return library.memory()["nodes"] - before


def disagreement(seed, length=25):
    """The first thing the engines disagree about, with where; None if nothing."""
    with own() as library:
        before = library.memory()["nodes"]
    native, python = ran(seed, length, own), ran(seed, length, twin)
    for at, (one, other) in enumerate(itertools.zip_longest(native, python)):
        if one != other:
            return f"program {seed}, after {native[max(0, at - 3) : at]}: {one} != {other}"
    with own() as library:
        for _ in range(2):  # a node that goes may let go of another
            if library.memory()["nodes"] != before:
                gc.collect()
        left = library.memory()["nodes"] - before
    return f"program {seed} leaves {left} nodes behind" if left > 0 else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    failures = 0
    for seed in range(chosen.seed, chosen.seed + chosen.programs):
        if sentence := disagreement(seed):
            failures += 1
            print(sentence[:2000], flush=True)
    print(f"{chosen.programs} programs, {failures} disagreements")
    raise SystemExit(bool(failures))
