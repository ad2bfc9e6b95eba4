"""Digits: 1,797 handwritten digits of 8×8 pixels, most to learn from, the others held out.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository (1998), https://doi.org/10.24432/C50P49; scikit-learn brings them along.
"""

from __future__ import annotations

from dataclasses import dataclass

SIDE = 8
PIXELS = SIDE * SIDE
CLASSES = 10
BRIGHTEST = 16.0
HELD_OUT = 0.2  # of every digit the same share


@dataclass(frozen=True)
class Digits:
    """Images as rows of PIXELS numbers from 0 to 1, each with the digit it shows."""

    images: list[list[float]]
    labels: list[int]


def load(seed: int) -> tuple[Digits, Digits]:
    """The digits to learn from, and those held out to test with."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    learn_images, test_images, learn_labels, test_labels = train_test_split(
        images / BRIGHTEST, labels, test_size=HELD_OUT, stratify=labels, random_state=seed
    )
    return (
        Digits(learn_images.tolist(), learn_labels.tolist()),
        Digits(test_images.tolist(), test_labels.tolist()),
    )
