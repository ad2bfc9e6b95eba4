"""Did you mean …? For names a user spelled almost right."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """The part of an error message that guesses what was meant, or nothing.

    >>> did_you_mean("rleu", ["relu", "tanh"])
    "did you mean 'relu'? "
    >>> did_you_mean("banana", ["relu", "tanh"])
    ''
    """
    closest = get_close_matches(name, list(allowed), n=1)
    return f"did you mean {closest[0]!r}? " if closest else ""
