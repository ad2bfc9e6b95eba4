"""A picture as HTML: an image, and a script that puts the live page in its place.

Where scripts are stripped the image stays. The script is whole: it loads nothing, and the page is
in a shadow root of its own, so that no id, name or style can clash with another's.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.drawing.page.arithmetic import kernels
from autograd.drawing.page.contents import as_script, contents, shown
from autograd.drawing.scene import Scene
from autograd.steps import Steps

if TYPE_CHECKING:
    from autograd.drawing.details import Detail
    from autograd.operation import Operation

PLAIN = 40_000  # characters of JSON: beyond that they are compressed
ROOM = 390_000  # characters of a page: other forms of the picture are left out beyond that
FOLDER = Path(__file__).parent
SCRIPTS = ("words", "steps", "paths", "picture", "paint", "view", "look", "page")  # in this order


@dataclass(frozen=True)
class Page:
    """What a page shows: a picture and its scene, the steps, and other forms as it is drawn."""

    svg: str
    scene: Scene
    steps: Steps | None
    details: Iterable[tuple[Detail, str, Scene]] = ()


def fragment(page: Page) -> str:
    """The picture for a place in a page, as in the output of a notebook."""
    code = base64.b64encode(page.svg.encode()).decode()
    script = scripts(page.steps.operations if page.steps else [])
    given = given_as(contents(page.scene, page.steps))
    forms = others(page.details, ROOM - len(code) - len(script) - len(given))
    return (
        f'<img alt="{escape(words(page), quote=True)}" data-glassgrad="{mark(page)}" '
        f'style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{code}"/>'
        f"<script>(async () => {{\nconst mark = {json.dumps(mark(page))};\n{compact('unpack.js')}\n"
        f"const contents = {given}, details = {forms};\n"
        f"{script}\n{compact('start.js')}\n}})();</script>"
    )


def scripts(operations: Sequence[Operation | None]) -> str:
    """The style and the scripts of a page, with these rows of the table."""
    return "\n".join(
        [
            f"const style = {json.dumps(compact('page.css'))};",
            f"const kernels = (() => {{\n{kernels(operations)}\n}})();",
            *(compact(f"{name}.js") for name in SCRIPTS),
        ]
    )


def words(page: Page) -> str:
    """What stands for the picture where it is not seen."""
    return f"Graph of {page.scene.title}"


def mark(page: Page) -> str:
    """The id of the picture, which svg() has written."""
    return re.search(r' id="(\w+)"', page.svg)[1]  # type: ignore[index]


def given_as(found: str) -> str:
    """JSON as it is, so that a small page is there at once; or compressed."""
    return found if len(found) <= PLAIN else f'JSON.parse(await unpacked("{packed(found)}"))'


def packed(words: str) -> str:
    """A text for a script, compressed: numbers with all their digits are long."""
    return base64.b64encode(zlib.compress(words.encode(), 9)).decode()


def others(details: Iterable[tuple[Detail, str, Scene]], room: int) -> str:
    """The other forms as JSON, as many as there is room for: their pictures are compressed."""
    found = list[str]()
    for detail, svg, scene in details:
        form = {"name": detail.name, "opens": detail.opens, "picture": packed(svg)} | shown(scene)
        found.append(as_script(form))
        room -= len(found[-1])
        if room < 0:
            found.pop()
            break
    return f"[{','.join(found)}]"


def document(page: Page) -> str:
    """The picture as a file of its own."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.scene.title) or 'Graph'}</title>\n"
        f"<style>{compact('document.css')}</style>\n"
        f"</head>\n<body>\n{fragment(page)}\n</body>\n</html>\n"
    )


@cache
def compact(name: str) -> str:
    """A file of this folder without its comments and indentation."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return "\n".join(line for line in kept if line and not line.startswith(("//", "/*")))
