"""Options: what was asked for on the command line, checked."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_SEED = 2**32 - 1  # scikit-learn's


@dataclass(frozen=True)
class Options:
    """One run of the job."""

    seed: int
    epochs: int
    hidden: tuple[int, ...]
    output: Path
    quiet: bool


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; a bad one ends the program with a message and exit code 2.

    >>> options_from(["--hidden", "32,16", "--seed", "3"]).hidden
    (32, 16)
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="Differentiate an expression, train a network on handwritten digits, and "
        "write pictures of both.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, LARGEST_SEED),
        default="0",
        metavar="N",
        help="fixes the split of the data, the initial weights and the order of the digits "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--epochs",
        type=whole_number(1),
        default="25",
        metavar="N",
        help="how often the network sees every digit it learns from (default: %(default)s)",
    )
    parser.add_argument(
        "--hidden",
        type=sizes,
        default="32",
        metavar="SIZES",
        help="neurons of the hidden layers: 32, or 32,16 for two layers (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default="output",
        metavar="DIR",
        help="the folder that everything is written to (default: %(default)s)",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print only the accuracy and what was written"
    )
    return Options(**vars(parser.parse_args(arguments)))


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Reads a whole number in a range."""
    allowed = f"a whole number from {least} " + ("up" if most is None else f"to {most}")

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"expected {allowed}, got {text!r}")
        return number

    return read


def sizes(text: str) -> tuple[int, ...]:
    """Reads the sizes of the hidden layers, separated by commas.

    >>> sizes("32, 16")
    (32, 16)
    """
    try:
        return tuple(map(whole_number(1), text.split(",")))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers from 1 up with commas between, as in 32 or 32,16, got {text!r}"
        ) from None
