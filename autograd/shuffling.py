"""Shuffling: the order of rows that a seed stands for, the same in both engines and everywhere.

Random numbers are SplitMix64's (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", 2014), the shuffle is Fisher and Yates'. There is no state to keep: turn 7 of a seed
has the same order whether or not turns 1 to 6 came before. shuffling.h is the twin in C.
"""

from __future__ import annotations

from array import array

from autograd.engine import native

BITS = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio


def mixed_bits(x: int) -> int:
    """64 bits that look random, different ones for every x."""
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & BITS
    x = (x ^ x >> 27) * 0x94D049BB133111EB & BITS
    return x ^ x >> 31


def shuffle(order: array[int], seed: int, turn: int) -> None:
    """Fill an array with the numbers of its places, in the order of a seed and a turn."""
    order[:] = array("q", range(len(order)))
    state = mixed_bits(mixed_bits(seed & BITS) + turn & BITS)
    for i in range(len(order) - 1, 0, -1):
        state = state + GAMMA & BITS
        j = (mixed_bits(state) >> 32) * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]


def shuffled(rows: int, seed: int = 0, turn: int = 1) -> array[int]:
    """The numbers from 0 to rows - 1 in the order that `nn.fit` takes the rows in its epoch `turn`.

    >>> list(shuffled(5, seed=0, turn=1)), list(shuffled(5, seed=0, turn=2))
    ([0, 2, 4, 1, 3], [0, 2, 4, 3, 1])
    """
    order = array("q", bytes(8 * rows))
    (native.shuffle if native else shuffle)(order, seed & BITS, turn)
    return order
