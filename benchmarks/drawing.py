"""python -m benchmarks.drawing: how soon a picture is there, and how large it is.

The graph is the network of tutorials, written by hand, with so many rows of data that it has so
many nodes; and a tangle without any structure. Beside glassgrad stand the recipe of micrograd's
notebook, two Graphviz nodes for each value, and torchviz. They are drawn by the `dot` on the PATH;
without one micrograd's is drawn by the Graphviz that glassgrad brings. Both are given up in time.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from autograd import Value, draw
from autograd.drawing.layout import wasm
from autograd.drawing.layout.plan import EngineFailedError, EngineTooSlowError
from benchmarks.engines import installed
from benchmarks.report import machine
from benchmarks.table import line

SIZES = (10, 100, 1000, 10**4, 10**5)
QUICK = 3  # so many of them in a quick run
GIVEN_UP = 20.0  # seconds for a `dot` on the PATH
FIRST = """
from autograd import Value, draw
x = Value(2.0, name="x")
y = (x * x + 1.0).tanh()
y.backward()
draw(y)._repr_html_()
"""
# what is aimed at: nodes, milliseconds, kilobytes in a saved cell
TARGETS = ((50, 50.0, None), (1000, 500.0, 400.0))


def network(kind: Callable[[float], Any], nodes: int) -> Any:
    """The loss of a small network on so many rows that it has about that many nodes."""
    rng = Random(0)
    weights = [[kind(rng.uniform(-1, 1)) for _ in range(3)] for _ in range(2)]
    last = [kind(rng.uniform(-1, 1)) for _ in range(2)]
    loss, made = kind(0.0), 9
    while made < nodes:
        row = [rng.uniform(-1, 1) for _ in range(3)]
        hidden = [(w[0] * row[0] + w[1] * row[1] + w[2] * row[2]).tanh() for w in weights]
        error = last[0] * hidden[0] + last[1] * hidden[1] + (-1.0)
        loss = loss + error * error
        made += 18
    loss.backward()
    return loss


def tangle(kind: Callable[[float], Any], nodes: int) -> Any:
    """Sums and products of whatever there is."""
    rng = Random(3)
    pool = [kind(rng.uniform(-1, 1)) for _ in range(8)]
    while len(pool) < nodes:
        a, b = rng.choice(pool[-10:]), rng.choice(pool)
        pool.append(rng.choice([a + b, a * b, a.tanh()]))
    root = sum(pool[1:], pool[0])
    root.backward()
    return root


GRAPHS = {"network": network, "tangle": tangle}


def ours(graph: str, nodes: int) -> Callable[[], str]:
    """A picture as it is saved in a notebook."""
    root = GRAPHS[graph](Value, nodes)
    return lambda: draw(root)._repr_html_()


def micrograd(graph: str, nodes: int) -> Callable[[], str]:
    """The recipe of micrograd's notebook: a record for each value, an oval for each operation."""
    from graphviz import Digraph
    from micrograd.engine import Value as Scalar  # type: ignore[import-untyped]

    sys.setrecursionlimit(20 * nodes + 1000)  # its backward pass recurses
    root = GRAPHS[graph](with_tanh(Scalar), nodes)

    def picture() -> str:
        dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
        met, stack = {id(root)}, [root]
        while stack:
            v = stack.pop()
            dot.node(
                str(id(v)), label=f"{{ data {v.data:.4f} | grad {v.grad:.4f} }}", shape="record"
            )
            if v._op:
                dot.node(f"{id(v)}{v._op}", label=v._op)
                dot.edge(f"{id(v)}{v._op}", str(id(v)))
            for parent in v._prev:
                dot.edge(str(id(parent)), f"{id(v)}{v._op}")
                if id(parent) not in met:
                    met.add(id(parent))
                    stack.append(parent)
        return rendered(dot.source)

    return picture


def with_tanh(kind: Any) -> Any:
    """micrograd's Value has relu in the place of tanh: one node, too."""
    kind.tanh = kind.relu
    return kind


def torchviz(graph: str, nodes: int) -> Callable[[], str]:
    """torchviz on scalar tensors."""
    import torch
    from torchviz import make_dot

    root = GRAPHS[graph](lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), nodes)
    return lambda: rendered(make_dot(root).source)


def rendered(source: str) -> str:
    """DOT as SVG, by the `dot` of this machine, or by the Graphviz that glassgrad brings."""
    if shutil.which("dot") is None:
        return wasm.dot(source)  # places without the drawing, so it is a little less work
    run = subprocess.run(
        ["dot", "-Tsvg"], input=source, capture_output=True, text=True, timeout=GIVEN_UP, check=True
    )
    return run.stdout


CASES = {"glassgrad": ours, "micrograd": micrograd, "torchviz": torchviz}


def available(case: str) -> bool:
    """Whether a case can run here."""
    if case == "torchviz":
        return installed("torch") and installed("torchviz") and shutil.which("dot") is not None
    return case == "glassgrad" or (installed("micrograd") and installed("graphviz"))


def measured(case: str, graph: str, nodes: int, runs: int) -> tuple[float, float] | None:
    """The median of milliseconds, and the kilobytes; None where it was given up."""
    picture = CASES[case](graph, nodes)
    seconds, size = list[float](), 0
    for _ in range(runs + 1):  # the first warms up
        start = perf_counter()
        try:
            size = len(picture().encode())
        except (EngineTooSlowError, EngineFailedError, subprocess.TimeoutExpired):
            return None
        seconds.append(perf_counter() - start)
    return 1e3 * median(seconds[1:]), size / 1e3


def first() -> float:
    """Seconds from the start of a process to its first picture."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", FIRST], check=True)
    return perf_counter() - start


def main(arguments: list[str] | None = None) -> None:
    """Measure and print a table for each graph."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drawing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, 1 run")
    options = parser.parse_args(arguments)
    runs = 1 if options.quick else 5
    print(f"{machine()} · medians of {runs} runs, warm; ms and kB of a saved picture")
    cases = [case for case in CASES if available(case)]
    for case in CASES.keys() - set(cases):
        print(f"{case}: not installed, or no `dot` on the PATH")
    for graph in GRAPHS:
        print("\n" + line(graph, *(cell for case in cases for cell in (case, ""))))
        print(line("", *["ms", "kB"] * len(cases)))
        for nodes in SIZES[: QUICK if options.quick else None]:
            cells = [cell for case in cases for cell in cells_of(case, graph, nodes, runs)]
            print(line(f"  {nodes:,} nodes", *cells), flush=True)
    for nodes, most, largest in TARGETS:
        milliseconds, kilobytes = measured("glassgrad", "network", nodes, runs) or (0.0, 0.0)
        aim = f"≤ {most:g} ms" + (f", ≤ {largest:g} kB" if largest else "")
        print(f"→ {nodes:,} nodes: {milliseconds:.0f} ms, {kilobytes:.0f} kB ({aim})")
    start = median(first() for _ in range(runs))
    print(f"→ the first picture in a fresh process: {start:.2f} s (≤ 1 s)")


def cells_of(case: str, graph: str, nodes: int, runs: int) -> list[str]:
    found = measured(case, graph, nodes, runs)
    return ["given up", ""] if found is None else [f"{found[0]:.0f}", f"{found[1]:.0f}"]


if __name__ == "__main__":
    main()
