"""Laws of reading a plan with as little work as it takes, on plans made as large ones are."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.synthetic import write
from tasks.detectors.terraform import collect, parse
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from tasks.terraform.document import load
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

SERVICES = 2
TAKEN = datetime(2026, 11, 23, tzinfo=UTC)


class Counting(Redactor):
    """A redactor that knows whom it was asked about."""

    def __init__(self) -> None:
        super().__init__(b"a key of the tests, 32 bytes long")
        self.asked: list[str] = []

    def conceal(
        self, value: Any, *, resource: str, attribute: str, sensitive: Any = False, again: bool = False
    ) -> tuple[Any, bool]:
        self.asked.append(resource)
        return super().conceal(
            value, resource=resource, attribute=attribute, sensitive=sensitive, again=again
        )


def answer(plan: Path, redactor: Redactor, baseline: Baseline | None = None) -> Answer:
    target = TerraformTarget(name="large", plan_json=plan)
    return parse(collect(target, Reach(scratch=plan.parent)), target, redactor=redactor, baseline=baseline)


def told(seen: Answer) -> list[tuple[str, str, str | None]]:
    return sorted(
        (str(change.source).removeprefix("large:"), change.attribute, change.drift_class)
        for finding in seen.findings
        for change in finding.changes
    )


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.json"
    write(path, services=SERVICES, drifted=False)
    return path


@pytest.fixture
def sealed(clean: Path) -> Baseline:
    document = Baseline.of("large", answer(clean, Counting()).live, taken_at=TAKEN).to_document()
    return Baseline.from_document(json.loads(json.dumps(document)))


def without_digests(baseline: Baseline) -> Baseline:
    resources = {address: replace(one, digest="") for address, one in baseline.resources.items()}
    return replace(baseline, resources=resources)


@pytest.mark.parametrize("against", ["state", "baseline", "baseline without digests"])
def test_what_drifted_among_modules_and_noise_is_told_and_nothing_else(
    tmp_path: Path, sealed: Baseline, against: str
) -> None:
    drift = write(tmp_path / "plan.json", services=SERVICES)
    approved = {"state": None, "baseline": sealed, "baseline without digests": without_digests(sealed)}
    seen = answer(tmp_path / "plan.json", Counting(), approved[against])
    assert told(seen) == drift
    assert len(seen.live) == SERVICES * 15 - 1  # one of them was deleted by hand


def test_what_is_still_as_approved_is_not_masked_anew(clean: Path, sealed: Baseline) -> None:
    redactor = Counting()
    seen = answer(clean, redactor, sealed)
    assert seen.findings == ()
    assert redactor.asked == []
    assert seen.live == answer(clean, Counting()).live


def test_a_baseline_without_digests_is_compared_value_by_value(clean: Path, sealed: Baseline) -> None:
    redactor = Counting()
    seen = answer(clean, redactor, without_digests(sealed))
    assert seen.findings == ()
    assert len(redactor.asked) == SERVICES * 15
    assert seen.live == answer(clean, Counting()).live


def test_what_the_cloud_moves_by_itself_does_not_make_a_resource_look_changed(
    tmp_path: Path, clean: Path, sealed: Baseline
) -> None:
    text = clean.read_text()
    later = tmp_path / "later.json"
    later.write_text(
        text.replace('"latest_restorable_time":"2026-11-23', '"latest_restorable_time":"2026-12-31')
    )
    assert later.read_text() != text
    redactor = Counting()
    assert answer(later, redactor, sealed).findings == ()
    assert redactor.asked == []


def test_a_secret_that_changed_is_no_longer_as_approved(
    tmp_path: Path, clean: Path, sealed: Baseline
) -> None:
    address = 'module.service["svc-00000"].aws_db_instance.this'

    def stolen(entry: Mapping[str, Any]) -> dict[str, Any]:
        if entry["address"] != address:
            return dict(entry)
        return {**entry, "values": {**entry["values"], "password": "another-word"}}

    document = json.loads(clean.read_bytes())
    for module in document["prior_state"]["values"]["root_module"]["child_modules"]:
        module["resources"] = [stolen(entry) for entry in module["resources"]]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document))
    seen = answer(changed, Counting(), sealed)
    assert told(seen) == [(address, "password", "B")]
    assert "another-word" not in repr(seen)


def test_another_estates_digest_vouches_for_nothing(clean: Path, sealed: Baseline) -> None:
    other = Redactor(b"another key of the tests, 32 byte")
    addresses = sealed.resources.keys()
    live = answer(clean, other).live
    assert all(live[address]["digest"] != sealed.resources[address].digest for address in addresses)
    assert not any(secret in json.dumps(sealed.to_document()) for secret in ("not-a-secret",))


def test_the_same_plan_is_written_each_time(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name, services=SERVICES)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_half_a_character_is_replaced_and_a_whole_one_stays() -> None:
    data = rb'{"format_version": "1.2", "word": "\ud800 \ud83d\ude00 \\ud800 \uDC00\ud800"}'
    assert load(data, name="plan")["word"] == "\ufffd \U0001f600 \\ud800 \ufffd\ufffd"
