"""A film: one graph, or one network, through the steps of training."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from autograd.drawing import flipbook
from autograd.drawing.files import written
from autograd.drawing.gif import gif
from autograd.drawing.views import VIEWS, chosen
from autograd.drawing.words import counted

if TYPE_CHECKING:
    from autograd.value import Value

MOST = 60  # pictures: of more, every other one is left out


class Film:
    """Pictures of one graph over time, all with the same places, colours and widths.

    `add` takes a picture of how a graph is now; the film shows itself in a notebook, with a slider,
    and saves itself by `gif` or `html`. Of more pictures than `most`, every other one is left out,
    again and again; the first and the last are always there.

    frames   the pictures, as SVG
    """

    def __init__(
        self, view: str = "graph", title: str | None = None, most: int = MOST, **options: Any
    ) -> None:
        self._view = chosen(view, options)
        if self._view.over_time is None:
            known = ", ".join(repr(name) for name, row in VIEWS.items() if row.over_time)
            raise ValueError(f"a film shows one of the views {known}, got {view!r}")
        self._moments, self._shape = self._view.over_time
        if isinstance(most, bool) or not isinstance(most, int) or most < 2:
            raise ValueError(f"most must be a whole number of pictures from 2 on, got {most!r}")
        self._title, self._most, self._options = title, most, options
        self._kept: list[tuple[Any, str]] = []  # scenes with their captions
        self._last: tuple[Any, str] | None = None  # where the last is not among them
        self._every, self._seen = 1, 0

    def add(self, value: Value, caption: str | None = None) -> Film:
        """Take a picture of the graph that made a value, as it is now; returns the film.

        The caption is written below it, by default "step 1" and so on. Raises ValueError for a
        graph of another form than the first.
        """
        scene = self._view.scene(value, self._title, **self._options)
        if self._kept and self._shape(self._kept[0][0]) != self._shape(scene):
            raise ValueError(
                f"a film shows one graph, whose numbers change: the first had "
                f"{counted(self._kept[0][0].total, 'node')}, and this one, of "
                f"{counted(scene.total, 'node')}, is made in another way; begin another film"
            )
        picture = scene, f"step {self._seen + 1}" if caption is None else caption
        self._last = picture
        if self._seen % self._every == 0:
            self._kept.append(picture)
            self._last = None
        if len(self._kept) >= self._most:  # one place is for the last
            self._last = self._last if len(self._kept) % 2 else self._kept[-1]
            self._kept, self._every = self._kept[::2], 2 * self._every
        self._seen += 1
        return self

    def callback(self, loss: Callable[[Any], Value], every: int = 1) -> Callable[[Any], None]:
        """A callback for `nn.fit` that adds a picture after every epoch, or every so many.

        `loss` is given the model and returns the Value whose graph is shown, with the gradients
        that its own backward pass computes; the model's gradients stay as they are.
        """
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a whole number of epochs from 1 on, got {every!r}")

        def epoch(run: Any) -> None:
            if run.epoch % every and run.epoch != run.epochs:
                return
            value = loss(run.model)
            leaves = [x for x in value.history() if not x.parents]
            grads = [leaf.grad for leaf in leaves]
            for leaf in leaves:
                leaf.grad = 0.0
            value.backward()
            self.add(value, f"epoch {run.epoch}: loss {run.loss:.4g}")
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.grad = grad

        return epoch

    @property
    def _pictures(self) -> list[tuple[Any, str]]:
        if not self._kept:
            raise ValueError("this film has no pictures yet: add(loss) takes one")
        return [*self._kept, *filter(None, [self._last])]

    @property
    def frames(self) -> list[str]:
        """The pictures, as SVG."""
        return list(self._drawn())

    def _drawn(self) -> Iterator[str]:
        pictures = self._pictures
        shown = f" ({len(pictures)} of {self._seen:,} shown)" if len(pictures) < self._seen else ""
        scenes = [scene for scene, _ in pictures]
        yield from self._moments(scenes, [[words + shown] for _, words in pictures])

    def gif(
        self,
        path: str | os.PathLike[str] | None = None,
        seconds: float = 0.2,
        scale: float = 1.5,
    ) -> bytes:
        """The film as the bytes of an animated GIF; with a path, also written to that file.

        Each picture is shown for so many `seconds`; a unit of it is `scale` pixels wide. Raises
        ImportError if `pillow` or `resvg-py` is missing: `pip install "glassgrad[draw]"`.
        """
        return written(gif(self._drawn(), seconds, scale), path)

    def html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One file with a slider through the pictures; it loads nothing. Also written to a path."""
        return written(flipbook.document(self.frames, self._captions()), path)

    def _captions(self) -> list[str]:
        return [words for _, words in self._pictures]

    def _repr_html_(self) -> str:
        return flipbook.fragment(self.frames, self._captions())

    def __len__(self) -> int:
        return len(self._kept) + (self._last is not None)

    def __repr__(self) -> str:
        title = self._kept[0][0].title if self._kept else "nothing yet"
        what = counted(len(self), "picture")
        return f"<Film of {title!r}: {what}; save with .gif(path) or .html(path)>"
