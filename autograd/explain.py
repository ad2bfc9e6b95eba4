"""The gradient as a sum over paths, and how backpropagation gets by without following them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from autograd import table
from autograd.explanation.derivation import Derive
from autograd.explanation.expansion import Expansion, Term, expansion
from autograd.explanation.lines import Derivation
from autograd.explanation.notation import Plain
from autograd.explanation.paths import Path, counted, history_of, number_of_paths, routes
from autograd.explanation.search import largest

if TYPE_CHECKING:
    from autograd.value import Value

LINES = 20  # of one derivation shown beside its paths
SLIDES = 1000  # of a derivation on its own
COLUMNS = ("product", "path")
ALIGNMENT = "rl"


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why ∂loss/∂w is what it is: prints as text, shows itself in a notebook.

    loss, w    what they are called
    grad       ∂loss/∂w, computed here from the local derivatives; no `grad` is read or written
    paths      the largest paths from `w` to the loss, each with nodes, local_grads and product
    rest       what the paths that are not listed add up to
    count      how many paths there are, exactly
    edges      how many edges backpropagation touches between `w` and the loss
    factored   the lines of backpropagation: δ by δ
    expanded   the sum over the paths, written out
    """

    loss: str
    w: str
    grad: float
    paths: tuple[Path, ...]
    rest: float
    count: int
    edges: int
    factored: Derivation
    expanded: Expansion

    @property
    def summary(self) -> str:
        """The counts in a sentence."""
        paths, edges = counted(self.count, "path"), counted(self.edges, "edge")
        return (
            f"{self.expanded.left} = {self.expanded.value} is the sum over {paths} from "
            f"{self.w} to {self.loss}; backpropagation touches {edges}."
        )

    def rows(self, terms: tuple[Term, ...]) -> list[tuple[str, str]]:
        """The cells of the table of paths: product and path."""
        rows = [(term.product, term.path) for term in terms]
        if self.expanded.rest:
            rows.append(
                (Plain.number(self.rest), counted(self.count - len(self.paths), "more path"))
            )
        return rows

    def __str__(self) -> str:
        total = (self.expanded.value, f"= {self.expanded.left}")
        rows = [COLUMNS, *self.rows(self.expanded.plain), total]
        return (
            f"{self.summary}\n\n{table.aligned(rows, ALIGNMENT, ruled=(1, -1))}\n\n"
            f"Factored, as backpropagation computes it:\n{self.factored}\n\n"
            f"Expanded, a product for each path:\n{self.expanded}"
        )

    __repr__ = __str__

    def markdown(self) -> str:
        """Markdown, with the formulas in LaTeX."""
        left, value = self.expanded.left_tex, self.expanded.value_tex
        listed = [(formula(term.product), formula(term.path)) for term in self.expanded.tex]
        total = (formula(rf"\mathbf{{{value}}}"), formula(f"= {left}"))
        rows = [COLUMNS, *listed, *self.rows(()), total]
        escaped = self.summary.replace("_", r"\_").replace("*", r"\*")
        return "\n".join(
            [
                f"{escaped}\n",
                table.markdown(rows, ALIGNMENT),
                "\n**Factored**, as backpropagation computes it:\n",
                self.factored.markdown(),
                "\n**Expanded**, a product for each path:\n",
                self.expanded.markdown(),
            ]
        )

    def latex(self) -> str:
        """Two `aligned` blocks, factored and expanded, each for a formula of its own."""
        return f"{self.factored.latex()}\n\n{self.expanded.latex()}"

    def _repr_markdown_(self) -> str:
        return self.markdown()


