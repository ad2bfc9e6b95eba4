"""Files: writing a picture, with an error that says what to do when that fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

Content = TypeVar("Content", str, bytes)


def written(content: Content, path: str | os.PathLike[str] | None) -> Content:
    """Write content to a file, if a path is given, and give it back.

    Raises an OSError that names the cause and the way out.
    """
    if path is None:
        return content
    target = Path(path)
    folder = target.parent
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"cannot write {target}: the folder {folder} does not exist; create it first, "
            f"for example with os.makedirs({str(folder)!r})"
        )
    if os.path.isdir(target):  # Path.is_dir raises on some paths
        raise IsADirectoryError(
            f"cannot write {target}: it is a folder; add a file name, for example "
            f"{str(target / 'graph.svg')!r}"
        )
    data = content.encode() if isinstance(content, str) else content
    try:
        target.write_bytes(data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(
            f"cannot write {target}: {reason}; choose a folder that you may write to"
        ) from error
    return content
