"""A flipbook: pictures that differ in their numbers only, as a page with a slider.

The last picture is there as a whole, and of the others what is different in each. Where scripts are
stripped, the last picture stays.
"""

from __future__ import annotations

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from html import escape

from autograd.drawing.page.contents import as_script
from autograd.drawing.page.fragment import compact

TITLES = ("{http://www.w3.org/2000/svg}title", "{http://www.w3.org/2000/svg}desc")
TEXT = ""  # stands for the text of an element where others have the name of an attribute


def fragment(frames: Sequence[str], captions: Sequence[str]) -> str:
    """The pictures for a place in a page, as in the output of a notebook."""
    mark = "gg" + hashlib.sha256("".join(frames).encode()).hexdigest()[:10]
    code = base64.b64encode(frames[-1].encode()).decode()
    words = escape(f"Film, last picture: {captions[-1]}", quote=True)
    given = as_script({"captions": list(captions)} | changes(frames))
    parts = [
        f"const mark = {json.dumps(mark)}, film = {given};",
        f"const style = {as_script(compact('page.css'))};",
        compact("flipbook.js"),
    ]
    script = "\n".join(parts)
    return (
        f'<img alt="{words}" data-glassgrad="{mark}" style="max-width:100%;height:auto" '
        f'src="data:image/svg+xml;base64,{code}"/><script>(() => {{\n{script}\n}})();</script>'
    )


def document(frames: Sequence[str], captions: Sequence[str]) -> str:
    """The same as a file of its own."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(captions[-1])}</title>\n<style>{compact('document.css')}</style>\n"
        f"</head>\n<body>\n{fragment(frames, captions)}\n</body>\n</html>\n"
    )


def changes(frames: Sequence[str]) -> dict[str, list[object]]:
    """Where the pictures differ, and what stands there in each.

    places   pairs: the number of an element in the order of the document, and an attribute's name
    words    every text that stands there at some time
    shown    for each picture, the number of a text for each place
    """
    trees = [list(ET.fromstring(frame).iter()) for frame in frames]
    places, columns = list[tuple[int, str]](), list[list[str]]()
    for i, elements in enumerate(zip(*trees, strict=True)):
        if elements[0].tag in TITLES:
            continue
        names = dict.fromkeys(name for element in elements for name in element.attrib)
        for name in (TEXT, *names):
            if name == "id":
                continue
            found = [(e.text if name == TEXT else e.get(name)) or "" for e in elements]
            if len(set(found)) > 1:
                places.append((i, name))
                columns.append(found)
    words = list(dict.fromkeys(word for column in columns for word in column))
    number = {word: i for i, word in enumerate(words)}
    shown = [[number[column[k]] for column in columns] for k in range(len(frames))]
    return {"places": list(places), "words": list(words), "shown": list(shown)}
