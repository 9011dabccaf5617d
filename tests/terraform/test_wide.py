"""Precision and recall on a workspace of many shapes, with real Terraform on a simulated cloud."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from wide import WIDE, Row
from workspace_on_moto import Live, on_moto

from tasks.detectors.terraform import collect, parse
from tasks.redaction import Redactor
from taxonomy.observation import Answer

pytestmark = [pytest.mark.terraform, pytest.mark.prove]


@pytest.fixture(scope="module")
def wide(
    tmp_path_factory: pytest.TempPathFactory, program: str, terraform_env: Mapping[str, str]
) -> Iterator[Live]:
    with on_moto(
        "wide", Path(__file__).with_name("wide.tf"), tmp_path_factory, program, terraform_env
    ) as live:
        yield live


def rows(answer: Answer) -> Counter[Row]:
    return Counter(
        (str(one.source).removeprefix("wide:"), one.attribute, str(one.drift_class), one.kind)
        for finding in answer.findings
        for one in finding.changes
    )


def test_every_mutation_of_many_shapes_is_told_once_and_nothing_else(wide: Live, redactor: Redactor) -> None:
    fresh = parse(collect(wide.target, wide.reach), wide.target, redactor=redactor)
    assert rows(fresh) == Counter(), "right after an apply there is no drift"
    assert fresh.suppressed, "and what the apply left behind is counted"
    for mutation in WIDE:
        mutation(wide.client)
    answer = parse(collect(wide.target, wide.reach), wide.target, redactor=redactor)
    expected, found = Counter(row for told in WIDE.values() for row in told), rows(answer)
    right = (expected & found).total()
    too_much, missed = sorted((found - expected).elements()), sorted((expected - found).elements())
    precision, recall = right / found.total(), right / expected.total()
    assert (precision, recall) == (1.0, 1.0), f"told too much: {too_much}; missed: {missed}"
