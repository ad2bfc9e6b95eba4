"""The notebooks run, show what they say, and stay readable."""

import ast
import re
import runpy
from pathlib import Path

import nbformat
import pytest

import autograd
import nn
import nn.sklearn

FOLDER = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("**/*.ipynb"))
SHORT = [path for path in PATHS if path.stem < "05" and path.parent == FOLDER]
LECTURES = [path for path in PATHS if path.parent.name == "lectures"]
PUBLIC = {module.__name__: set(module.__all__) for module in (autograd, nn, nn.sklearn)}

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell):
    """What a cell shows: its text, and the kinds of its pictures."""
    return [
        output.text
        if output.output_type == "stream"
        else (output.data["text/plain"], *sorted(output.data))
        for output in cell.outputs
    ]


def private_names(source):
    """What a cell uses that `autograd` and `nn` do not offer."""
    tree = ast.parse(re.sub(r"(?m)^%.*$", "", source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for module in (alias.name for alias in node.names):
                if module.split(".")[0] in PUBLIC and module not in PUBLIC:
                    yield module
        elif isinstance(node, ast.ImportFrom):
            package = node.module.split(".")[0]
            if package in PUBLIC:
                offered = PUBLIC.get(node.module, set())
                yield from (alias.name for alias in node.names if alias.name not in offered)
        elif isinstance(node, ast.Attribute):
            owner = getattr(node.value, "id", None)
            if node.attr.startswith("_") or node.attr not in PUBLIC.get(owner, {node.attr}):
                yield ast.unparse(node)


def test_there_are_notebooks():
    assert PATHS


@each_notebook
def test_runs_and_shows_what_is_committed(path, tmp_path):
    if path not in SHORT and autograd.ENGINE == "python":
        pytest.skip("it trains a lot: the native engine runs it")
    committed = nbformat.read(path, as_version=4)
    fresh = runpy.run_path(str(FOLDER / "execute.py"))["executed"](path, tmp_path)
    pairs = list(zip(code_cells(committed), code_cells(fresh), strict=True))
    for old, new in pairs:
        assert shown(old) == shown(new), f"python notebooks/execute.py; changed: {old.source}"
        assert old.execution_count == new.execution_count
    assert any(shown(cell) for cell, _ in pairs)
    for picture in tmp_path.iterdir():
        head = {".png": 24, ".gif": 10}[picture.suffix]  # up to its width and height
        kept = (FOLDER / "pictures" / picture.name).read_bytes()
        assert kept[:head] == picture.read_bytes()[:head], "python notebooks/execute.py"


@each_notebook
def test_is_text_first_and_short(path):
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].cell_type == "markdown"
    for cell in cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 15, cell.source
            assert not cell.metadata, "times and states of cells change with every run"
    assert path.stat().st_size < (2_000_000 if "seeing" in path.stem else 1_000_000)


@each_notebook
def test_uses_public_names_only(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        assert not list(private_names(cell.source)), cell.source


@each_notebook
def test_outputs_name_no_folder_of_the_machine_they_were_made_on(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        texts = [output.get("text", "") for output in cell.outputs]
        texts += [text for output in cell.outputs for text in output.get("data", {}).values()]
        assert not re.search(r"(?<![\w.:/])/(home|root|tmp|Users)/", "".join(texts))
        assert all(output.get("name") != "stderr" for output in cell.outputs)


def table(text):
    """The rows of the tables whose head is slide and section: pairs of both, as they are written."""
    rows = re.findall(r"(?m)^\| (.+) \| (.+) \|$", text.partition("| slide | section |\n")[2])
    return [row for row in rows if row not in [("---", "---"), ("slide", "section")]]


def slides(path):
    """Where the index says that the slides of a lecture are shown: pairs of title and section."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    return table(re.search(rf"\(lectures/{path.name}\)\n\n(?s:.*?)(?=\n### |\Z)", index)[0])


def headings(notebook):
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [name for source in cells for name in re.findall(r"(?m)^## (.+)$", source)]


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_every_slide_is_shown_where_the_index_says(path):
    notebook, found = nbformat.read(path, as_version=4), slides(path)
    assert len({title for title, _ in found}) == len(found) >= 10
    shown = {"Slide → section"}
    for title, section in found:
        link = re.fullmatch(r"\[(.+)\]\((.+)\)", section)
        if link is None:
            assert re.match("title page|administrative|plan|heading", section), title
            continue
        name, address = link.groups()
        assert address == f"lectures/{path.name}#{name.replace(' ', '-')}", title
        shown.add(name)
    assert shown == set(headings(notebook)), "each section shows a slide, each link has a section"
    assert len(headings(notebook)) == len(shown), (
        "two sections of one name: a link reaches the first"
    )


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_lecture_ends_with_its_part_of_the_index(path):
    last = nbformat.read(path, as_version=4).cells[-1].source
    assert table(last) == [(t, s.replace(f"lectures/{path.name}", "")) for t, s in slides(path)]


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_what_a_lecture_says_is_asserted(path):
    code = [cell.source for cell in code_cells(nbformat.read(path, as_version=4))]
    assert sum("assert " in source for source in code) > len(code) / 2


def test_the_index_lists_every_notebook():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in PATHS:
        assert f"({path.relative_to(FOLDER).as_posix()})" in index


@pytest.mark.parametrize(
    "source",
    [
        "import autograd.naming",
        "from autograd.naming import labels",
        "from autograd import operators",
        "nn.row.row([1], 1, '')",
        "Value(1.0)._birth",
    ],
)
def test_a_private_name_is_found(source):
    assert list(private_names(source))
