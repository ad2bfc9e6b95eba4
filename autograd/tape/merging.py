"""Merging: chains of + and × become one sum or one dot product.

`b + w1*x1 + w2*x2` is four operations, each with a result that only the next one reads. A replay
is faster with `dot([w1, w2], [x1, x2], b)`. The terms keep their order; the plain ones come last,
as the bias. Each result is rounded in another place than before, which is all that changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from autograd import ops
from autograd.operation import Operation
from autograd.tape.instruction import Instruction


def merge(
    instructions: Sequence[Instruction], kept: Iterable[int]
) -> list[tuple[int, Instruction]]:
    """The instructions that are left, each with the slot of its result, in order.

    Instruction k has the slot k; a slot below 0 is no instruction's. What is in a `kept` slot is
    read from outside, so it is not merged away.

    >>> from autograd.ops import add, multiply
    >>> x, w, b = -1, -2, -3
    >>> steps = [(multiply, (w, x)), (multiply, (x, x)), (add, (0, 1)), (add, (2, b))]
    >>> merge([Instruction(*step) for step in steps], kept=[3])
    [(3, Instruction(operation=<operation dot(xs)>, operands=((-2, -1), (-1, -1), -3)))]
    """
    merging = Merging(instructions, kept)
    for k in reversed(range(len(instructions))):
        if k not in merging.gone and instructions[k].operation in (ops.add, ops.sum):
            merging.merge_into(k)
    return merging.left()


class Merging:
    """What is known while it goes on.

    uses   how often each slot is read
    now    the instructions as they are now, by the slot of their result
    extra  for an instruction a slot that must be computed just before it
    gone   the instructions that have become part of a later one
    """

    def __init__(self, instructions: Sequence[Instruction], kept: Iterable[int]) -> None:
        self.uses = Counter(slot for instruction in instructions for slot in instruction.slots())
        self.uses.update(kept)
        self.now = dict(enumerate(instructions))
        self.extra: dict[int, int] = {}
        self.gone: set[int] = set()

    def only_here(self, slot: int, *operations: Operation) -> bool:
        """Whether it is the result of one of the operations and read nowhere else."""
        return slot >= 0 and self.uses[slot] == 1 and self.now[slot].operation in operations

    def merge_into(self, k: int) -> None:
        """Let instruction k, a sum, do what was done for it."""
        terms, chain = self.terms(k)
        ws, xs, plain, products = self.products(terms)
        if len(ws) >= 2:
            bias = [self.total(k, plain)] if plain else []
            self.now[k] = Instruction(ops.dot, (tuple(ws), tuple(xs), *bias))
            self.gone.update(chain, products)
        elif chain:
            self.now[k] = added(terms)
            self.gone.update(chain)

    def terms(self, k: int) -> tuple[list[int], list[int]]:
        """What is added up in the chain that ends with instruction k; and its other links."""
        terms, chain = list[int](), list[int]()
        pending = [*self.now[k].slots()][::-1]
        while pending:
            slot = pending.pop()
            if self.only_here(slot, ops.add, ops.sum):
                chain.append(slot)
                pending += [*self.now[slot].slots()][::-1]
            else:
                terms.append(slot)
        return terms, chain

    def products(self, terms: list[int]) -> tuple[list[int], list[int], list[int], list[int]]:
        """The terms as pairs of factors, ws and xs, and plain ones; and what made the pairs."""
        ws, xs, plain, products = list[int](), list[int](), list[int](), list[int]()
        for slot in terms:
            if not self.only_here(slot, ops.multiply, ops.dot):
                plain.append(slot)
                continue
            operation, (w, x, *bias) = self.now[slot]
            ws += (w,) if operation is ops.multiply else w
            xs += (x,) if operation is ops.multiply else x
            plain += bias
            products.append(slot)
        return ws, xs, plain, products

    def total(self, k: int, plain: list[int]) -> int:
        """The slot of the sum of the plain terms, computed just before instruction k."""
        if len(plain) == 1:
            return plain[0]
        slot = self.extra[k] = len(self.now)
        self.now[slot] = added(plain)
        return slot

    def left(self) -> list[tuple[int, Instruction]]:
        """Every instruction that is still there, in order."""
        count = len(self.now) - len(self.extra)
        slots = (
            slot
            for k in range(count)
            if k not in self.gone
            for slot in ([self.extra[k], k] if k in self.extra else [k])
        )
        return [(slot, self.now[slot]) for slot in slots]


def added(terms: list[int]) -> Instruction:
    """One instruction that adds up all the terms."""
    if len(terms) == 2:
        return Instruction(ops.add, tuple(terms))
    return Instruction(ops.sum, (tuple(terms),))
