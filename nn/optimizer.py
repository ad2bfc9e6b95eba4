"""Optimizer: what all optimizers share, and the checks of what they are given."""

from __future__ import annotations

import reprlib
from array import array
from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, NamedTuple

from autograd import Value
from autograd.loops import update, zero_grad

from .state import is_finite_number, shorten
from .suggestion import did_you_mean


class Rule(NamedTuple):
    """One step of an optimizer, as plain numbers: a row of `autograd.updates` and what it needs."""

    name: str
    settings: tuple[float, ...]  # lr, the number of steps made before, and the rule's own
    state: list[array[float]]  # each with one number per parameter, updated in place


class Optimizer:
    """What all optimizers share: parameters, `zero_grad`, and a state that can be saved.

    To write one, set settings and lists of one number per parameter in `__init__`, and define
    `step`; zeroing, checking, saving and loading come with it. Those of `nn.optimizers` have a
    `rule` instead, which runs natively over many steps at once.

    Args:
        params: the Values to move, such as `model.parameters()`; any iterable.
        lr: the learning rate, at least 0. It may be set to another value between steps.

    Raises TypeError for a parameter that is not a Value, ValueError for one that was computed or
    is given twice, and for no parameters at all.
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        self.params = leaves(params, type(self).__name__)
        self.lr = setting("lr", lr)

    def step(self) -> None:
        """Move every parameter once, along the gradient that its `grad` holds now."""
        rule = self._rule()
        if rule is None:
            raise NotImplementedError(
                f"{type(self).__name__} does not say how to move: define step()"
            )
        update(rule.name, self.params, rule.settings, rule.state)
        self.stepped()

    def rule(self) -> Rule | None:
        """What `step` does, as plain numbers, or None if a class defines `step` itself."""
        own_step = getattr(self.step, "__func__", None) is not Optimizer.step
        return None if own_step else self._rule()

    def _rule(self) -> Rule | None:
        return None

    def stepped(self, steps: int = 1) -> None:
        """Count steps that were made by `rule`, where the rule depends on their number."""

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as is due before each backward pass."""
        zero_grad(self.params)

    def state_dict(self) -> dict[str, Any]:
        """Settings and numbers per parameter, as plain numbers and lists that JSON can hold."""
        state = {name: thing for name, thing in vars(self).items() if name != "params"}
        return {"optimizer": type(self).__name__} | {
            name: list(thing) if isinstance(thing, (list, tuple, array)) else thing
            for name, thing in state.items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict` of the same optimizer over as many parameters.

        Raises ValueError, and changes nothing, if the state is of another kind or size.
        """
        own = self.state_dict()
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict, got {type(state).__name__}")
        problems = [f"missing: {name!r}" for name in own if name not in state]
        problems += [
            f"unexpected: {name!r} {did_you_mean(str(name), own)}".rstrip()
            for name in state
            if name not in own
        ]
        problems += [
            f"{name!r} is {reprlib.repr(state[name])}, must be {wanted(thing)}"
            for name, thing in own.items()
            if name in state and not alike(state[name], thing)
        ]
        if problems:
            raise ValueError(
                f"this state does not fit {type(self).__name__} over {len(self.params)} "
                f"parameters, nothing was changed: {shorten(problems)}. Make the optimizer as the "
                "saved one was made"
            )
        for name in vars(self):
            if name != "params":
                kind, thing = type(getattr(self, name)), state[name]
                if kind is array:
                    thing = per_parameter(thing)
                setattr(self, name, kind(thing) if kind in (list, tuple) else thing)

    def __repr__(self) -> str:
        settings = {
            name: thing
            for name, thing in vars(self).items()
            if not isinstance(thing, (list, array))
        }
        inside = ", ".join(f"{name}={thing!r}" for name, thing in settings.items())
        count = f"{len(self.params)} parameter{'s' * (len(self.params) != 1)}"
        return f"{type(self).__name__}({count}, {inside})"


def per_parameter(numbers: Iterable[float]) -> array[float]:
    """One number for each parameter, as an array that is updated in place."""
    return array("d", numbers)


def zeros(params: list[Value]) -> array[float]:
    """A 0 for each parameter."""
    return array("d", bytes(8 * len(params)))


def leaves(params: Iterable[Value], owner: str) -> list[Value]:
    """The parameters as a list, if all are leaf Values and no two the same."""
    if isinstance(params, Value):
        raise TypeError(f"{owner} needs a list of Values, got a single one: write [w]")
    if hasattr(params, "parameters"):
        raise TypeError(
            f"{owner} needs the parameters, got a {type(params).__name__}: write model.parameters()"
        )
    found = list(params)
    if not found:
        raise ValueError(
            f"{owner} got no parameters: there is nothing to move. Has the model any, or is this "
            "a generator that is used up?"
        )
    places: dict[int, int] = {}
    for place, p in enumerate(found):
        if not isinstance(p, Value):
            raise TypeError(
                f"{owner}: parameter {place} must be a Value, got {p!r}: write model.parameters()"
            )
        if p.parents:
            raise ValueError(
                f"{owner}: parameter {place} was computed from other Values, and moving it would "
                "change nothing: give the leaf Values it was computed from"
            )
        if id(p) in places:
            raise ValueError(
                f"{owner}: parameters {places[id(p)]} and {place} are the same Value, which would "
                "move twice: give each once"
            )
        places[id(p)] = place
    return found


def setting(name: str, number: float, below: float = inf) -> float:
    """`number` as a float, if it is finite, at least 0, and below the limit."""
    if isinstance(number, (str, bytes)) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, got {number!r}")
    number = float(number)
    if not 0.0 <= number < below:
        limit = "" if below == inf else f" and below {below:g}"
        raise ValueError(f"{name} must be a finite number of at least 0{limit}, got {number}")
    return number


def positive(name: str, number: float, why: str = "it keeps the division finite") -> float:
    """`number` as a float, if it is finite and above 0."""
    number = setting(name, number)
    if not number:
        raise ValueError(f"{name} must be above 0, got 0: {why}")
    return number


def alike(given: Any, own: Any) -> bool:
    """Whether a part of a state can take the place of the part an optimizer has now."""
    if isinstance(own, str):
        return bool(given == own)
    if isinstance(own, list):
        return (
            isinstance(given, (list, tuple))
            and len(given) == len(own)
            and all(map(is_finite_number, given))
        )
    return isinstance(given, bool) if isinstance(own, bool) else is_finite_number(given)


def wanted(own: Any) -> str:
    """What `alike` asks for, in words."""
    if isinstance(own, str):
        return repr(own)
    if isinstance(own, list):
        return f"a list of {len(own)} finite numbers"
    return "True or False" if isinstance(own, bool) else "a finite number"
