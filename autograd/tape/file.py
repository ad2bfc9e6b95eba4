"""A tape as a file: a line that says what it is, a line of words, and the arrays.

The first line has the version of the format and the checksum of all that follows. The second line
is JSON: names, operations, guards and how long each array is. Then come the arrays themselves, as
little-endian bytes. Whatever a file holds, it is only ever read as numbers and names of rows of the
table, all of which are checked: nothing in it is run.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from array import array
from pathlib import Path
from typing import Any

from autograd import ops
from autograd.operation import Operation
from autograd.tape.tape import Guard, Tape
from autograd.tape.validity import check

FORMAT = "glassgrad tape"
VERSION = 1
# the arrays as they are written, one after the other: d for 8-byte floats, i for 4-byte integers
ARRAYS = {
    "constants": "d",
    "codes": "i",
    "starts": "i",
    "operands": "i",
    "list_starts": "i",
    "list_items": "i",
    "outputs": "i",
}


def save(tape: Tape, path: str | os.PathLike[str]) -> None:
    """Write the tape to a file in one step.

    Raises TypeError for operations that are not in the table, OSError if it cannot be written.
    """
    write_in_one_step(Path(path), packed(tape))


def load(path: str | os.PathLike[str]) -> Tape:
    """The tape that `save` wrote.

    Raises ValueError for a file that is damaged, that is no tape, or that needs a newer library.
    """
    content = Path(path).read_bytes()
    try:
        return unpacked(content)
    except ValueError as problem:
        raise ValueError(
            f"{os.fspath(path)} {problem}: use another copy, or record and save the tape again"
        ) from None


def packed(tape: Tape) -> bytes:
    """The bytes of the file."""
    own = [row.name for row in tape.operations if ops.ROWS.get(row.name) is not row]
    if own:
        raise TypeError(
            f"this tape runs {', '.join(own)}, which the table of operations does not have: the "
            "code of an operation of your own cannot be saved; save what it is made from, and "
            "record it again"
        )
    words = {
        "inputs": tape.inputs,
        "parameters": tape.parameters,
        "operations": [row.name for row in tape.operations],
        "guards": [[g.how, g.left, g.right, g.outcome] for g in tape.guards],
        "arrays": {name: len(getattr(tape, name)) for name in ARRAYS},
    }
    arrays = [little_endian(getattr(tape, name)).tobytes() for name in ARRAYS]
    body = json.dumps(words).encode() + b"\n" + b"".join(arrays)
    return f"{FORMAT} {VERSION} {zlib.crc32(body):08x}\n".encode() + body


def unpacked(content: bytes) -> Tape:
    """The tape that the bytes are, complete and checked."""
    first, _, body = content.partition(b"\n")
    head = first.decode("ascii", "replace").split(" ")
    if head[:-2] != FORMAT.split(" "):
        raise ValueError("was not written by a tape's save()")
    if head[-2] != str(VERSION):
        raise ValueError(f"has version {head[-2]}, and this library reads {VERSION}")
    if head[-1] != f"{zlib.crc32(body):08x}":
        raise ValueError("is damaged or was edited (its checksum is wrong)")
    try:
        tape = tape_of(body)
        check(tape)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"is no tape that can be run ({problem})") from None
    return tape


def tape_of(body: bytes) -> Tape:
    """The tape that words and arrays make."""
    line, _, rest = body.partition(b"\n")
    words = json.loads(line)
    if not isinstance(words, dict):
        raise ValueError("its second line does not hold names")
    arrays = arrays_of(words.get("arrays"), rest)
    return Tape(
        tuple(texts(words, "inputs")),
        tuple(texts(words, "parameters")),
        operations=tuple(map(operation_of, texts(words, "operations"))),
        guards=tuple(map(guard_of, listed(words, "guards"))),
        **arrays,
    )


def arrays_of(lengths: Any, content: bytes) -> dict[str, array[Any]]:
    """The arrays, which must be exactly as long as was said."""
    if not isinstance(lengths, dict) or lengths.keys() != ARRAYS.keys():
        raise ValueError("it does not say how long its arrays are")
    arrays, at = {}, 0
    for name, kind in ARRAYS.items():
        part, length = array(kind), lengths[name]
        if type(length) is not int or length < 0:
            raise ValueError(f"the length of {name} is {length!r:.40}")
        end = at + length * part.itemsize
        if end > len(content):
            raise ValueError(f"its {name} end after the file")
        part.frombytes(content[at:end])
        arrays[name], at = little_endian(part), end
    if at != len(content):
        raise ValueError("something follows its arrays")
    return arrays


def listed(words: dict[str, Any], name: str) -> list[Any]:
    """The list of that name."""
    if not isinstance(words.get(name), list):
        raise ValueError(f"its {name} are no list")
    found: list[Any] = words[name]
    return found


def texts(words: dict[str, Any], name: str) -> list[str]:
    """The list of that name, all of it text."""
    for word in listed(words, name):
        if not isinstance(word, str):
            raise ValueError(f"one of its {name} is {word!r:.40}, which is no text")
    return listed(words, name)


def operation_of(name: str) -> Operation:
    """The row of the table."""
    if name not in ops.ROWS:
        raise ValueError(f"it runs the operation {name!r:.40}, which this library does not have")
    return ops.ROWS[name]


def guard_of(words: Any) -> Guard:
    """What a comparison decided."""
    kinds = [str, int, int, bool]
    if not isinstance(words, list) or [*map(type, words)] != kinds:
        raise ValueError(f"a guard is {words!r:.40}, not a sign, two slots and what it decided")
    return Guard(*words)


def little_endian(numbers: array[Any]) -> array[Any]:
    """The array itself, or a copy with its bytes the other way round on a big-endian machine."""
    if sys.byteorder == "little":
        return numbers
    swapped = numbers[:]
    swapped.byteswap()
    return swapped


def write_in_one_step(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as problem:
        raise OSError(
            problem.errno,
            f"cannot save the tape ({problem.strerror}): choose a folder that exists and that you "
            "may write to",
            str(path),
        ) from problem
    finally:
        draft.unlink(missing_ok=True)
