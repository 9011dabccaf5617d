import codecs
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.detectors import inspec
from tasks.errors import ToolError
from tasks.inspec.read import read
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.observation import Answer
from taxonomy.target import InspecTarget

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPORTS = Path(__file__).parents[2] / "examples" / "reports"
FAILED = {"status": "failed", "code_desc": "is expected to be off", "message": "it is on"}
PASSED = {"status": "passed", "code_desc": "is expected to be off"}
SKIPPED = {"status": "skipped", "code_desc": "no", "skip_message": "not on this host"}
BROKEN = {"status": "failed", "code_desc": "x", "exception": "NoMethodError", "backtrace": ["a.rb:1"]}

Look = Callable[..., Answer]


def control(name: str, *results: Any, **fields: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "impact": 0.7, "tags": {}, "results": list(results), **fields}


def profile(name: str, *controls: Any, **fields: Any) -> dict[str, Any]:
    return {"name": name, "status": "loaded", "controls": list(controls), **fields}


def report(*profiles: Any, **fields: Any) -> dict[str, Any]:
    return {"platform": {"name": "debian"}, "profiles": list(profiles), "statistics": {}, **fields}


@pytest.fixture
def look(tmp_path: Path, redactor: Redactor) -> Look:
    def looked(*documents: Any, pattern: str = "web-*.json", now: datetime = NOW) -> Answer:
        for number, document in enumerate(documents, start=1):
            data = document if isinstance(document, bytes) else json.dumps(document).encode()
            (tmp_path / f"web-{number}.json").write_bytes(data)
        target = InspecTarget(name="fleet", reports=pattern, base=tmp_path)
        raw = inspec.collect(target, Reach(scratch=tmp_path))
        return inspec.parse(raw, target, redactor=redactor, now=now)

    return looked


def reasons(answer: Answer) -> dict[str, str]:
    return {each.attribute.removeprefix("control."): each.reason for each in answer.suppressed}


def failing(answer: Answer) -> list[str]:
    return [finding.resource_id for finding in answer.findings]


def test_a_failed_control_is_drift_of_its_host(look: Look) -> None:
    tags = {"nist": ["CM-6 b", "SC-8 (1)", "Rev_4", "CCI-002235"], "severity": "medium"}
    place = {"ref": "/tmp/build/linux-baseline/controls/ssh.rb", "line": 7}
    answer = look(report(profile("base", control("ssh-1", FAILED, tags=tags, source_location=place))))
    [finding] = answer.findings
    [change] = finding.changes
    assert (finding.resource_id, finding.resource_type) == ("host://web-1/ssh-1", "host_control")
    assert (change.attribute, change.declared, change.actual) == ("control.ssh-1", "passed", "failed")
    assert (change.kind, change.source, change.reported_severity) == ("noncompliant", "base/ssh-1", "medium")
    assert change.reported_controls == ("nist-800-53-r5:CM-6", "nist-800-53-r5:SC-8(1)")
    assert (change.source_file, change.source_line) == ("controls/ssh.rb", 7)


def test_our_own_example_holds_three_failing_controls_and_shows_what_it_does_not_count(look: Look) -> None:
    answer = look(pattern=str(REPORTS / "web-01.json"))
    assert failing(answer) == ["host://fleet/ssh-01", "host://fleet/ssh-02", "host://fleet/ssh-03"]
    assert {name: reason.partition(":")[0] for name, reason in reasons(answer).items()} == {
        "screen-01": "not applicable",
        "audit-01": "waived",
        "time-01": "could not look",
    }


def test_a_clean_host_has_no_drift_and_was_looked_at(look: Look) -> None:
    answer = look(report(profile("base", control("a", PASSED, tags={"nist": "AC-2"}))))
    assert answer == Answer(looked_at=("host://web-1/a",), controls=("nist-800-53-r5:AC-2",))


@pytest.mark.parametrize(
    ("results", "fields", "reason"),
    [
        ([], {}, "could not look: the control broke: it left no result"),
        ([BROKEN, FAILED], {}, "could not look: the control broke: NoMethodError"),
        ([SKIPPED], {}, "could not look: not reviewed: not on this host"),
        ([FAILED], {"impact": 0}, "not applicable: impact 0"),
        ([FAILED], {"impact": 0.0}, "not applicable: impact 0"),
    ],
)
def test_what_is_neither_passed_nor_failed_is_shown_with_its_reason(
    look: Look, results: list[Any], fields: Any, reason: str
) -> None:
    answer = look(report(profile("base", control("a", PASSED), control("b", *results, **fields))))
    assert answer.findings == ()
    assert reasons(answer) == {"b": reason}
    assert answer.looked_at == ("host://web-1/a",)


