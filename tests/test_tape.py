"""The tape as an object: what it says of itself, its listing, its picture, its file."""

import copy
import json
import math
import os
import pickle
import random
import struct
import zlib
from array import array
from dataclasses import replace

import pytest
from test_flatten import Program, cube, record

import nn
from autograd import Value, ops
from autograd.tape import file
from autograd.tape.flatten import assembled, flatten
from autograd.tape.instruction import Instruction
from autograd.tape.tape import Guard, Tape
from autograd.tape.validity import check


def neuron():
    """tanh(w·x + b), compared with 0."""
    ws, b = [Value(0.5, name="w1"), Value(-1.0, name="w2")], Value(0.25, name="b")
    variables = [Value(1.0, name="x1"), Value(2.0, name="x2")]
    out = ops.dot(ws, variables, b).tanh()
    tape, _ = flatten([out], variables, variables[0]._birth, [("<", out, 0.0, True)])
    return tape


# WHAT IT SAYS OF ITSELF


def test_in_short():
    assert repr(neuron()) == ("<Tape: 2 inputs, 3 parameters, 2 instructions, 1 output, 1 guard>")
    tape, _ = record(lambda x: x, 1.0)
    assert repr(tape) == "<Tape: 1 input, 0 parameters, 0 instructions, 1 output>"


def test_size_and_memory():
    tape = neuron()
    assert tape.size == len(tape) == 2
    floats, integers = len(tape.constants), 2 + 3 + 4 + 3 + 4 + 1
    assert tape.memory == 8 * floats + 4 * integers


FLOPS = [
    (lambda x, y, z: x + y, 1),
    (lambda x, y, z: x.exp(), 1),
    (lambda x, y, z: ops.clip(x, y, z), 1),
    (lambda x, y, z: ops.dot([x, y, z], [x, y, z]), 6),
    (lambda x, y, z: ops.dot([x, y, z], [x, y, z], z), 7),
    (lambda x, y, z: ops.sum([x, y, z]), 2),
    (lambda x, y, z: ops.mean([x, y, z]), 3),
    (lambda x, y, z: ops.softmax([x, y, z]), 9),
    (lambda x, y, z: ops.take([x, y, z], z), 0),
    (lambda x, y, z: x.constant(), 0),
    (lambda x, y, z: cube(x), 1),
    (lambda x, y, z: [x, y, z], 0),
]


@pytest.mark.parametrize("k", range(len(FLOPS)))
def test_flops(k):
    f, expected = FLOPS[k]
    assert record(f, 0.5, 1.5, 2.0)[0].flops == expected


def test_equal_tapes_have_equal_bits():
    tape = neuron()
    assert tape == neuron() and tape == copy.deepcopy(tape) == pickle.loads(pickle.dumps(tape))
    assert tape != replace(tape, inputs=("x1", "x3"))
    assert tape != replace(tape, guards=())
    assert tape != replace(tape, constants=array("d", [-0.0]))
    not_a_number = replace(tape, constants=array("d", [math.nan]))
    assert not_a_number == copy.deepcopy(not_a_number)
    assert tape != "a tape"
    with pytest.raises(TypeError, match="unhashable"):
        hash(tape)


def test_its_fields_stay():
    with pytest.raises(AttributeError):
        neuron().outputs = array("i", [0])


# LISTING


def test_names_are_unique_and_a_line_is_a_line():
    variables = [Value(1.0, name=name) for name in ("v0", "x\n1", None, "v0", "x2")]
    tape, _ = flatten([ops.mean(variables)], variables, variables[0]._birth)
    assert (
        str(tape)
        == """\
name  operation  formula
────  ─────────  ────────────────────────────
v0    input
x 1   input
x_2   input
v0_2  input
x2    input
v_0   mean       mean(v0, x 1, x_2, v0_2, x2)
      output     v_0"""
    )