@overload
def explain(loss: Value, w: Value, limit: int = ...) -> Explanation: ...
@overload
def explain(loss: Value, w: Iterable[Value] | None = ..., limit: int = ...) -> Derivation: ...
def explain(loss: Value, w: Any = None, limit: int = 10) -> Explanation | Derivation:
    """The gradient of `loss` with respect to `w` as a sum over paths, listing the `limit` largest.

    >>> from autograd import Value
    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> loss = a * b + a; loss.name = "loss"
    >>> print(explain(loss, a))
    ∂loss/∂a = −2 is the sum over 2 paths from a to loss; backpropagation touches 3 edges.
    <BLANKLINE>
    product  path
    ───────  ──────────────
         −3  a → a·b → loss
          1  a → loss
    ───────  ──────────────
         −2  = ∂loss/∂a
    <BLANKLINE>
    Factored, as backpropagation computes it:
    ∂loss/∂a = 1 + b
             = −2
    <BLANKLINE>
    Expanded, a product for each path:
    ∂loss/∂a = b
             + 1
             = −3
             + 1
             = −2

    Given several Values, or none for all leaves with a name (all leaves, if none has one), it is
    the Derivation for all of them at once: the slides of a lecture, from the loss down.

    >>> z = a * b; z.name = "z"
    >>> error = (z - 1) ** 2; error.name = "E"
    >>> print(explain(error))
    δ_z = ∂E/∂z = 2·(z − 1)
        = −14
    ∂E/∂b = ∂E/∂z · ∂z/∂b = δ_z · a
          = −14 · 2 = −28
    ∂E/∂a = ∂E/∂z · ∂z/∂a = δ_z · b
          = −14 · (−3) = 42

    `explanation/derivation.py` says which nodes get a δ. Nothing in the graph is changed, and
    backward() need not have run. Raises TypeError for what is not a Value, ValueError if no path
    leads to the loss.
    """
    history = history_of(loss, "explain(loss, w)")
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit is how many paths to list, got {limit!r}; give an int, 1 or more")
    if limit < 1:
        raise ValueError(f"limit is how many paths to list, got {limit}; give 1 or more")
    if hasattr(w, "history"):
        check(loss, [w], history)
        return explanation(loss, w, history, limit)
    several = targets(w, history)
    check(loss, several, history)
    return Derive(routes(loss, several), history, several).derivation(SLIDES)


def formula(tex: str) -> str:
    r"""LaTeX in a cell of Markdown: |x| and ‖x‖ without a `|`, which would end the cell.

    >>> formula(r"\left|x\right|")
    '$\\left\\vert x\\right\\vert $'
    """
    barless = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"${barless}$"


def targets(w: Any, history: list[Any]) -> list[Any]:
    """The Values whose gradients are asked for."""
    if w is None:
        leaves = [node for node in history if not node.parents]
        return [leaf for leaf in leaves if leaf.name] or leaves
    if isinstance(w, Iterable) and not isinstance(w, (str, bytes)):
        several = list(dict.fromkeys(w)) if not isinstance(w, dict) else list(w.values())
        if several and all(hasattr(target, "history") for target in several):
            return several
    raise TypeError(
        f"explain(loss, w) takes a Value, or several in a list, got {w!r} of type "
        f"{type(w).__name__} as w; leave it out for all named leaves"
    )


def check(loss: Any, ws: list[Any], history: list[Any]) -> None:
    """Whether there is a path from each."""
    members = set(history)
    for w in ws:
        if w is loss:
            raise ValueError(
                "w is the loss itself, ∂loss/∂loss = 1; give a Value it was computed from"
            )
        if w not in members:
            leaves = [node.name for node in history if node.name and not node.parents]
            named = f" (its named leaves: {', '.join(leaves[:10])}{', …' * (len(leaves) > 10)})"
            raise ValueError(
                f"no path leads from w = {w!r} to the loss; give a Value the loss was computed "
                f"from{named if leaves else ''}. An update like w = w - 0.1 makes a new Value, and "
                "where() leaves out what was not chosen"
            )


def explanation(loss: Any, w: Any, history: list[Any], limit: int) -> Explanation:
    """The explanation for one Value."""
    way = routes(loss, [w])
    derive = Derive(way, history, [w])
    paths, rest = largest(way, limit)
    count = number_of_paths(way)
    left_out = f"{counted(count - len(paths), 'more path')}, together {Plain.number(rest)}"
    return Explanation(
        derive.symbols.name(loss, Plain),
        derive.symbols.name(w, Plain),
        derive.grads[0],
        tuple(paths),
        rest,
        count,
        sum(map(len, way.edges)),
        derive.derivation(LINES),
        expansion(derive, paths, left_out if count > len(paths) else ""),
    )
