"""A directory over the built-in rules changes a field of a rule, or takes a rule away, and says where."""

from pathlib import Path

import pytest

from taxonomy.errors import RuleError
from taxonomy.lint import prove
from taxonomy.rulebook import Rulebook, load

SOFTER = """\
- revises: aws-messaging-002
  tier: record
  reason: Our queues hold nothing that is not public already.
"""
GONE = "- {id: aws-messaging-002, reason: Our queues hold nothing that is not public.}\n"


def laid(folder: Path, rules: str = "", retired: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (("rules/own.yaml", rules), ("retired.yaml", retired)):
        if text:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    return folder


def refused(*folders: Path) -> str:
    with pytest.raises(RuleError) as refusal:
        load(["builtin", *folders])
    return str(refusal.value)


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def test_one_field_of_one_rule_is_changed_and_all_else_stays(tmp_path: Path, builtin: Rulebook) -> None:
    book = load(["builtin", laid(tmp_path, SOFTER)])
    was, now = builtin.by_id["aws-messaging-002"], book.by_id["aws-messaging-002"]
    assert (was.tier, now.tier) == ("review", "record")
    assert now == was.model_copy(update={"tier": "record"})
    assert book.by_id.keys() == builtin.by_id.keys()
    prove(book)


def test_where_each_field_came_from_is_kept(tmp_path: Path) -> None:
    book = load(["builtin", laid(tmp_path, SOFTER)])
    fields = book.fields["aws-messaging-002"]
    assert str(fields["tier"]) == f"{tmp_path}/rules/own.yaml:2"
    assert str(fields["severity"]).startswith("builtin/rules/aws-messaging.yaml:")
    assert str(book.places["aws-messaging-002"]).startswith("builtin/rules/aws-messaging.yaml:")


def test_later_directories_lie_over_earlier_ones(tmp_path: Path) -> None:
    first = laid(tmp_path / "a", SOFTER)
    second = laid(tmp_path / "b", SOFTER.replace("tier: record", "severity: medium"))
    book = load(["builtin", first, second])
    now = book.by_id["aws-messaging-002"]
    assert (now.tier, now.severity) == ("record", "medium")
    assert [str(one.differences[0]) for one in book.revisions] == [
        "tier review → record",
        "severity high → medium",
    ]


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (
            "aws-messaging-002",
            "aws-messaging-999",
            "own.yaml:1:12: [0].revises: expected the id of a rule of",
        ),
        ("record", "dire", "own.yaml:2:9: [0].tier: "),
        ("tier: record", "colour: red", "own.yaml:2:3: [0].colour: unknown key"),
        ("tier: record", "controls: [nist-800-53-r5:CM-66]", "own.yaml:2:14: [0].controls[0]: nist"),
        (
            "tier: record",
            "tier: auto\n  remedy: by-hand",
            "own.yaml:1:3: [0]: expected remedy",
        ),
        ("  tier: record\n", "", "own.yaml:1:12: [0].revises: expected at least one field"),
        ("tier: record", "id: x-001\n  tier: record", "own.yaml:2:7: [0].id: expected id or revises"),
        (
            "reason: Our queues hold nothing that is not public already.",
            "reason: [1]",
            "own.yaml:3:3: [0].reason",
        ),
        (
            "  reason: Our queues hold nothing that is not public already.\n",
            "",
            "own.yaml:1:12: [0].revises: loosens aws-messaging-002 (tier review → record); say why in",
        ),
    ],
)
def test_a_revision_is_validated_after_merging(was: str, now: str, told: str, tmp_path: Path) -> None:
    assert was in SOFTER
    assert told in refused(laid(tmp_path, SOFTER.replace(was, now)))


def test_tightening_needs_no_reason(tmp_path: Path) -> None:
    text = "- {revises: aws-messaging-002, severity: critical}\n"
    (revision,) = load(["builtin", laid(tmp_path, text)]).revisions
    assert (revision.effect, revision.reason) == ("tightened", None)


def test_a_rule_is_revised_once_in_a_directory(tmp_path: Path) -> None:
    assert "is revised already in" in refused(laid(tmp_path, SOFTER + SOFTER))


def test_a_retired_rule_decides_no_more_and_its_reason_stays(tmp_path: Path, builtin: Rulebook) -> None:
    book = load(["builtin", laid(tmp_path, retired=GONE)])
    assert builtin.by_id.keys() - book.by_id.keys() == {"aws-messaging-002"}
    assert book.retired["aws-messaging-002"].reason.startswith("Our queues")
    (revision,) = book.revisions
    assert (revision.effect, revision.after) == ("loosened", None)
    assert str(revision.places["id"]) == f"{tmp_path}/retired.yaml:1"


def test_a_retired_id_is_never_used_again(tmp_path: Path) -> None:
    whole = (Path(__file__).parents[2] / "taxonomy/rules/aws-messaging.yaml").read_text("utf-8")
    first = laid(tmp_path / "a", retired=GONE)
    assert "is retired in" in refused(first, laid(tmp_path / "b", whole))
    assert "so there is nothing to revise" in refused(first, laid(tmp_path / "c", SOFTER))
    assert "aws-messaging-002 is retired in" in refused(laid(tmp_path / "d", whole, GONE))


@pytest.mark.parametrize(
    "text", ["- {id: aws-messaging-002}", "- {id: a, reason: short}", "nothing", GONE * 2]
)
def test_a_retired_file_that_says_too_little_is_refused(text: str, tmp_path: Path) -> None:
    assert "retired.yaml:" in refused(laid(tmp_path, retired=text))
