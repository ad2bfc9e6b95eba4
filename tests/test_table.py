"""Tables as aligned text and as Markdown."""

import pytest

from autograd import table

ROWS = [("name", "number"), ("x", "−10.25"), ("long name", ""), ("", "3")]


def test_aligned():
    assert table.aligned(ROWS, "lr").split("\n") == [
        "name       number",
        "─────────  ──────",
        "x          −10.25",
        "long name",
        "                3",
    ]
    assert table.aligned([row[::-1] for row in ROWS], "rl").split("\n") == [
        "number  name",
        "──────  ─────────",
        "−10.25  x",
        "        long name",
        "     3",
    ]


@pytest.mark.parametrize(
    ("ruled", "lines"), [((), []), ((1,), [1]), ((1, -1), [1, 4]), ((1, 2, 3), [1, 3, 5])]
)
def test_rules(ruled, lines):
    """Each stands above the row of that number."""
    text = table.aligned(ROWS, "lr", ruled).splitlines()
    assert [i for i, line in enumerate(text) if "─" in line] == lines
    assert [line for line in text if "─" not in line] == table.aligned(ROWS, "lr", ()).splitlines()


def test_markdown():
    assert table.markdown([("a|b", "n"), ("||", r"\|"), ("", "1")], "lr").split("\n") == [
        r"| a\|b | n |",
        "| --- | ---: |",
        r"| \|\| | \\| |",
        "|  | 1 |",
    ]


def test_a_heading_alone():
    assert table.aligned([("a", "bc")], "lr") == "a  bc\n─  ──"
    assert table.markdown([("a", "bc")], "lr") == "| a | bc |\n| --- | ---: |"


@pytest.mark.parametrize("layout", [table.aligned, table.markdown])
@pytest.mark.parametrize("rows", [[("a",)], [("a", "b"), ("a",)], [("a", "b", "c")]])
def test_each_row_has_a_cell_for_each_column(layout, rows):
    with pytest.raises(ValueError, match="argument"):
        layout(rows, "lr")
