"""Whatever a file holds that no rule needs is refused in one line, within a second."""

import time
from pathlib import Path

import pytest

from taxonomy.errors import Problem
from taxonomy.plain_scalar import plain_scalar
from taxonomy.yaml_file import MAX_BYTES, YamlFile, read

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{after}: &{after} [*{before}, *{before}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "billion laughs": (LAUGHS, ":1:4: anchors and aliases are not allowed"),
    "an anchor": ("- id: &a x\n", ":1:7: anchors and aliases"),
    "an alias of nothing": ("- *a\n", ":1:3: anchors and aliases"),
    "an anchored key": ("&a x: 1\n", ":1:1: anchors and aliases"),
    "a merge": ("- <<: {a: 1}\n", ":1:3: merging mappings is not allowed"),
    "an object": ("- !!python/object:os.system {a: 1}\n", ":1:3: tags such as"),
    "a call": ("- !!python/object/apply:os.system [x]\n", ":1:3: tags such as"),
    "a name": ("- id: !!python/name:os.system x\n", ":1:7: tags such as"),
    "bytes": ("- id: !!binary aGk=\n", ":1:7: tags such as"),
    "a tag of one's own": ("- id: !secret x\n", ":1:7: tags such as"),
    "a tagged key": ("- !!str id: x\n", ":1:3: tags such as"),
    "lists in lists": ("[" * 500_000, ":1:41: nested deeper than 40"),
    "mappings in mappings": ("{a: " * 200_000, ":1:161: nested deeper than 40"),
    "dashes": ("- " * 200_000, ":1:81: nested deeper than 40"),
    "keys that are lists": ("? " * 200_000, "nested deeper than 40"),
    "many lists": ("[" + "[]," * 300_000 + "]", "expected at most 60000 values in one file"),
    "many values": ("[" + "1," * 400_000 + "]", "expected at most 60000 values in one file"),
    "many keys": ("".join(f"k{n}: 1\n" for n in range(80_000)), "expected at most 60000 values in one file"),
    "too large": ("x" * (MAX_BYTES + 1), "expected at most 1048576 bytes, got more"),
    "a line of ten megabytes": ("- id: " + "x" * 10_000_000, "expected at most 1048576 bytes, got more"),
    "an open quote": ('- "' + "x" * 1_000_000, "not YAML"),
    "open braces in text": ("- a: " + "{b: '" * 5, "not YAML"),
    "a duplicate key": ("- id: a\n  id: b\n", ":2:3: [0].id: duplicate key, first used on line 1"),
    "a key that is a list": ("- ? [a]\n  : b\n", ":1:5: [0]: expected a plain key"),
    "a tab": ("- id: a\n\ttitle: b\n", ":2:1: not YAML: a tab; indent with spaces"),
    "a second document": ("- id: a\n---\n- id: b\n", "expected one document, got another one"),
    "bytes that are no text": (b"- id: a\n- id: \xff\n", ":2: not UTF-8"),
    "UTF-16": ("- id: a\n".encode("utf-16"), ":1: not UTF-8"),
    "a null byte": ("- id: x\x00\n", "not YAML"),
    "a bell": ("- id: x\x07\n", "not YAML"),
    "text that runs backwards": ("- id: x\u202e\n", ":1: U+202E turns the direction of writing; remove it"),
    "nothing but a colon": (":" * 50_000 + "\n\t- x", "not YAML"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line_within_a_second(name: str, tmp_path: Path) -> None:
    text, told = HOSTILE[name]
    path = tmp_path / "hostile.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    begun = time.process_time()
    problems = read(path, name="hostile.yaml")
    assert time.process_time() - begun < 1
    assert isinstance(problems, list)
    (problem,) = problems
    line = str(problem)
    assert line.startswith("hostile.yaml:")
    assert told in line
    assert "\n" not in line
    assert len(line) < 200


SURPRISING = (
    *("on", "off", "yes", "No", "ON", "=", "<<"),
    *("012", "-017", "0o17", "0x1F", "0b101", "1_000", "1__0", "09", "00"),
    *("1:30", "190:20:30", "1:30.5"),
    *(".inf", "-.inf", ".nan", ".NaN", "1e3", "1.5e3", "1.0e+999", "9" * 41),
)


@pytest.mark.parametrize("text", SURPRISING)
def test_a_value_that_readers_take_for_different_things_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(f"- fine: 1\n  odd: {text}\n")
    problems = read(tmp_path / "odd.yaml", name="odd.yaml")
    assert isinstance(problems, list)
    (problem,) = problems
    assert isinstance(problem, Problem)
    assert str(problem).startswith("odd.yaml:2:8: [0].odd: ")
    assert str(problem).endswith("or put it in quotes")


@pytest.mark.parametrize("text", SURPRISING)
def test_in_quotes_it_is_text(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(f"- odd: '{text}'\n")
    file = read(tmp_path / "odd.yaml")
    assert isinstance(file, YamlFile)
    assert file.value == [{"odd": text}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        *(("0", 0), ("-12", -12), ("+3", 3), ("1.5", 1.5), ("-0.25", -0.25), (".5", 0.5), ("2.", 2.0)),
        *(("1.0e+3", 1000.0), ("1.5e-3", 0.0015)),
        *(("2026-11-24", "2026-11-24"), ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z")),
        *(("10.0.0.0/8", "10.0.0.0/8"), ("1.2.3", "1.2.3"), ("::/0", "::/0"), ("-", "-"), (".", ".")),
        *(("aws_*", "aws_*"), ("once", "once"), ("1.2.840", "1.2.840"), ("123456789012a", "123456789012a")),
    ],
)
def test_a_plain_value_is_what_every_reader_takes_it_for(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert (type(found), found) == (type(value), value)
