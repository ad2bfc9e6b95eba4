"""Saving: a model's parameters as a JSON file that is either complete or not there."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .state import is_finite_number, shorten

FORMAT = "glassgrad model"
VERSION = 1


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
    content = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": architecture,
        "parameters": dict(state),
        "checksum": checksum(architecture, dict(state)),
    }
    write_in_one_step(Path(path), json.dumps(content, indent=1) + "\n")


def read_model(path: str | os.PathLike[str], architecture: str) -> Any:
    """The parameters that `write_model` wrote for a model of the same description.

    Raises ValueError if the file is damaged, newer than this library, or another model's.
    """
    text = Path(path).read_bytes()
    name = os.fspath(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValueError(
            f"{name} is damaged or is not a saved model ({problem}), nothing was changed: "
            "use another copy, or train and save the model again"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(
            f"{name} was not written by a model's save(), nothing was changed: "
            "choose a file that was"
        )
    if content.get("version") != VERSION:
        raise ValueError(
            f"{name} has version {content.get('version')!r}, this library reads {VERSION}, "
            "nothing was changed: pip install --upgrade glassgrad"
        )
    saved, parameters = content.get("architecture"), content.get("parameters")
    if content.get("checksum") != checksum(saved, parameters):
        raise ValueError(
            f"{name} is damaged or was edited (its checksum is wrong), nothing was changed: "
            "use another copy, or train and save the model again"
        )
    if saved != architecture:
        raise ValueError(
            f"{name} holds another model, nothing was changed. Saved was\n"
            f"{saved}\nand this is\n{architecture}\n"
            "Build the model as it was built when it was saved, then load"
        )
    return parameters


def checksum(architecture: Any, parameters: Any) -> int:
    """A number that changes when a byte of what was saved does."""
    return zlib.crc32(json.dumps([architecture, parameters]).encode())


def write_in_one_step(path: Path, text: str) -> None:
    """Write a text file so that a reader finds the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as problem:
        raise OSError(
            problem.errno,
            f"cannot save the model ({problem.strerror}): choose a folder that exists and "
            "that you may write to",
            str(path),
        ) from problem
    finally:
        draft.unlink(missing_ok=True)
