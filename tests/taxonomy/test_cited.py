"""The controls of configuration itself are cited by resource and attribute, as tools' mappings barely do."""

import pytest

from taxonomy.cited import ANY, cited
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


@pytest.mark.parametrize(
    ("control", "types", "patterns"),
    [
        ("nist-800-53-r5:CM-6", 900, 25_000),
        ("nist-800-53-r5:CM-7", 250, 4_500),
        ("soc2:CC7.1", 140, 3_000),
        ("pci-dss-4.0.1:2.2", 200, 5_500),
    ],
)
def test_configuration_itself_is_covered_by_resource_and_attribute(
    builtin: Rulebook, control: str, types: int, patterns: int
) -> None:
    found = cited(builtin, control)
    assert len(found.attributes.keys() - {ANY}) >= types
    assert found.patterns >= patterns
    assert any(kind.startswith("aws_") for kind in found.attributes)


@pytest.mark.parametrize(
    "control", ["nist-800-53-r5:CM-6", "nist-800-53-r5:CM-7", "soc2:CC7.1", "pci-dss-4.0.1:2.2"]
)
def test_hosts_are_held_to_a_secure_configuration_too(builtin: Rulebook, control: str) -> None:
    assert any("inspec" in (rule.when.layer or ()) for rule in cited(builtin, control).rules)


def test_a_control_is_cited_by_those_below_it_too_and_by_no_namesake(builtin: Rulebook) -> None:
    below = {name for rule in cited(builtin, "pci-dss-4.0.1:2.2").rules for name in rule.controls}
    assert "pci-dss-4.0.1:2.2.1" in below
    alike = cited(builtin, "nist-800-53-r5:SC-1").rules
    assert not any(name.startswith("nist-800-53-r5:SC-1") for rule in alike for name in rule.controls)


@pytest.mark.parametrize(
    ("control", "covered"),
    [
        ("nist-800-53-r5:CM-6", "any-weakened-001"),
        ("soc2:CC7.1", "host-control-001"),
    ],
)
def test_what_a_control_is_cited_for_is_listed_by_rule(builtin: Rulebook, control: str, covered: str) -> None:
    assert covered in {rule.id for rule in cited(builtin, control).rules}
