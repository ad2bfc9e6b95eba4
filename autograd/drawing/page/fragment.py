"""A picture as HTML: an image, and a script that puts the live page in its place.

Where scripts are stripped the image stays. The script is whole: it loads nothing, and the page is
in a shadow root of its own, so that no id, name or style can clash with another's.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html import escape
from pathlib import Path

from autograd.drawing.page.arithmetic import kernels
from autograd.drawing.page.contents import contents
from autograd.drawing.scene import Scene
from autograd.steps import Steps

FOLDER = Path(__file__).parent
SCRIPTS = ("words", "steps", "paths", "picture", "paint", "view", "look", "page")  # in this order


def fragment(svg: str, scene: Scene, steps: Steps | None) -> str:
    """The picture for a place in a page, as in the output of a notebook."""
    code = base64.b64encode(svg.encode()).decode()
    words = escape(f"Graph of {scene.title}", quote=True)
    mark = re.search(r' id="(\w+)"', svg)[1]  # type: ignore[index]  # svg() has written it
    rows = kernels(steps.operations if steps else [])
    parts = [
        f"const mark = {json.dumps(mark)}, contents = {contents(scene, steps)};",
        f"const style = {json.dumps(compact('page.css'))};",
        f"const kernels = (() => {{\n{rows}\n}})();",
        *(compact(f"{name}.js") for name in SCRIPTS),
    ]
    script = "\n".join(parts)
    return (
        f'<img alt="{words}" data-glassgrad="{mark}" '
        f'style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{code}"/>'
        f"<script>(() => {{\n{script}\n}})();</script>"
    )


def document(svg: str, scene: Scene, steps: Steps | None) -> str:
    """The picture as a file of its own."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(scene.title) or 'Graph'}</title>\n"
        f"<style>{compact('document.css')}</style>\n"
        f"</head>\n<body>\n{fragment(svg, scene, steps)}\n</body>\n</html>\n"
    )


@cache
def compact(name: str) -> str:
    """A file of this folder without its comments and indentation."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return "\n".join(line for line in kept if line and not line.startswith(("//", "/*")))
