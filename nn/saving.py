"""Saving: numbers as a JSON file that is either complete or not there, and is checked when read."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .state import is_finite_number, shorten


class Kind(NamedTuple):
    """A kind of file."""

    format: str
    version: int
    noun: str
    writer: str  # what writes it, in words
    parts: tuple[str, ...]  # what is in it
    again: str  # what to do if it is damaged


MODEL = Kind(
    "glassgrad model",
    1,
    "saved model",
    "a model's save()",
    ("architecture", "parameters"),
    "use another copy, or train and save the model again",
)


def write_model(
    path: str | os.PathLike[str], architecture: str, state: Mapping[str, float]
) -> None:
    """Write a model's description and parameters to `path`.

    Raises ValueError if a parameter is not finite, OSError if `path` can't be written.
    """
    lost = [f"{name!r} is {data}" for name, data in state.items() if not is_finite_number(data)]
    if lost:
        raise ValueError(
            f"this model has diverged, nothing was written to {os.fspath(path)}: {shorten(lost)}. "
            "Train it again with a smaller learning rate"
        )
    write(path, MODEL, {"architecture": architecture, "parameters": dict(state)}, indent=1)


def read_model(path: str | os.PathLike[str], architecture: str) -> Any:
    """The parameters that `write_model` wrote for a model of the same description.

    Raises ValueError if the file is damaged, newer than this library, or another model's.
    """
    content = read(path, MODEL)
    check_architecture(path, content.get("architecture"), architecture)
    return content.get("parameters")


def check_architecture(path: str | os.PathLike[str], saved: Any, architecture: str) -> None:
    """Raise ValueError if a file is of another model."""
    if saved != architecture:
        raise ValueError(
            f"{os.fspath(path)} holds another model, nothing was changed. Saved was\n"
            f"{saved}\nand this is\n{architecture}\n"
            "Build the model as it was built when it was saved, then load"
        )


def write(
    path: str | os.PathLike[str], kind: Kind, content: Mapping[str, Any], indent: int | None = None
) -> None:
    """Write the parts of a file of that kind, with what tells it apart and a checksum."""
    whole = {
        "format": kind.format,
        "version": kind.version,
        **content,
        "checksum": checksum(kind, content),
    }
    write_in_one_step(Path(path), json.dumps(whole, indent=indent) + "\n", kind.noun)


def read(path: str | os.PathLike[str], kind: Kind) -> dict[str, Any]:
    """What `write` wrote.

    Raises ValueError if the file is damaged, newer than this library, or of another kind.
    """
    text = Path(path).read_bytes()
    name = os.fspath(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValueError(
            f"{name} is damaged or is not a {kind.noun} ({problem}), nothing was changed: "
            f"{kind.again}"
        ) from None
    if not isinstance(content, dict) or content.get("format") != kind.format:
        raise ValueError(
            f"{name} was not written by {kind.writer}, nothing was changed: choose a file that was"
        )
    if content.get("version") != kind.version:
        raise ValueError(
            f"{name} has version {content.get('version')!r}, this library reads {kind.version}, "
            "nothing was changed: pip install --upgrade glassgrad"
        )
    if content.get("checksum") != checksum(kind, content):
        raise ValueError(
            f"{name} is damaged or was edited (its checksum is wrong), nothing was changed: "
            f"{kind.again}"
        )
    return content


def checksum(kind: Kind, content: Mapping[str, Any]) -> int:
    """A number that changes when a byte of what was saved does."""
    return zlib.crc32(json.dumps([content.get(part) for part in kind.parts]).encode())


def write_in_one_step(path: Path, text: str, noun: str) -> None:
    """Write a text file so that a reader finds the old text or the new, never a part.

    Not even after a power failure: the text is on the disk before it gets its name, and the name
    is, too, before this returns.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        sync_folder(path.parent)
    except OSError as problem:
        raise OSError(
            problem.errno,
            f"cannot save the {noun.removeprefix('saved ')} ({problem.strerror}): choose a folder "
            "that exists and that you may write to",
            str(path),
        ) from problem
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system knows such a request."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
