"""Every export against its published schema, and every fact in it against the evidence."""

import csv
import functools
import io
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from exported import HOSTILE, at, exported, once, rows, store
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from evidence import ledger
from evidence.errors import EvidenceError, TamperError
from evidence.exports import EXPORTS
from evidence.exports.selection import Wanted, open_selection
from evidence.keys import new_key
from evidence.query import connect
from evidence.schema import COLUMNS
from evidence.store import Store

SCHEMAS = Path(__file__).with_name("schemas")
RESULTS = {"ocsf", "oscal", "hdf", "sarif", "junit"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("exports") / "evidence")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("hostile") / "evidence", hostile=HOSTILE)


@functools.cache
def validator(name: str) -> Any:
    """A JSON schema that Python's `re` can read: NIST writes Unicode classes as ECMAScript does."""
    text = (SCHEMAS / name).read_text("utf-8").replace(r"\\p{L}", "[a-zA-Z]").replace(r"\\p{N}", "[0-9]")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)


@functools.cache
def ocsf_validator() -> Any:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("compliance_finding")
    return jsonschema.validators.validator_for(schema)(schema)


def check_ocsf(text: str) -> None:
    for line in text.split("\n")[:-1]:
        ocsf_validator().validate(json.loads(line))


def check_junit(text: str) -> None:
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)


CHECKS: dict[str, Any] = {
    "ocsf": check_ocsf,
    "oscal": lambda text: validator("oscal-assessment-results-1.2.3.json").validate(json.loads(text)),
    "hdf": lambda text: validator("hdf-exec-json.json").validate(json.loads(text)),
    "sarif": lambda text: validator("sarif-2.1.0-rtm.5.json").validate(json.loads(text)),
    "junit": check_junit,
}


@pytest.mark.parametrize("form", sorted(RESULTS))
def test_an_export_fits_the_published_schema(form: str, root: Path) -> None:
    CHECKS[form](once(root, form))


@pytest.mark.parametrize("form", sorted(RESULTS))
def test_hostile_text_breaks_no_schema(form: str, hostile: Path) -> None:
    CHECKS[form](once(hostile, form))


@pytest.mark.parametrize("form", sorted(RESULTS))
def test_each_schema_refuses_a_broken_export(form: str, root: Path) -> None:
    """A schema that lets everything through would prove nothing."""
    broken = {
        "ocsf": ('"class_uid": 2003', '"class_uid": "2003"'),
        "oscal": ('"state": "not-satisfied"', '"state": "perhaps"'),
        "hdf": ('"status": "failed"', '"status": "could-not-look"'),
        "sarif": ('"kind": "open"', '"kind": "unknown"'),
        "junit": ("<skipped type=", "<skipped kind="),
    }[form]
    text = once(root, form)
    assert broken[0] in text
    with pytest.raises((jsonschema.ValidationError, xmlschema.XMLSchemaException)):
        CHECKS[form](text.replace(*broken))


@pytest.mark.parametrize("form", sorted(EXPORTS))
def test_exporting_twice_is_byte_identical(form: str, hostile: Path) -> None:
    assert once(hostile, form) == exported(hostile, form)


@pytest.mark.parametrize(
    ("form", "named"), [("sarif", r'"guid": "([^"]+)"'), ("ocsf", r'"finding_info": {"uid": "([^"]+)"')]
)
def test_ids_do_not_hang_on_what_else_is_exported(form: str, named: str, root: Path) -> None:
    part = exported(root, form, framework="soc2", control_id="CC7.1")
    ids = set(re.findall(named, part))
    taxonomies = 1 if form == "sarif" else 0
    assert len(ids) == 6 + taxonomies
    assert ids <= set(re.findall(named, once(root, form)))
    assert "CM-6(1)" not in part


@pytest.mark.parametrize("form", sorted(EXPORTS))
def test_could_not_look_is_never_a_pass(form: str, root: Path) -> None:
    """Every format must say it in the one place that its readers count."""
    text = once(root, form)
    document = json.loads(text) if form in ("oscal", "hdf", "sarif") else None
    match form:
        case "csv" | "jsonl":
            assert text.count("could-not-look") == 2
        case "ocsf":
            events = [json.loads(line) for line in text.splitlines()]
            found = [e for e in events if e["unmapped"]["holdfast"]["verdict"] == "unknown"]
            assert {e["compliance"]["status_id"] for e in found} == {99}
            assert len(found) == 2
        case "oscal":
            targets = [one["target"] for one in document["assessment-results"]["results"][0]["findings"]]
            assert [one["status"]["state"] for one in targets] == ["not-satisfied"] * 2
            assert all("could not look" in one["status"]["remarks"] for one in targets)
        case "hdf":
            results = [r for p in document["profiles"] for c in p["controls"] for r in c["results"]]
            assert Counter(r["status"] for r in results)["error"] == 2
        case "sarif":
            (run,) = document["runs"]
            assert not run["invocations"][0]["executionSuccessful"]
            assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1
            assert Counter(one["kind"] for one in run["results"])["open"] == 1
        case "junit":
            assert 'errors="2"' in text.split("\n")[1]
        case _:
            pytest.fail(f"{form}: say here how it tells that nobody could look")


