"""Files that cannot be loaded: damaged, truncated, foreign, newer or hostile. Errors come early, in little memory."""

import json
import math
import random
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import MLP, ModelFileError, load, save
from nn.saving import MAX_BYTES
from nn.saving.networks import VERSION
from tests import by_night, share, thorough_unless
from tests.effort import count_calls, peak_of_bytes
from tests.nn.stored_network import STORED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "network.json"


@pytest.fixture
def saved(path: Path) -> dict[str, Any]:
    """The entries in the file of a small network, to be tampered with."""
    save(MLP(2, [2, 1], rng=random.Random(0)), path)
    entries: dict[str, Any] = json.loads(path.read_text())
    return entries


def test_a_missing_file_is_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(path)


def test_a_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        load(tmp_path)


OTHER_FILES: list[tuple[bytes, str]] = [
    (b"", "it is empty"),
    (b" \n\t ", "it is empty"),
    (b"\0" * 100, "it is not JSON"),
    (b"\x80\x04\x95pickle", "can't decode byte 0x80 in position 0"),
    (b"\x89PNG\r\n\x1a\n", "can't decode byte 0x89 in position 0"),
    ("{}".encode("utf-8-sig"), "byte order mark"),
    ("{}".encode("utf-16"), "can't decode byte 0xff"),
    ("{}".encode("utf-16-le"), "it is not JSON"),
    (b"weights = [1, 2]", "it is not JSON: Expecting value: line 1 column 1"),
    (b"{'format': 1}", "it is not JSON: Expecting property name"),
    (b"{} {}", "it is not JSON: Extra data: line 1 column 4"),
    (b"{}", "it is not a file of this library"),
    (b"[]", "it is not a file of this library"),
    (b"null", "it is not a file of this library"),
    (b'"pathgrad MLP"', "it is not a file of this library"),
    (b'{"format": "another", "version": 1}', "it is not a file of this library"),
    (b'{"format": ["pathgrad MLP"]}', "it is not a file of this library"),
    (b'{"format": "pathgrad MLP"}', '"version" is None, not a whole number'),
    (b'{"format": "pathgrad MLP", "version": 1}', "it lacks the key 'sizes'"),
    (b"NaN", "it contains NaN"),
    (b'{"a": -Infinity}', "it contains -Infinity"),
    (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' appears twice"),
    (b"1" * 21, "it contains a whole number of 21 digits"),
    (b"1" * 1_000_000, "it contains a whole number of 1000000 digits"),
    (b"[" * 101, "it has more lists and entries than the file of a network"),
    (b'{"a":' * 101, "it has more lists and entries than the file of a network"),
]


@pytest.mark.parametrize(("content", "message"), OTHER_FILES, ids=[repr(content)[:40] for content, _ in OTHER_FILES])
def test_a_file_that_does_not_hold_a_network_is_refused(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as raised:
        load(path)
    assert str(raised.value).startswith(f"{path} cannot be loaded as a network: ")
    assert message in str(raised.value)


TAMPERED: list[tuple[str, Any, str]] = [
    ("format", "pathgrad", "it is not a file of this library"),
    ("version", VERSION + 1, f"it is of version {VERSION + 1}, and this library reads up to version {VERSION}"),
    ("version", 0, '"version" is 0, not a whole number that is at least 1'),
    ("version", True, '"version" is True'),
    ("version", 1.0, '"version" is 1.0'),
    ("version", "1", "\"version\" is '1'"),
    ("sizes", [], '"sizes" is []'),
    ("sizes", [2], '"sizes" is [2]'),
    ("sizes", None, '"sizes" is None'),
    ("sizes", {"2": 1}, '"sizes" is {'),
    ("sizes", [2, 0, 1], '"sizes" is [2, 0, 1]'),
    ("sizes", [2, -2, 1], '"sizes" is [2, -2, 1]'),
    ("sizes", [2, 2.0, 1], '"sizes" is [2, 2.0, 1]'),
    ("sizes", [2, True, 1], '"sizes" is [2, True, 1]'),
    ("sizes", [2, "2", 1], "\"sizes\" is [2, '2', 1]"),
    ("sizes", [2, [2], 1], '"sizes" is [2, [2], 1]'),
    ("sizes", [2, 3, 1], 'layers of [2, 3, 1] units, with biases, need 13 "parameters", but there are 9'),
    ("sizes", [10**19, 10**19, 1], "need 100,000,000,000,000,000,020,000,000,000,000,000,001"),
    ("activations", ["relu"], "\"activations\" is ['relu'], not a list with a name for each of the 2 layers"),
    ("activations", "relu", "\"activations\" is 'relu'"),
    ("activations", ["step", "linear"], "the activation 'step' is not in the table"),
    ("activations", ["__class__", "linear"], "the activation '__class__' is not in the table"),
    ("activations", [None, "linear"], "the activation None is not in the table"),
    ("activations", [["relu"], "linear"], "the activation ['relu'] is not in the table"),
    ("activations", ["relu", {"linear": 1}], "is not in the table"),
    ("activations", ["multiply", "linear"], "multiply is not an activation, because it does not take one input"),
    ("activations", ["dot", "linear"], "dot is not an activation, because it does not take one input"),
    ("activations", ["variable", "linear"], "the activation 'variable' is not in the table"),
    ("bias", 1, '"bias" is 1, not true or false'),
    ("bias", None, '"bias" is None'),
    ("bias", False, 'without biases, need 6 "parameters", but there are 9'),
    ("parameters", None, '"parameters" is None, not a list of numbers'),
    ("parameters", {"0": 1.0}, '"parameters" is {'),
    ("parameters", "1.0" * 100_000, '"parameters" is \'1.01.0'),
    ("parameters", [1.0] * 8, 'need 9 "parameters", but there are 8'),
    ("parameters", [1.0] * 8 + ["1.0"], "number 9 of the \"parameters\" is '1.0', not a finite number"),
    ("parameters", [1.0] * 8 + [None], 'number 9 of the "parameters" is None'),
    ("parameters", [1.0] * 8 + [True], 'number 9 of the "parameters" is True'),
    ("parameters", [[1.0]] + [1.0] * 8, 'number 1 of the "parameters" is [1.0]'),
    ("parameters", [1.0] * 8 + [math.nan], "it contains NaN"),
    ("parameters", [1.0] * 8 + [-math.inf], "it contains -Infinity"),
    ("learning_rate", 0.1, "it has the unknown key 'learning_rate'"),
    ("x" * 1_000_000, 1, "it has the unknown key 'xxxx"),
]


@pytest.mark.parametrize(("key", "entry", "message"), TAMPERED, ids=[message for _, _, message in TAMPERED])
def test_an_entry_that_is_wrong_is_named(path: Path, saved: dict[str, Any], key: str, entry: Any, message: str) -> None:
    path.write_text(json.dumps(saved | {key: entry}))
    with pytest.raises(ModelFileError) as raised:
        load(path)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 500 + len(str(path))


@pytest.mark.parametrize("key", ["version", "sizes", "activations", "bias", "parameters"])
def test_a_missing_entry_is_named(path: Path, saved: dict[str, Any], key: str) -> None:
    del saved[key]
    path.write_text(json.dumps(saved))
    with pytest.raises(ModelFileError, match="version" if key == "version" else f"it lacks the key '{key}'"):
        load(path)


def test_a_number_too_large_for_a_float_is_refused(path: Path, saved: dict[str, Any]) -> None:
    path.write_text(json.dumps(saved).replace(str(saved["parameters"][0]), "1e999"))
    with pytest.raises(ModelFileError, match='number 1 of the "parameters" is inf, not a finite number'):
        load(path)


def test_integers_any_order_of_keys_and_spaces_are_accepted(path: Path, saved: dict[str, Any]) -> None:
    saved["parameters"] = list(range(9))
    path.write_text(json.dumps(dict(reversed(saved.items())), indent=7))
    numbers = [p.data for p in load(path).parameters()]
    assert numbers == [float(i) for i in range(9)]
    assert {type(number) for number in numbers} == {float}


def test_a_file_truncated_anywhere_is_refused(path: Path, saved: dict[str, Any]) -> None:
    whole = path.read_bytes()
    for n_bytes in range(len(whole) - len("}\n") + 1):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(ModelFileError, match=r"file is incomplete|is empty|not JSON"):
            load(path)


def test_the_error_for_a_truncated_file_names_the_line(path: Path, saved: dict[str, Any]) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelFileError, match=r"it ends early, in line 10: the file is incomplete"):
        load(path)


def test_a_nested_file_is_refused_close_to_the_recursion_limit(path: Path) -> None:
    path.write_text("[" * 90 + "]" * 90)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len([*traceback.walk_stack(None)]) + 60)
    try:
        with pytest.raises(ModelFileError):
            load(path)
    finally:
        sys.setrecursionlimit(limit)


