"""Labels: what nodes are called on pictures and in tables. Pitfall 34."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.naming import labels

# fmt: off
LABELS = [
    # names                       labels
    (["a", "b"],                  ["a", "b"]),
    ([None, None],                ["v1", "v2"]),
    (["a", None, "b", None],      ["a", "v1", "b", "v2"]),
    (["a", "a", "a"],             ["a", "a_2", "a_3"]),
    (["a", "a", "a_2"],           ["a", "a_3", "a_2"]),     # someone's own name is left to them
    (["a_2", "a", "a"],           ["a_2", "a", "a_3"]),
    (["a", "a", "a_2", "a_2"],    ["a", "a_3", "a_2", "a_2_2"]),
    ([None, "v1", None],          ["v2", "v1", "v3"]),
    (["v2", None, None],          ["v2", "v1", "v3"]),
    (["v1", "v1", None],          ["v1", "v1_2", "v2"]),
    (["", None],                  ["v1", "v2"]),
    ([],                          []),
]
# fmt: on


@pytest.mark.parametrize(("names", "expected"), LABELS)
def test_labels(names, expected):
    assert labels([Value(1.0, name=name) for name in names]) == expected


@given(st.lists(st.sampled_from([None, "", "a", "a_2", "a_3", "a_2_2", "v1", "v2", "v1_2", "b"])))
def test_labels_are_unique_and_names_are_kept(names):
    """Pitfall 34: two nodes with the same name stay apart."""
    found = labels([Value(1.0, name=name) for name in names])
    assert len(set(found)) == len(found) == len(names)
    for name in filter(None, set(names)):
        assert found[names.index(name)] == name
    assert all(label.startswith(name or "v") for label, name in zip(found, names, strict=True))


def test_equal_values_have_labels_of_their_own():
    """Pitfall 20."""
    a = Value(1.0, name="a")
    assert labels([a, Value(1.0, name="b")]) == ["a", "b"]


@pytest.mark.parametrize("name", [None, "w"])
def test_many_nodes_of_one_name(name):
    """Pitfall 33: linear, not every label counted up from 2."""
    start = time.process_time()
    found = labels([Value(1.0, name=name)] * 50_000)
    assert len(set(found)) == 50_000
    assert time.process_time() - start < 5