@pytest.mark.parametrize(
    ("waiver", "results", "drift", "reason"),
    [
        ({"expiration_date": "2026-11-24", "justification": "j"},
         [FAILED], 0, "waived: j (until 2026-11-24)"),
        ({"run": True, "justification": "j"}, [FAILED], 0, "waived: j (until no expiry)"),
        ({"expiration_date": "2026-11-23"}, [FAILED], 1, None),
        ({"expiration_date": "2020-01-01", "run": False}, [FAILED], 1, None),
        ({"expiration_date": "soon"}, [FAILED], 1, None),
        ({"run": False, "justification": "j"}, [FAILED], 1, None),
        ({"expiration_date": ["2099-01-01"]}, [FAILED], 1, None),
        ({"skipped_due_to_waiver": True, "run": False, "justification": "j"}, [SKIPPED], 0,
         "waived and not run: j (until no expiry)"),
        ({"skipped_due_to_waiver": True, "expiration_date": "2026-11-01", "justification": "j"},
         [SKIPPED], 0, "could not look: skipped by an ended waiver: j (until 2026-11-01)"),
        ({"run": True, "justification": "j"}, [PASSED], 0, None),
        ({}, [FAILED], 1, None),
    ],
)  # fmt: skip
def test_a_waiver_hides_a_failure_only_while_it_holds(
    look: Look, waiver: Any, results: list[Any], drift: int, reason: str | None
) -> None:
    answer = look(report(profile("base", control("a", *results, waiver_data=waiver), control("b", PASSED))))
    assert len(answer.findings) == drift
    assert reasons(answer).get("a") == reason


def test_a_waiver_ends_in_the_hour_it_names() -> None:
    waived = {"expiration_date": "2026-11-23 11:00:00 UTC"}
    assert not inspec.judge.waiver_holds(waived, NOW)
    assert inspec.judge.waiver_holds({"expiration_date": "2026-11-23T12:30:00Z"}, NOW)


@pytest.mark.parametrize(
    ("tags", "impact", "severity"),
    [
        ({"severityoverride": "low", "severity": "high"}, 0.9, "low"),
        ({"severity": "CAT I"}, 0.1, "high"),
        ({"severity": "whatever"}, 0.5, "medium"),
        ({"severity": None}, 1.0, "critical"),
        ({}, 0.05, "info"),
        ({}, 0.39, "low"),
        ({}, 0.7, "high"),
        ({}, 0.9, "critical"),
        ({}, None, None),
    ],
)
def test_severity_is_the_profiles_own_word_and_else_its_impact(
    look: Look, tags: Any, impact: float | None, severity: str | None
) -> None:
    [finding] = look(report(profile("base", control("a", FAILED, tags=tags, impact=impact)))).findings
    assert finding.changes[0].reported_severity == severity


def test_of_an_overlays_chain_only_the_base_counts(look: Look) -> None:
    chain = report(
        profile("outer", control("a"), control("b"), depends=[{"name": "middle"}]),
        profile("middle", control("a"), control("b"), parent_profile="outer"),
        profile("base", control("a", FAILED), control("b", PASSED), parent_profile="middle"),
    )
    answer = look(chain)
    assert failing(answer) == ["host://web-1/a"]
    assert answer.suppressed == ()
    assert len(answer.looked_at) == 2


def test_a_chain_that_bites_its_own_tail_ends() -> None:
    document = report(
        profile("one", control("a", FAILED), parent_profile="two"),
        profile("two", control("a"), parent_profile="one"),
    )
    assert inspec.controls_of(document)


def test_the_same_id_in_unrelated_profiles_is_two_controls(look: Look) -> None:
    answer = look(report(profile("one", control("a", FAILED)), profile("two", control("a", FAILED))))
    assert failing(answer) == ["host://web-1/one/a", "host://web-1/two/a"]


def test_every_report_of_a_glob_is_a_host_of_its_own(look: Look) -> None:
    one = report(profile("base", control("a", FAILED)))
    assert failing(look(one, one)) == ["host://web-1/a", "host://web-2/a"]


def test_a_report_that_names_its_host_is_believed(look: Look) -> None:
    named = report(profile("base", control("a", FAILED)), platform={"name": "d", "target_id": "db-7"})
    assert failing(look(named)) == ["host://db-7/a"]


def test_two_reports_of_one_host_that_contradict_each_other_are_refused(look: Look) -> None:
    named = report(profile("base", control("a", FAILED)), platform={"target_id": "db-7"})
    with pytest.raises(ToolError, match="another report speaks of a on db-7 too"):
        look(named, named)


def test_ids_can_not_climb_out_of_their_host(look: Look) -> None:
    [finding] = look(report(profile("base", control("../x y?#\n", FAILED)))).findings
    assert finding.resource_id == "host://web-1/..%2Fx%20y%3F%23%0A"