@pytest.mark.parametrize("form", sorted(EXPORTS))
def test_who_approved_and_who_waived_can_be_read_from_it(form: str, root: Path) -> None:
    text = once(root, form)
    assert "a.person" in text
    assert "migration ends next month" in text
    assert "agreed with the owner" in text


def test_an_export_of_changed_evidence_is_refused(tmp_path: Path) -> None:
    """Every format reads an open selection, and none is opened that does not verify."""
    root = store(tmp_path / "evidence")
    path = min((root / "records").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(TamperError, match="modified"):
        exported(root, "csv")


def test_an_export_of_nothing_is_refused(root: Path, tmp_path: Path) -> None:
    for wanted in ({"framework": "cis"}, {"last": "2026-10"}, {"first": "2026-12"}):
        with pytest.raises(EvidenceError, match="no evidence of"):
            exported(root, "junit", **wanted)
    with pytest.raises(EvidenceError, match="no evidence yet"):
        exported(tmp_path, "junit")


def test_rows_are_all_there_and_unchanged(hostile: Path) -> None:
    connection = connect(hostile)
    held = connection.execute("SELECT * FROM records").fetchall()
    connection.close()
    wanted = Counter(
        tuple(v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in row) for row in held
    )
    lines = once(hostile, "jsonl").split("\n")[:-1]
    assert Counter(tuple(json.loads(line).values()) for line in lines) == wanted
    told = csv.reader(io.StringIO(once(hostile, "csv"), newline=""), strict=True)
    assert tuple(next(told)) == tuple(COLUMNS)
    read = Counter(tuple(re.sub("^'", "", cell) for cell in row) for row in told)
    assert read == Counter({tuple("" if v is None else str(v) for v in row): n for row, n in wanted.items()})


def test_no_cell_of_a_csv_starts_as_a_formula(hostile: Path) -> None:
    told = csv.reader(io.StringIO(once(hostile, "csv"), newline=""))
    cells = [cell for row in told for cell in row if cell]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def test_a_line_separator_in_a_value_ends_no_line(hostile: Path) -> None:
    for form in ("jsonl", "ocsf"):
        text = once(hostile, form)
        assert text.isascii()
        assert all(json.loads(line) for line in text.splitlines())


def test_each_drift_has_the_verdict_of_its_story(root: Path) -> None:
    results = json.loads(once(root, "sarif"))["runs"][0]["results"]
    verdicts = Counter((one["ruleId"], one["properties"]["verdict"]) for one in results)
    drifts, looks = "aws-s3-001", "look"
    assert verdicts == {
        (drifts, "settled"): 1,
        (drifts, "waived"): 1,
        (drifts, "failed"): 1,
        (looks, "passed"): 1,
        (looks, "unknown"): 1,
        (looks, "failed"): 1,  # it found drift that is not in the evidence, so nothing else tells of it
    }
    (waived,) = [one for one in results if one.get("suppressions")]
    assert "waived by a.person until 2026-12-23" in waived["suppressions"][0]["justification"]
    (clean,) = [one for one in results if one["properties"]["verdict"] == "passed"]
    assert clean["occurrenceCount"] == 3


def test_a_waiver_that_has_ended_is_a_failure(root: Path, tmp_path: Path) -> None:
    assert '"suppressions"' in once(root, "sarif")
    with Store(
        store(tmp_path / "evidence", key=(key := new_key())), estate="acme", writer="one", key=key
    ).batch(at(60 * 24 * 31)) as batch:
        batch.append(rows(901, "swept", 60 * 24 * 31, outcome="clean", target="payments", layer="terraform"))
    assert '"suppressions"' not in exported(tmp_path / "evidence", "sarif")
    assert '"suppressions"' in exported(tmp_path / "evidence", "sarif", last="2026-11")


def test_the_remediation_names_its_approver(root: Path) -> None:
    document = json.loads(once(root, "oscal"))["assessment-results"]
    parties = {one["uuid"]: one["name"] for one in document["metadata"]["parties"]}
    (closed,) = [one for one in document["results"][0]["risks"] if one["status"] == "closed"]
    actors = closed["remediations"][0]["origins"][0]["actors"]
    assert [parties[a["actor-uuid"]] for a in actors if a.get("role-id") == "approver"] == ["a.person"]
    assert closed["remediations"][0]["lifecycle"] == "completed"
    assert len(closed["risk-log"]["entries"]) == 7
    known = {one["uuid"] for one in document["results"][0]["observations"]}
    for finding in document["results"][0]["findings"]:
        assert {one["observation-uuid"] for one in finding["related-observations"]} <= known


def test_a_batch_that_arrives_during_verification_is_not_exported_unverified(root: Path) -> None:
    with open_selection(root, Wanted(), trust=None) as selection:
        assert selection.heads == ledger.heads(root)
        assert not selection.authentic