def test_of_a_long_tape_both_ends_are_shown():
    def f(x):
        for _ in range(100_000):
            x = x.sin()
        return x

    tape, _ = record(f, 1.0)
    lines = str(tape).splitlines()
    assert len(lines) == 2 + 1 + 20 + 1 + 10 + 1
    assert [line.split() for line in (lines[3], lines[22], lines[23], lines[24], lines[33])] == [
        ["v0", "sin", "sin(x0)"],
        ["v19", "sin", "sin(v18)"],
        ["…", "99,970", "more"],
        ["v99990", "sin", "sin(v99989)"],
        ["v99999", "sin", "sin(v99998)"],
    ]


def test_the_inputs_of_a_network_take_little_room():
    tape, _ = record(lambda *row: nn.MLP(64, [16, 1], seed=0)(row), *[0.1] * 64)
    text = str(tape)
    assert len(text.splitlines()) < 60
    assert "layer of 16" in text
    assert "56 more" in text


def test_a_line_is_never_left_out_for_a_line():
    lines = str(record(lambda *xs: ops.sum(xs), *range(9))[0]).splitlines()
    assert "…" not in "".join(line[0] for line in lines)
    assert len(lines) == 2 + 9 + 1 + 1


# VALUES AND PICTURES


def test_values_are_the_graph_again():
    x, w = Value(3.0, name="mine"), 2.0
    tape, _ = record(lambda x: (x * weight).exp(), 1.0)
    (y,) = tape.values([x], [w])
    assert y.data == math.exp(6.0)
    assert [v.name for v in y.history()] == ["mine", "weight", None, None]
    y.backward()
    assert x.grad == 2.0 * math.exp(6.0)


weight = Value(1.0, name="weight")


def test_values_of_every_kind_of_output():
    tape, _ = record(lambda x: [x, weight, 2.0, cube(Value(2.0))], 1.0)
    assert [(v.data, v.parents) for v in tape.values([5], [6])] == [
        (5, ()),
        (6, ()),
        (2, ()),
        (8, ()),
    ]


def test_the_wrong_number_of_inputs():
    with pytest.raises(ValueError, match="this tape has 2 inputs, got 1 numbers"):
        neuron().values([1.0], [1.0] * 3)
    with pytest.raises(ValueError, match="this tape has 3 parameters, got 0 numbers"):
        neuron().values([1.0, 2.0])


def test_draw():
    drawing = neuron().draw()
    assert "tanh" in drawing.svg() and ">w1<" in drawing.svg()
    by_data = {
        node.label: node.data for node in neuron().draw([3.0, 4.0], [5.0, 6.0, 7.0]).scene.nodes
    }
    assert by_data["x1"] == 3.0 and by_data["b"] == 7.0
    assert all(node.grad is not None for node in drawing.scene.nodes)
    tape, _ = record(lambda x: [x.exp(), x], 1.0)
    assert tape.draw(title="same", output=1).scene.title == "same"
    with pytest.raises(IndexError, match="has 2 outputs, numbered from 0; there is no output 2"):
        tape.draw(output=2)


# FILES


def tapes():
    """Of many kinds, all of which can be saved."""
    found = [neuron(), record(lambda x: x, 1.0)[0], record(lambda x: 2.0, 1.0)[0]]
    found.append(record(lambda x, i: ops.take([x, 2.0, x.exp()], i), 1.0, 2.0)[0])
    found.append(record(lambda x, y: [*ops.softmax([x, y]), ops.prod([x, y])], 1.0, 2.0)[0])
    numbers = (math.nan, -math.nan, math.inf, -0.0, 5e-324, 0.1)
    found.append(record(lambda x: [ops.hypot(x, number) for number in numbers], 1.0)[0])
    found += [Program(seed).record()[0] for seed in range(60)]
    return [tape for tape in found if cube not in tape.operations]


def test_saved_and_loaded_it_is_the_same(tmp_path):
    assert len(tapes()) > 30
    for tape in tapes():
        tape.save(tmp_path / "my.tape")
        again = Tape.load(str(tmp_path / "my.tape"))
        assert again == tape
        assert all(mine is theirs for mine, theirs in zip(again.operations, tape.operations))
        check(again)
    assert os.listdir(tmp_path) == ["my.tape"]


