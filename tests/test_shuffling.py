"""Shuffling: every order alike, the same everywhere."""

from array import array
from collections import Counter

import pytest

from autograd.engine import native
from autograd.shuffling import shuffle, shuffled


def test_the_order_is_fixed_for_all_time():
    """A change here would make every checkpoint and every published seed mean something else."""
    assert list(shuffled(10, seed=0, turn=1)) == [9, 4, 0, 5, 2, 1, 6, 8, 3, 7]
    assert list(shuffled(10, seed=1, turn=1)) == [7, 8, 1, 0, 4, 2, 9, 6, 5, 3]
    assert list(shuffled(10, seed=0, turn=2)) == [7, 0, 1, 6, 4, 3, 5, 9, 8, 2]


def test_splitmix64_as_published():
    """The first numbers for the seed 1234567 of the reference implementation."""
    from autograd.shuffling import BITS, GAMMA, mixed_bits

    numbers = [mixed_bits(1234567 + GAMMA * i & BITS) for i in range(1, 4)]
    assert numbers == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 64, 1000])
@pytest.mark.parametrize("seed", [0, 1, -3, 2**70 + 5])
def test_both_engines_agree_and_no_row_is_lost(rows, seed):
    order = array("q", bytes(8 * rows))
    shuffle(order, seed, 7)
    assert order == shuffled(rows, seed, 7)
    assert sorted(order) == list(range(rows))


def test_every_order_is_as_likely_as_any_other():
    counts = Counter(tuple(shuffled(4, seed, turn)) for seed in range(60) for turn in range(80))
    assert len(counts) == 24
    expected = 60 * 80 / 24
    assert sum((n - expected) ** 2 / expected for n in counts.values()) < 50  # p = 0.001


@pytest.mark.skipif(native is None, reason="the native engine was not built, or not asked for")
def test_the_native_one_checks_what_it_is_given():
    for wrong in (array("d", [0.0]), array("i", [0]), memoryview(bytearray(17))[1:].cast("q")):
        with pytest.raises(ValueError, match="an array of 64-bit integers"):
            native.shuffle(wrong, 0, 1)
    with pytest.raises(BufferError):
        native.shuffle(bytes(8), 0, 1)
