"""The live page: a scene and the steps of its graph flow in, HTML with a script flows out.

    fragment    the picture with the script that brings it to life;  document  a file of its own
    contents    what the script is given: the graph, the steps, the colours, as JSON
    arithmetic  the rows of the table that the graph uses, in JavaScript

The script, in the order it is put together, and its style:

    unpack.js   what the page is given, from its compressed form
    words.js    numbers and formulas as text        steps.js    the passes, and their sentences
    paths.js    the paths between two nodes         picture.js  what is on the picture
    paint.js    numbers and colours on it           view.js     zoom, drag, fit
    look.js     what is said of a node, or of two   page.js     the page as a whole
    start.js    in the place of an image            widget.js   as a widget, beside widget.py
    page.css    how it looks                        document.css  a file of its own
"""

from autograd.drawing.page.fragment import Page, document, fragment

__all__ = ["Page", "document", "fragment"]
