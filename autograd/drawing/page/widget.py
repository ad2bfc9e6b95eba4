"""A picture as a widget: its step and what is chosen in it can be read and set from Python."""

from __future__ import annotations

import base64
from difflib import get_close_matches
from functools import cache
from typing import Any

from autograd import ops
from autograd.drawing.page.contents import contents
from autograd.drawing.page.fragment import Page, compact, others, packed, scripts, words

ROOM = 1_000_000  # characters of other forms: a widget is not saved with its notebook by itself


def widget(page: Page) -> Any:
    """A live picture whose `step` and `selected` are those of the page, both ways.

    step       how many steps of the passes are done, from 0 to `steps`
    selected   the names of the nodes and groups that are chosen, two at most

    Raises ImportError if `anywidget` is missing.
    """
    names = [*page.steps.names] if page.steps else []
    groups = [group.path or group.title for group in getattr(page.scene, "groups", ())]
    whole = len(page.steps) if page.steps else 0
    backward = page.steps is not None and page.scene.backward
    return kind()(
        step=whole if backward else len(names),
        steps=whole,
        names=[*names, *groups],
        words=words(page),
        picture=base64.b64encode(page.svg.encode()).decode(),
        contents=packed(contents(page.scene, page.steps)),
        details=others(page.details, ROOM),
    )


@cache
def kind() -> type:
    """The class of widgets, which all share one script."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(
            'a widget needs the package anywidget: pip install "glassgrad[widget]"'
        ) from error

    class GraphWidget(anywidget.AnyWidget):
        """A live picture of a graph."""

        _esm = script()
        step = traitlets.Int(0).tag(sync=True)
        selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
        words = traitlets.Unicode().tag(sync=True)
        picture = traitlets.Unicode().tag(sync=True)
        contents = traitlets.Unicode().tag(sync=True)
        details = traitlets.Unicode().tag(sync=True)
        steps = traitlets.Int(0)
        names = traitlets.List(traitlets.Unicode())

        @traitlets.validate("step")
        def _step(self, proposal: Any) -> int:
            step: int = proposal["value"]
            if not 0 <= step <= self.steps:
                raise traitlets.TraitError(f"step must be from 0 to {self.steps}, got {step}")
            return step

        @traitlets.validate("selected")
        def _selected(self, proposal: Any) -> list[str]:
            chosen: list[str] = proposal["value"]
            for name in chosen:
                if name not in self.names:
                    near = get_close_matches(name, self.names, 1)
                    hint = f". Did you mean {near[0]!r}?" if near else ""
                    raise traitlets.TraitError(f"this graph has no node called {name!r}{hint}")
            if len(chosen) > 2:
                raise traitlets.TraitError(f"two nodes at most can be selected, got {len(chosen)}")
            return chosen

        def __repr__(self) -> str:
            return f"<{self.words}: step {self.step} of {self.steps}, selected {self.selected}>"

    return GraphWidget


def script() -> str:
    """The module of the widget: the scripts of a page inside a function, which each runs anew."""
    body = "\n".join([scripts([*ops.ROWS.values()]), compact("widget.js")])
    return (
        "export default {\nasync render({ model, el }) {\n"
        f"{compact('unpack.js')}\n"
        'const contents = JSON.parse(await unpacked(model.get("contents")));\n'
        'const details = JSON.parse(model.get("details"));\n'
        f"{body}\n}}\n}};\n"
    )
