"""jit: a function that is recorded once and replayed afterwards."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import update_wrapper
from threading import Lock
from types import MethodType
from typing import Any

from autograd import modes
from autograd.chosen import Value
from autograd.tape import signature
from autograd.tape.derivative import Derivative, scalar
from autograd.tape.recorder import FrozenRecording
from autograd.tape.recording import CannotReplay, Recording
from autograd.tape.tape import Tape
from autograd.transforms.misuse import checked_function, name_of

KEPT = 64  # recordings of one function, those used last
TRIED = 8  # of one signature, before it is recorded anew
TOO_MANY = 10  # recordings, and hardly a replay, are reported

Function = Callable[..., Any]


def jit(f: Function) -> Jitted:
    """The same function, recorded at its first call and replayed at native speed afterwards.

    A call leaves one node behind, whose parents are the Values that went in and the parameters, the
    Values that `f` closes over: a jitted function is just a bigger operation. Parameters are read
    afresh at each call. Floats, Values and NumPy arrays, also inside lists, tuples and dicts, may
    be others at each call; for an int, a bool, a string and None, and for arrays of another shape,
    there is a recording of its own. What `f` decides by comparing Values is kept with a recording:
    numbers that would decide otherwise lead to another one, never to the wrong branch.

    Results are Values; an array of them is one of floats where no gradient could flow.

    >>> from autograd import Value, exp, grad
    >>> f = jit(lambda x: exp(-x * x) if x > 0 else x)
    >>> f(0.5).data, f(-2.0).data, f.recordings
    (0.7788007830714049, -2.0, 2)
    >>> grad(f)(0.5)
    -0.7788007830714049

    What Python does beside computing, such as printing, happens only while `f` is recorded, and a
    plain float that it closes over stays what it was then. Integers that change, such as a token,
    are better given as an array, and looked up with `take`.

    Warns with `FrozenRecording` if `f` reads the `.data` of a Value, or does anything else that a
    replay would not do again: then it runs as it is at each call. Warns with
    `RecordedAgain` if it is recorded at nearly every call.

    Raises TypeError if `f` cannot be called, and at a call for an argument that is neither made of
    numbers nor hashable.
    """
    checked_function(f, "jit")
    return Jitted(f)


class RecordedAgain(UserWarning):
    """A function is recorded at nearly every call, so that jit only makes it slower."""


class Jitted:
    """What `jit` returns.

    recordings   how many are kept
    """

    def __init__(self, f: Function) -> None:
        update_wrapper(self, f)
        self.f = f
        self._kept: dict[Any, list[Recording]] = {}
        self._frozen: set[Any] = set()
        self._made = self._replayed = 0
        self._lock = Lock()

    @property
    def recordings(self) -> int:
        """How many recordings are kept."""
        return sum(map(len, list(self._kept.values())))

    def __call__(self, *args: Any, **named: Any) -> Any:
        numbers, key = signature.take_apart(args, named)
        if (modes.recorders and modes.recorder()) or (modes.modes and modes.watch()):
            return self._as_it_is(numbers, key)  # what records or watches wants to see it all
        for recording in self._kept.get(key, ()):
            result = recording.replay(numbers) if recording.closure.unchanged() else None
            if result is not None:
                self._replayed = recording.used = self._replayed + 1
                return result[0]
        return self._anew(numbers, key)

    def _anew(self, numbers: list[Any], key: Any) -> Any:
        """Record, and replay that."""
        if key not in self._frozen:
            try:
                recording = self._record(numbers, key)
            except CannotReplay as why:
                self._freeze(key)
                warnings.warn(
                    f"{name_of(self.f)} is not replayed but runs as it is, at every call: {why}",
                    FrozenRecording,
                    stacklevel=3,
                )
            else:
                result = recording.replay(numbers)
                if result is not None:
                    return result[0]
        return self._as_it_is(numbers, key)

    def _as_it_is(self, numbers: list[Any], key: Any) -> Any:
        """Call the function itself, with a Value for each number as when it is recorded."""
        values = [x if type(x) is Value else Value(x) for x in numbers]
        args, named = signature.build(key, iter(values))
        result = self.f(*args, **named)
        return Value(result) if isinstance(result, (int, float)) else result

    def value_and_gradient(
        self, args: tuple[Any, ...], named: dict[str, Any], places: Sequence[int]
    ) -> tuple[float, tuple[Any, ...]] | None:
        """Value and gradients at plain numbers, with no node made; None where one must be."""
        asked = Derivative(self.f, args, named, places)
        if asked.numbers is None or asked.key in self._frozen:
            return None
        for recording in self._kept.get(asked.key, ()):
            found = asked.of(recording) if recording.closure.unchanged() else None
            if found:
                self._replayed = recording.used = self._replayed + 1
                return found
        try:
            recording = self._record(asked.numbers, asked.of_call, asked.key, asked.wanted)
        except CannotReplay:
            self._freeze(asked.key)
            return None
        return asked.of(recording) if scalar(recording) else None

    def _record(
        self,
        numbers: list[Any],
        key: Any,
        kept_as: Any = None,
        wanted: Sequence[bool] | None = None,
    ) -> Recording:
        """A new recording, kept with the others."""
        recording = Recording(self.f, key, numbers, wanted)
        kept_as = kept_as or key
        with self._lock:
            kept = [r for r in self._kept.pop(kept_as, []) if r.closure.unchanged()]
            self._kept[kept_as] = [recording, *kept[: TRIED - 1]]
            recording.used = self._replayed
            while self.recordings > KEPT:  # those go that were not used for the longest time
                del self._kept[min(self._kept, key=self._last_used)]
            self._made += 1
        if self._made == TOO_MANY and self._replayed < TOO_MANY:
            warnings.warn(
                f"{name_of(self.f)} was recorded {self._made} times and replayed only "
                f"{self._replayed} times: {self._reason()}. Without jit it is faster",
                RecordedAgain,
                stacklevel=4,
            )
        return recording

    def _last_used(self, key: Any) -> int:
        return max(recording.used for recording in self._kept[key])

    def _freeze(self, key: Any) -> None:
        """Calls of this signature run as they are from now on."""
        if len(self._frozen) == KEPT:
            self._frozen.pop()
        self._frozen.add(key)

    def _reason(self) -> str:
        if len(self._kept) > self._made // 2:
            return (
                "its arguments differ at each call by more than their numbers; integers that "
                "change can be given as an array, and looked up with take"
            )
        return "its numbers lead to other decisions, or what it closes over is replaced, each time"

    def tape(self, *args: Any, **named: Any) -> Tape:
        """The tape that such a call replays; it is recorded if there is none yet.

        Raises ValueError if the function cannot be replayed.
        """
        numbers, key = signature.take_apart(args, named)
        for recording in self._kept.get(key, ()):
            if recording.closure.unchanged() and recording.replay(numbers) is not None:
                return recording.tape
        try:
            return self._record(numbers, key).tape
        except CannotReplay as why:
            raise ValueError(f"{name_of(self.f)} has no tape: {why}") from None

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else MethodType(self, owner)

    def __repr__(self) -> str:
        return f"<jitted {name_of(self.f)}: {self.recordings} recordings>"