def test_bits_of_constants_survive():
    quiet, signalling = 0x7FF8_0000_0000_0123, 0xFFF0_0000_0000_0001
    bits = struct.pack("<3Q", quiet, signalling, 1 << 63)
    tape = assembled(("x",), (), array("d", bits), [], [0, 1, 2, 3])
    assert file.unpacked(file.packed(tape)).constants.tobytes() == bits


def test_names_survive():
    tape = replace(neuron(), inputs=('x\n\x00"', "∂ \ud800"))
    assert file.unpacked(file.packed(tape)) == tape


def test_the_file_of_a_big_endian_machine_is_the_same(monkeypatch):
    tape = neuron()
    content = file.packed(tape)
    swapped = {name: getattr(tape, name)[:] for name in file.ARRAYS}
    for numbers in swapped.values():
        numbers.byteswap()  # what such a machine has in memory
    monkeypatch.setattr(file.sys, "byteorder", "big")
    assert file.packed(replace(tape, **swapped)) == content
    assert (
        file.arrays_of({n: len(a) for n, a in swapped.items()}, content.split(b"\n", 2)[2])
        == swapped
    )


def test_an_operation_of_a_user_cannot_be_saved(tmp_path):
    tape, _ = record(lambda x: cube(x), 1.0)
    with pytest.raises(TypeError, match="runs cube, which the table .* cannot be saved"):
        tape.save(tmp_path / "my.tape")
    assert os.listdir(tmp_path) == []


