"""Known failures: each has a line of its own, without what differs each time or leads somewhere."""

from pathlib import Path

import pytest
import yaml

from tasks.terraform.diagnostics import reason
from tasks.terraform.reasons import reasons

REQUEST = "RequestID: 7f8d0c1e-1c1b-4a9b-8f39-0c8a6b1d2e3f"
SAID: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("said.yaml").read_text("utf-8"))
CASES = [(said, text) for said, texts in SAID.items() for text in texts]


@pytest.mark.parametrize(("said", "text"), CASES)
def test_each_known_failure_has_a_line_of_its_own(said: str, text: str) -> None:
    line = reason([text])
    assert said in line, line
    assert "\n" not in line
    assert ";" in line, "what to do is said"
    for part in ("7f8d0c1e", "9Gjjt1m", "://", "arn:aws"):
        assert part not in line


def test_every_reason_is_shown_by_a_text() -> None:
    lines = {reason([text]) for _, text in CASES}
    shown = {known.says for known in reasons() if any(known.of(text) in lines for _, text in CASES)}
    assert {known.says for known in reasons()} - shown == set()


@pytest.mark.parametrize(
    "text",
    [
        "Something new: it broke.\n\nGo to https://example.com/help?token=abc",
        f"Odd answer, https response error StatusCode: 418, {REQUEST}, teapot",
        "\x1b[31m│ Error: Odd\x1b[0m\n│ \n│ more",
        "",
        "x" * 5000,
        "{braces} {0} %s",
    ],
)
def test_an_unknown_failure_is_one_readable_line(text: str) -> None:
    line = reason([text])
    assert "\n" not in line
    assert "\x1b" not in line
    assert "://" not in line
    assert "RequestID" not in line
    assert "7f8d0c1e" not in line
    assert 0 < len(line) < 300
    assert "look again" in line


def test_a_secret_in_an_error_does_not_reach_the_line() -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    assert key not in reason([f"Odd: the key {key} is not welcome"])
    password = "correct" + "-horse"
    assert password not in reason([f"Odd: postgres://admin:{password}@db.example/states failed"])
