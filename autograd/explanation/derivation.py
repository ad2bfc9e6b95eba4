"""The gradient as a lecture derives it: δ by δ from the loss down, each line using those above.

    δ6 = ∂E/∂a6 = ∂E/∂z7 · ∂z7/∂a6 = δ7 · w67

δ_v is short for ∂E/∂v. Which nodes get one:

* Named nodes are the *stations*. What was computed between them without a name is folded into the
  local derivative ∂station/∂station, a product, or a sum of products where several ways lead there.
  An unnamed node is a station, by its label v1, v2, …, if it is what an activation gave, if it is
  used more than once (computing its δ only once is what backpropagation gains), or where folding
  would take too many factors.
* A station that only goes into an activation, a6 = tanh(z6), gets no δ of its own: it is passed on
  the way, ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂a4 = δ6 · tanh′(z6) · w46, unless the activation is the loss.
* Nodes called a6 or z6 have the δ6; any other has its own label, δ_h, δ_v1. Leaves have none.

The δs come level by level, after each level the leaves that need no more than that, and within a
level in the order in which the backward pass gets there: the last made first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.explanation.lines import Derivation, Line
from autograd.explanation.notation import (
    Factor,
    Language,
    Plain,
    Tex,
    added,
    multiplied,
    product,
)
from autograd.explanation.paths import Routes, gradients
from autograd.explanation.symbols import Symbols, definition, is_activation
from autograd.text import LONGEST, Text, indexed

Use = tuple[int, int, float]  # the child's place in `nodes`, which of its parents it is, ∂child/∂it

# their derivatives are ±1, or 0
CONSTANT = frozenset(["add", "subtract", "negative", "sum", "where", "take"])
EXPLAINED = 20  # labels without a name that are said to be what
FARTHEST = 64  # steps without a name that are folded into one


class Derive:
    """Finds the stations between some Values and the loss, and writes their lines."""

    def __init__(self, way: Routes, history: Sequence[Any], targets: Sequence[Any]) -> None:
        self.nodes, self.last = way.nodes, len(way.nodes) - 1
        self.grads = gradients(way)
        self.uses: list[list[Use]] = [[] for _ in way.nodes]
        for child in reversed(range(len(way.nodes))):
            for parent, slot, local_grad in way.edges[child]:
                self.uses[parent].append((child, slot, local_grad))
        place = {node: i for i, node in enumerate(way.nodes)}
        self.targets = [place[target] for target in targets]
        self.stations = self._stations()
        self.passed = self._passed()
        self.levels = self._levels()
        self.symbols = Symbols(history, (self.nodes[i] for i in self.stations))
        self.deltas = self._deltas()

    def _stations(self) -> set[int]:
        stations = {self.last, *self.targets}
        sizes = [(0, 0)] * len(self.nodes)  # of what is folded: factors, steps
        for i in reversed(range(self.last)):
            node = self.nodes[i]
            unnamed = i not in stations and not node.name and not is_activation(node.operation)
            if unnamed and len(self.uses[i]) == 1:
                child = self.uses[i][0][0]
                factors, steps = (0, 0) if child in stations else sizes[child]
                factors += self.nodes[child].op not in CONSTANT
                if factors <= LONGEST and steps < FARTHEST:
                    sizes[i] = factors, steps + 1
                    continue
            stations.add(i)
        return stations

    def _passed(self) -> set[int]:
        found, targets = set[int](), set(self.targets)
        for i in self.stations - targets - {self.last}:
            child = self.uses[i][0][0]
            if (
                len(self.uses[i]) == 1
                and child in self.stations
                and child != self.last
                and is_activation(self.nodes[child].operation)
                and not is_activation(self.nodes[i].operation)
            ):
                found.add(i)
        return found

    def _levels(self) -> list[int]:
        """How many δs one after the other lead to each node."""
        levels = [0] * (self.last + 1)
        for i in reversed(range(self.last)):
            level = max(levels[child] for child, _, _ in self.uses[i])
            own = i in self.stations and i not in self.passed and self.nodes[i].parents
            levels[i] = level + bool(own)
        return levels

    def _deltas(self) -> dict[int, tuple[str, str]]:
        """What the δ of each station is called, in both languages."""
        taken = set[str]()
        names = {}
        for i in sorted(self.stations - self.passed - {self.last}):
            node = self.nodes[i]
            if node.parents:
                label = self.symbols.labels[node]
                numbered = re.fullmatch(r"[az]_?([0-9]+)", indexed(label))
                index = numbered[1] if numbered else ""
                if index and index not in taken:
                    taken.add(index)
                    names[i] = f"δ{index}", rf"\delta_{{{index}}}"
                else:
                    names[i] = f"δ_{label}", rf"\delta_{{{self.symbols.name(node, Tex)}}}"
        return names

    def order(self) -> list[int]:
        """The nodes that get a line, in the order of the lines."""

        def key(i: int) -> tuple[int, bool, int, int]:
            first = (i, 0) if i in self.deltas else max(use[:2] for use in self.uses[i])
            return self.levels[i], i not in self.deltas, -first[0], -first[1]

        return sorted({*self.targets, *self.deltas} - {self.last}, key=key)

    def steps(self, i: int) -> dict[int, list[list[Use]]]:
        """The next stations, the last made first, each with the ways there, loss end first."""
        found = dict[int, list[list[Use]]]()
        for use in self.uses[i]:
            way = [use]
            while way[-1][0] not in self.stations:
                way.append(self.uses[way[-1][0]][0])
            found.setdefault(way[-1][0], []).append(way[::-1])
        return dict(sorted(found.items(), reverse=True))

    def between(self, ways: Sequence[Sequence[Use]], language: Language) -> Factor:
        """∂station/∂station in symbols."""
        shown = [*ways[: LONGEST - 2], ways[-1]] if len(ways) > LONGEST else ways
        terms = [product(self.edges(way, language), language) for way in shown]
        if len(shown) < len(ways):
            terms.insert(-1, language(language.dots))
        return added(terms, language)

    def edges(self, way: Sequence[Use], language: Language) -> list[Factor]:
        """The local derivatives along a way in symbols."""
        return [self.symbols.local_grad(self.nodes[c], slot, language) for c, slot, _ in way]

    def line(self, i: int, language: Language) -> Line:
        """The line of one node."""
        derivative = self.derivative(self.last, i, language)
        steps = list(self.steps(i).items())
        left_out = len(steps) > LONGEST
        if left_out:
            steps = [*steps[: LONGEST - 2], *steps[-1:]]
        terms = [self.term(i, station, ways, language) for station, ways in steps]
        chain, numbers = ([term[k] for term in terms] for k in (0, 2))
        symbols = [language.of(term[1]) for term in terms]
        if left_out:
            for parts in (chain, symbols, numbers):
                parts.insert(-1, language(language.dots, 5))
        joined = [str(added(parts, language)) for parts in (chain, symbols, numbers)]
        value = language.number(self.grads[i])
        return Line(
            self.deltas[i][language is Tex] if i in self.deltas else "",
            derivative,
            joined[0] if joined[0] != derivative else "",
            joined[1],
            joined[2] if joined[2] != value else "",
            value,
        )

    def term(
        self, i: int, station: int, ways: Sequence[Sequence[Use]], language: Language
    ) -> tuple[Text, Factor, Text]:
        """The part of a line that leads through one station: as ∂s, as symbols, as numbers."""
        chain = [self.derivative(station, i, language)]
        symbols = [self.between(ways, language)]
        numbers = [sum(along(local for _, _, local in way) for way in ways)]
        while station in self.passed:
            use = self.uses[station][0]
            child, _, local_grad = use
            chain.append(self.derivative(child, station, language))
            symbols.append(product(self.edges([use], language), language))
            numbers.append(local_grad)
            station = child
        if station != self.last:
            chain.append(self.derivative(self.last, station, language))
            symbols.append(language(self.deltas[station][language is Tex]))
            numbers.append(self.grads[station])
        dot = f" {language.dot} " if language is Plain else " "
        return (
            language(dot.join(reversed(chain)), 2),
            product(reversed(symbols), language),
            multiplied(numbers[::-1], language),
        )

    def derivative(self, above: int, below: int, language: Language) -> str:
        names = (self.symbols.name(self.nodes[k], language) for k in (above, below))
        return language.fraction(*names)

    def derivation(self, limit: int) -> Derivation:
        """All lines, or the first ones and the last."""
        order = self.order()
        omitted = len(order) - limit if len(order) > limit else 0
        if omitted:
            order = [*order[: limit - 1], order[-1]]
        plain, tex = (tuple(self.line(i, language) for i in order) for language in (Plain, Tex))
        return Derivation(plain, tex, self.meanings(Plain), self.meanings(Tex), omitted)

    def meanings(self, language: Language) -> tuple[str, ...]:
        """The derivatives of activations, and what the labels stand for that nobody gave."""
        found = [definition(activation, language) for activation in self.symbols.primes.values()]
        for node in list(self.symbols.unnamed.values())[:EXPLAINED]:
            formula = self.symbols.formula(node, language)
            found.append(f"{language.name(self.symbols.labels[node])} = {formula}")
        if self.symbols.indicators or any("= I(" in meaning for meaning in found):
            found.append(language.indicator)
        return tuple(filter(None, found))


def along(local_grads: Iterable[float]) -> float:
    """The product of local derivatives from the loss down, in which 0 is not passed on."""
    out = 1.0
    for local_grad in local_grads:
        out = out * local_grad if out else out
    return out
