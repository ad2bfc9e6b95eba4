"""The stubs are what the table says today."""

from pathlib import Path

import autograd
from autograd import stubs

FOLDER = Path(autograd.__file__).parent


def test_stubs_are_up_to_date() -> None:
    assert (FOLDER / "ops.pyi").read_text(encoding="utf-8") == stubs.ops_stub()
    assert (FOLDER / "value.pyi").read_text(encoding="utf-8") == stubs.value_stub()


def test_every_public_attribute_of_value_is_in_its_stub() -> None:
    text = stubs.value_stub()
    names = [name for name in dir(autograd.Value) if not name.startswith("_")]
    assert [name for name in names if f"{name}(" not in text and f" {name}:" not in text] == []