def test_json_min_has_one_row_per_result_and_no_severity(look: Look) -> None:
    rows = [
        {"id": "a", "profile_id": "base", "status": "passed"},
        {"id": "a", "profile_id": "base", "status": "failed"},
        {"id": "b", "profile_id": None, "status": "passed"},
    ]
    answer = look({"controls": rows, "statistics": {}, "version": "5"})
    assert failing(answer) == ["host://web-1/a"]
    assert answer.findings[0].changes[0].reported_severity is None


def written(*profiles: Any) -> bytes:
    return json.dumps(report(*profiles)).encode()


GOOD = json.dumps(report(profile("base", control("a", FAILED))))


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-le"),
        GOOD.encode("utf-16-be").join([codecs.BOM_UTF16_BE, b""]),
        b"WARN: deprecated\n[2026] INFO {not json}\n" + GOOD.encode(),
        b'{"level":"warn"}\n' + GOOD.encode() + b"\n",
        GOOD.replace("it is on", "it \\u0000 is").encode(),
        GOOD.encode().replace(b"it is on", b"it \xff\xfe is"),
        GOOD.replace("it is on", "\\ud800").encode(),
    ],
    ids="bom utf-16 utf-16-le utf-16-be log-lines json-log nul bad-bytes surrogate".split(),  # noqa: SIM905
)
def test_encodings_and_log_lines_do_not_hide_a_report(look: Look, data: bytes) -> None:
    answer = look(data)
    assert failing(answer) == ["host://web-1/a"]
    repr(answer).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (GOOD[:-9].encode(), "cut off"),
        (GOOD[: GOOD.index("it is on") + 3].encode(), "cut off"),
        (GOOD.replace(", ", " ", 1).encode(), "expected JSON as InSpec writes it"),
        (b"[]", "expected one JSON object"),
        (b"null", "expected one JSON object"),
        (b'{"a": 1}', "expected an InSpec report"),
        (b'{"controls": [{"id": "a"}], "name": "base"}', "expected an InSpec report"),
        (b'{"profiles": NaN}', "can't be read"),
        (b'{"profiles": 1' + b"0" * 5000 + b"}", "can't be read"),
        (b'{"profiles":' + b"[" * 200_000, "nested too deeply"),
        (b'{"profiles": []}', "holds no control"),
        (b'{"profiles": {}}', "holds no control"),
        (b'{"profiles": [{"name": "base", "controls": []}]}', "holds no control"),
        (b'{"controls": []}', "holds no control"),
        (written(profile("b", control("a", SKIPPED), control("c"))), "none of its 2 controls was tested"),
        (written(profile("b", control("a", FAILED, impact=0))), "none of its 1 controls was tested"),
        (written(profile("c", status="failed", status_message="no gem")),
         "profile c was not run .failed.: no gem"),
        (written(profile("b", control("a", FAILED)), profile("c", status="skipped", skip_message="other")),
         "profile c was not run .skipped.: other"),
    ],
)  # fmt: skip
def test_a_report_that_tells_nothing_is_an_error_not_an_absence_of_drift(
    look: Look, data: bytes, words: str
) -> None:
    with pytest.raises(ToolError, match=words) as caught:
        look(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_skipped_dependency_is_shown(look: Look) -> None:
    child = profile("win", status="skipped", skip_message="unsupported platform", parent_profile="all")
    answer = look(report(profile("all", control("a", PASSED)), child))
    assert [each.reason for each in answer.suppressed] == [
        "could not look: profile win was skipped: unsupported platform"
    ]


def test_a_glob_that_matches_nothing_is_an_error(look: Look) -> None:
    with pytest.raises(ToolError, match=r"no report matches db-\*\.json"):
        look(pattern="db-*.json")


def test_a_report_that_can_not_be_opened_is_an_error(look: Look, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(ToolError, match=r"folder\.json: the report can't be read: Is a directory"):
        look(pattern="folder.json")


WORDS = """
    profiles controls results status id name impact tags nist waiver_data parent_profile backtrace platform
    expiration_date run source_location ref
"""
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(JUNK)
@example(
    {"controls": [control("a", FAILED, impact=10**400), control("b", PASSED, tags=[1], waiver_data=[1])]}
)
@example({"controls": [control("a", FAILED, waiver_data={"expiration_date": {"x": 1}}, source_location=1)]})
def test_no_report_however_odd_does_more_than_refuse(document: Any) -> None:
    redactor, target = Redactor(b"k" * 32), InspecTarget(name="fleet", reports="x.json")
    data = json.dumps({"profiles": [document]}).encode()
    one = inspec.Report(host="web", file="x.json", document=read(data, "x.json"))
    with suppress(ToolError):
        inspec.parse(inspec.RawReports(reports=(one,), digest=""), target, redactor=redactor, now=NOW)