def test_the_old_file_stays_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "my.tape"
    neuron().save(path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot save the tape \(No space left on device\)"):
        record(lambda x: x.exp(), 1.0)[0].save(path)
    assert Tape.load(path) == neuron()
    assert os.listdir(tmp_path) == ["my.tape"]
    with pytest.raises(FileNotFoundError, match="choose a folder that exists"):
        neuron().save(tmp_path / "nowhere" / "my.tape")


def sealed(words, arrays):
    """A file with a right checksum, whatever is in it."""
    body = (words if isinstance(words, bytes) else json.dumps(words).encode()) + b"\n" + arrays
    return f"glassgrad tape 1 {zlib.crc32(body):08x}\n".encode() + body


def opened(tape):
    """The words and the arrays of a file."""
    _, words, arrays = file.packed(tape).split(b"\n", 2)
    return json.loads(words), arrays


def refusal(content):
    with pytest.raises(ValueError) as caught:
        file.unpacked(content)
    return str(caught.value)


def test_a_file_says_what_it_is():
    content = file.packed(neuron())
    assert refusal(b"") == refusal(b"PK\x03\x04") == "was not written by a tape's save()"
    assert refusal(content.replace(b"tape 1", b"tape 2", 1)) == (
        "has version 2, and this library reads 1"
    )
    assert refusal(content[:-1]) == "is damaged or was edited (its checksum is wrong)"
    assert refusal(content + b"\0") == "is damaged or was edited (its checksum is wrong)"


def test_an_error_names_the_file_and_what_to_do(tmp_path):
    path = tmp_path / "my.tape"
    path.write_text("hello")
    with pytest.raises(
        ValueError, match="my.tape was not written by .* use another copy, or record"
    ):
        Tape.load(path)
    with pytest.raises(FileNotFoundError):
        Tape.load(tmp_path / "nothing")


WORDS = [  # what is edited in the second line, and what is said to that
    ({"inputs": None}, "its inputs are no list"),
    ({"inputs": ["x", 1]}, "one of its inputs is 1, which is no text"),
    ({"operations": ["dot", "system"]}, "it runs the operation 'system', which this library does"),
    ({"operations": ["dot", "dot"]}, "an operation is listed twice"),
    ({"operations": ["dot"]}, "an instruction names operation 1, of 1"),
    ({"operations": ["dot", "add"]}, "instruction 1, add: it has 1 operands, not 2"),
    ({"operations": ["tanh", "dot"]}, "instruction 0, tanh: it has 3 operands, not 1"),
    ({"operations": ["mean", "tanh"]}, "instruction 0, mean: it has 3 operands, not 1"),
    ({"guards": [["<", 6, 99, True]]}, "a guard names slot 99, of 8"),
    ({"guards": [["<", -1, 1, True]]}, "a guard names slot -1, of 8"),
    ({"guards": [["<>", 1, 1, True]]}, "a guard compares by '<>', not by < <= > >= == !="),
    ({"guards": [["<", 1, 1, 1]]}, "a guard is ['<', 1, 1, 1], not a sign, two slots"),
    ({"guards": [["<", 1.0, 1, True]]}, "a guard is ['<', 1.0, 1, True], not a sign, two slots"),
    ({"guards": {}}, "its guards are no list"),
    ({"arrays": None}, "it does not say how long its arrays are"),
    ({"arrays": {}}, "it does not say how long its arrays are"),
    ({"inputs": ["x"]}, "an output names slot 7, of 7"),
]


@pytest.mark.parametrize("edit, message", WORDS)
def test_edited_words(edit, message):
    words, arrays = opened(neuron())
    assert message in refusal(sealed(words | edit, arrays))


NOT_WORDS = [
    b"",
    b"[]",
    b"{",
    b'"a"',
    b"nan",
    b"[" * 100_000,
    b"\xff",
    b"1" * 10_000,
    b'{"a": "\\u12"}',
]


@pytest.mark.parametrize("line", NOT_WORDS, ids=range(len(NOT_WORDS)))
def test_no_words_at_all(line):
    _, arrays = opened(neuron())
    assert "is no tape that can be run" in refusal(sealed(line, arrays))


LENGTHS = [
    ("codes", 3, "something follows its arrays|end after the file|fill their array"),
    ("codes", -1, "the length of codes is -1"),
    ("codes", True, "the length of codes is True"),
    ("codes", 2.0, "the length of codes is 2.0"),
    ("constants", 10**30, "its constants end after the file"),
    ("outputs", 0, "something follows its arrays"),
]


@pytest.mark.parametrize("name, length, message", LENGTHS)
def test_edited_lengths(name, length, message):
    words, arrays = opened(neuron())
    words["arrays"][name] = length
    with pytest.raises(ValueError, match=message):
        file.unpacked(sealed(words, arrays))


ARRAYS = [  # what is edited in the arrays of the neuron, and what is said to that
    ("codes", [0, 2], "an instruction names operation 2, of 2"),
    ("codes", [0, -1], "an instruction names operation -1, of 2"),
    ("codes", [0, 0], "instruction 1, dot: it has 1 operands, not 2 or 3"),
    ("codes", [0], "1 instructions have operands for 2"),
    ("starts", [0, 3], "the operands do not fill their array"),
    ("starts", [1, 3, 4], "the operands do not fill their array"),
    ("starts", [0, 5, 4], "the operands do not fill their array"),
    ("starts", [0, 3, 2**31 - 1], "the operands do not fill their array"),
    ("starts", [], "the operands do not fill their array"),
    ("operands", [0, 1, 4, 7], "instruction 1, tanh: it names slot 7, of 7"),
    ("operands", [0, 1, 4, -1], "instruction 1, tanh: it names slot -1, of 7"),
    ("operands", [0, 1, 6, 6], "instruction 0, dot: it names slot 6, of 6"),
    ("operands", [0, 2, 4, 6], "instruction 0, dot: it names list 2, of 2"),
    ("operands", [-1, 1, 4, 6], "instruction 0, dot: it names list -1, of 2"),
    ("list_starts", [0, 1, 4], "instruction 0, dot: it multiplies lists of 1 and 3 numbers"),
    ("list_starts", [0, 2, 3], "the lists do not fill their array"),
    ("list_items", [2, 3, 0, 6], "instruction 0, dot: it names slot 6, of 6"),
    ("list_items", [2, 3, 0, 8], "a list names slot 8, of 8"),
    ("list_items", [2, 3, 0, -1], "a list names slot -1, of 8"),
    ("outputs", [8], "an output names slot 8, of 8"),
    ("outputs", [-1], "an output names slot -1, of 8"),
]


@pytest.mark.parametrize("name, numbers, message", ARRAYS)
def test_edited_arrays(name, numbers, message):
    edited = replace(neuron(), **{name: array("i", numbers)})
    with pytest.raises(ValueError, match=message):
        check(edited)
    assert message in refusal(file.packed(edited))


def test_a_result_may_have_a_higher_number_than_any_slot():
    tape, _ = record(lambda x: ops.softmax([x, x, x])[2], 1.0)
    check(tape)


def test_edited_instructions():
    def problem(operation, operands, items=()):
        names = ("x", "y")
        tape = assembled(names, (), array("d"), [Instruction(operation, operands)], [2])
        with pytest.raises(ValueError) as caught:
            check(tape)
        return str(caught.value)

    assert problem(ops.softmax, ((0, 1), 2)).endswith("it names result 2, of 2")
    assert problem(ops.softmax, ((0, 1), -1)).endswith("it names result -1, of 2")
    assert problem(ops.softmax, ((0, 1),)).endswith("it has 1 operands, not 2")
    assert problem(ops.softmax, ((), 0)).endswith("it takes a list of at least one number")
    assert problem(ops.mean, ((),)).endswith("it takes a list of at least one number")
    assert problem(ops.take, ((0, 1), 2)).endswith("it names slot 2, of 2")
    assert problem(ops.take, ((), 0)).endswith("it takes a list of at least one number")


def usable(tape):
    """Run it, print it and save it again: none of it may fail but by an index that take refuses."""
    check(tape)
    str(tape)
    assert file.unpacked(file.packed(tape)) == tape
    try:
        tape.values([1.0] * len(tape.inputs), [1.0] * len(tape.parameters))
    except IndexError as problem:
        assert "take was given the index" in str(problem)


def test_flipped_and_missing_bytes_are_always_noticed():
    choose = random.Random(0)
    for tape in tapes()[:20]:
        content = file.packed(tape)
        for _ in range(200):
            damaged = bytearray(content)
            for _ in range(choose.choice([1, 1, 1, 2, 5])):
                damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
            if choose.random() < 0.2:
                del damaged[choose.randrange(len(damaged)) :]
            if damaged != content:
                with pytest.raises(ValueError):
                    file.unpacked(bytes(damaged))


def test_with_a_right_checksum_it_is_refused_or_a_tape():
    choose, accepted, refused = random.Random(1), 0, 0
    small = [-1, 0, 1, 2, 3, 5, 8, 13, 100, 2**31 - 1, -(2**31)]
    for tape in tapes():
        words, arrays = opened(tape)
        for _ in range(100):
            edited, content = copy.deepcopy(words), bytearray(arrays)
            for _ in range(choose.choice([1, 1, 2, 4])):
                if choose.random() < 0.3 or len(content) < 4:
                    scramble(edited, choose)
                else:
                    at = 4 * choose.randrange(len(content) // 4)
                    content[at : at + 4] = struct.pack("<i", choose.choice(small))
            try:
                loaded = file.unpacked(sealed(edited, bytes(content)))
            except ValueError as problem:
                refused += str(problem).startswith("is no tape that can be run")
            else:
                accepted += 1
                usable(loaded)
    assert refused > 1000 and accepted > 500


def scramble(words, choose):
    """Put something else anywhere in the words."""
    other = [
        None,
        True,
        -1,
        0,
        1,
        7,
        2.5,
        "",
        "add",
        "dot",
        "<",
        [],
        {},
        ["exp"],
        [["<", 0, 0, True]],
    ]
    place = words
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = choose.choice(list(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or choose.random() < 0.3:
            place[key] = choose.choice(other)
            return
        place = inner


def test_a_guard_needs_a_comparison_that_exists():
    with pytest.raises(ValueError, match="a guard compares by"):
        check(replace(neuron(), guards=(Guard("is", 0, 1, True),)))