# Work and memory

SIZE = by_night(2**18, 2**20)  # bytes of each file


def cost(path: Path) -> tuple[int, int]:
    """The calls of functions and the peak of bytes that loading takes, also if it fails."""

    def attempt() -> None:
        with suppress(ModelFileError):
            load(path)

    return count_calls(attempt), peak_of_bytes(attempt)


HEAD = (
    b'{"format": "pathgrad MLP", "version": 1, "sizes": [2, 1], "activations": ["linear"], "bias": true, "parameters": '
)
HOSTILE = {
    "lists": HEAD + b"[" + b"[]," * (SIZE // 3),
    "dictionaries": HEAD + b"[" + b"{}," * (SIZE // 3),
    "depth": HEAD + b"[" * SIZE,
    "keys": b"{" + b",".join(b'"%d":1' % i for i in range(SIZE // 12)) + b"}",
    "texts": HEAD + b"[" + b'"ab",' * (SIZE // 5) + b"0]}",
    "short floats": HEAD + b"[" + b"1e5," * (SIZE // 4) + b"0]}",
    "short numbers": HEAD + b"[" + b"300," * (SIZE // 4) + b"0]}",
    "one float of many digits": HEAD + b"[0." + b"1" * SIZE + b",1,1]}",
    "one text": HEAD + b'"' + b"a" * SIZE + b'"}',
    "escapes": HEAD + b'"' + b"\\u0041" * (SIZE // 6) + b'"}',
    "a wide alphabet": HEAD + b'"' + b"a" * SIZE + "\U0001f600".encode() + b'"}',
    "spaces": HEAD + b" " * SIZE + b"[1, 1, 1]}",
    "layers": HEAD.replace(b"[2, 1]", b"[" + b"1," * (SIZE // 2) + b"1]") + b"[1, 1, 1]}",
}


@pytest.fixture(scope="module")
def valid_cost(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The peak of memory for a valid network whose file is as long."""
    path = tmp_path_factory.mktemp("valid") / "network.json"
    save(MLP(200, [SIZE // 4033], rng=random.Random(0)), path)
    assert path.stat().st_size == pytest.approx(SIZE, rel=0.1)
    return cost(path)[1]


@thorough_unless(lambda name: name not in ("lists", "short numbers"))
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_at_most_the_memory_of_a_network(path: Path, valid_cost: int, name: str) -> None:
    path.write_bytes(HOSTILE[name])
    calls, peak = cost(path)
    assert peak < 1.2 * valid_cost
    assert calls < 2 * SIZE


def test_claimed_sizes_do_not_take_memory(path: Path, saved: dict[str, Any]) -> None:
    path.write_text(json.dumps(saved | {"sizes": [10**9, 10**9, 10**9], "activations": ["relu", "linear"]}))
    calls, peak = cost(path)
    assert peak < 200_000
    assert calls < 1_000


def test_a_file_above_the_limit_is_refused_unread(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + 1)
    calls, peak = cost(path)
    assert peak < 200_000
    assert calls < 1_000
    with pytest.raises(ModelFileError, match="it is 67,108,865 bytes long, and most_bytes is 67,108,864"):
        load(path)


@thorough_unless(lambda n: n == 150_000)
@pytest.mark.parametrize("n", [150_000, 1_000_000, 1_900_000])
def test_a_small_file_of_many_units_is_refused_soon(path: Path, n: int) -> None:
    entries = HEAD.replace(b"[2, 1]", b"[1, %d]" % n).replace(b"true", b"false")
    path.write_bytes(entries + b"[" + b"0," * (n - 1) + b"0]}")
    with pytest.raises(ModelFileError, match=r"most_units is 100,000"):
        load(path)
    if n < 200_000:  # counting takes long
        assert cost(path)[0] < 3 * n


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"most_bytes": 100}, "bytes long, and most_bytes is 100"),
        ({"most_parameters": 12}, "it has 13 parameters, and most_parameters is 12"),
        ({"most_units": 3}, "it has 4 units, and most_units is 3"),
        ({"most_parameters": 1, "most_units": 4}, "it has 21 entries, but most_parameters is 1, and most_units is 4"),
    ],
)
def test_each_limit_is_named_and_can_be_raised(path: Path, limit: dict[str, int], message: str) -> None:
    network = MLP(2, [3, 1])
    for parameter in network.parameters():
        parameter.data = 0.5
    save(network, path)
    with pytest.raises(ModelFileError, match=message):
        load(path, **limit)
    least = {"most_bytes": path.stat().st_size, "most_parameters": 13, "most_units": 4}
    assert len(load(path, **least).parameters()) == 13
    with pytest.raises(ValueError, match=f"{next(iter(limit))} must be at least 1"):
        load(path, **{next(iter(limit)): 0})


def test_layers_of_one_unit_are_within_the_limits(path: Path) -> None:
    save(MLP(1, [1] * 50), path)
    assert len(load(path, most_parameters=100, most_units=50).layers) == 50


# Random changes

EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255), st.sampled_from(["set", "cut", "add", "end"])))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["relu", "linear"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def load_or_model_file_error(path: Path) -> None:
    with suppress(ModelFileError):
        model = load(path)
        assert all(type(p.data) is float and math.isfinite(p.data) for p in model.parameters())
        assert type(model) is MLP


@settings(max_examples=share(1.0))
@given(edits=EDITS)
def test_a_file_with_any_bytes_changed_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    content = bytearray(STORED.read_bytes())
    for where, byte, edit in edits:
        i = where % (len(content) or 1)
        replacement = {"set": bytes([byte]), "cut": b"", "add": bytes([byte]) + content[i : i + 1], "end": None}[edit]
        if replacement is None:
            del content[i:]
        else:
            content[i : i + 1] = replacement
    path.write_bytes(content)
    load_or_model_file_error(path)


@pytest.mark.thorough
@settings(max_examples=share(1.0))
@given(changes=st.dictionaries(st.sampled_from(list(json.loads(STORED.read_text()))) | st.text(max_size=4), JSON))
def test_a_file_with_any_entries_changed_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "entries.json"
    path.write_text(json.dumps(json.loads(STORED.read_text()) | changes))
    load_or_model_file_error(path)
