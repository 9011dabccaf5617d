"""`holdfast taxonomy controls`: a control by any spelling, what cites it, and what is only related to it."""

import json

import pytest
from click.testing import CliRunner, Result

from flows.cli import holdfast


def run(*arguments: str) -> Result:
    return CliRunner().invoke(holdfast, ["taxonomy", "controls", *arguments])


@pytest.mark.parametrize("spelling", ["CM-6", "nist-800-53-r5:CM-6", "NIST_SP_800-53_R5_CM-6", "CM-6 b"])
def test_a_control_is_shown_by_any_spelling_with_what_cites_it_and_what_is_related(spelling: str) -> None:
    document = json.loads(run(spelling, "-o", "json").output)
    assert (document["control"], document["family"]) == ("nist-800-53-r5:CM-6", "Configuration Management")
    assert "any-weakened-001" in document["cited_by"]
    best = document["related"][0]
    assert (best["control"], best["vendors"], best["backing"]) == ("soc2:CC7.1", 2, "2 vendors, 5 checks")
    assert document["patterns"] > 500
    assert "delay_seconds" not in document["cited_for"].get("aws_security_group", [])
    told = run(spelling).output
    assert f"{document['patterns']} attributes of " in told
    assert "related, cited by nothing" in told


def test_without_a_control_every_framework_is_counted() -> None:
    found = {one["framework"]: one for one in json.loads(run("-o", "json").output)}
    assert found["nist-800-53-r5"]["withdrawn"] == 182
    assert found["nist-800-53-r5"]["cited"] > 50
    assert found["cis-aws-1.4.0"]["controls"] == 43
    assert "pci-dss-4.0.1" in run().output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nist-800-53-r5:AC-13", "was withdrawn; see nist-800-53-r5:AC-2, nist-800-53-r5:AU-6"),
        ("soc2:CC99.1", "is not a known control; expected FRAMEWORK:ID of one of cis-aws-1.2.0"),
    ],
)
def test_what_names_no_control_is_refused_with_what_to_do(name: str, said: str) -> None:
    refused = run(name)
    assert refused.exit_code == 2
    assert said in refused.output
