"""Controls: what may be cited, and how tools' spellings are read."""

import csv
import re
from pathlib import Path

import pytest

from taxonomy.controls import builtin_catalogue, normalise
from taxonomy.rulebook import load


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("CM-6 b", "nist-800-53-r5:CM-6"),
        ("SC-8 (1)", "nist-800-53-r5:SC-8(1)"),
        ("AC-2(j)", "nist-800-53-r5:AC-2"),
        ("AC-8 c 1", "nist-800-53-r5:AC-8"),
        ("CM-7 (5) (b)", "nist-800-53-r5:CM-7(5)"),
        ("AU-2(a)(d)", "nist-800-53-r5:AU-2"),
        ("AC-2\n(4)", "nist-800-53-r5:AC-2(4)"),
        ("AC 7 b", "nist-800-53-r5:AC-7"),
        ("SI-7 (14)(b)", "nist-800-53-r5:CM-7(8)"),
        ("NIST_SP_800-53_R5_AC-2(1)", "nist-800-53-r5:AC-2(1)"),
        ("nist_sp_800-53_r5_sc-8(1)", "nist-800-53-r5:SC-8(1)"),
        ("NIST_SP_800-53_R5.1.1_AC.2.1", "nist-800-53-r5:AC-2(1)"),
        ("PCI_DSS_v4.0_1.2.1", "pci-dss-4.0.1:1.2.1"),
        ("PCI_DSS_v4.0.1_10.2.1.1", "pci-dss-4.0.1:10.2.1.1"),
        ("SOC_2_CC6.1", "soc2:CC6.1"),
        ("SOC_2023_CC.5.3", "soc2:CC5.3"),
        ("CC7.1", "soc2:CC7.1"),
        ("nist-800-53-r5:SC-7", "nist-800-53-r5:SC-7"),
    ],
)
def test_a_tools_spelling_names_one_control(spelling: str, name: str) -> None:
    assert normalise(spelling) == name


@pytest.mark.parametrize(
    "spelling",
    ["", "Rev_4", "4", "unmapped", "AC-200", "ZZ-1", "SOC_2_CM_8b", "NIST_SP_800-53_R4_AC-1", "CCI-002235",
     "PCI_DSS_V3.2.1_8.1.2", "../AC-2", "AC-13", "soc2:CC99.1", "nist-800-53-r5:../../etc", "1.2.1"],
)  # fmt: skip
def test_what_names_no_known_control_is_none(spelling: str) -> None:
    assert normalise(spelling) is None


def test_a_bare_number_needs_its_framework() -> None:
    assert normalise("1.2.1", "pci-dss-4.0.1") == "pci-dss-4.0.1:1.2.1"
    assert normalise("AC-2", "nist-800-53-r5") == "nist-800-53-r5:AC-2"
    assert normalise("AC-2", "cobit") is None


def test_a_spelling_of_another_framework_than_the_one_given_is_none() -> None:
    assert normalise("SOC_2_CC6.1", "nist-800-53-r5") is None


def test_every_control_says_what_it_is_and_where_it_is_published() -> None:
    catalogue = builtin_catalogue()
    assert {control.framework for control in catalogue.controls.values()} == {
        "nist-800-53-r5",
        "soc2",
        "pci-dss-4.0.1",
    }
    for name, control in catalogue.controls.items():
        assert name == control.name
        assert control.title.strip() == control.title
        assert control.url.startswith("https://")


def test_what_replaces_a_withdrawn_control_is_a_control() -> None:
    catalogue = builtin_catalogue()
    for heirs in catalogue.withdrawn.values():
        assert all(heir in catalogue or heir in catalogue.withdrawn for heir in heirs), heirs


def test_the_families_of_configuration_management_are_covered_by_rules() -> None:
    cited = {control for rule in load().rules for control in rule.controls}
    for wanted in ("CM-2", "CM-3", "CM-5", "CM-6", "CM-7", "CM-8"):
        assert f"nist-800-53-r5:{wanted}" in cited
    assert {"soc2:CC7.1", "soc2:CC8.1", "pci-dss-4.0.1:2.2.1"} <= cited


@pytest.mark.samples
def test_every_nist_id_of_the_publisher_is_known(samples: Path) -> None:
    catalogue = builtin_catalogue()
    with (samples / "mappings" / "nist_800_53_r5_controls.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        known = catalogue.withdrawn if row["withdrawn"] else catalogue.controls
        assert f"nist-800-53-r5:{row['control_id']}" in known


@pytest.mark.samples
def test_azures_group_names_are_read_as_their_publisher_means_them(samples: Path) -> None:
    with (samples / "mappings" / "azure_policy_to_controls.csv").open(encoding="utf-8") as file:
        groups = {(row["framework"], row["group_name"], row["nist_base"]) for row in csv.DictReader(file)}
    ours = [entry for entry in groups if re.fullmatch(r"NIST_800_53_R5.*|PCI_DSS_v4.*|SOC2.*", entry[0])]
    unread = [entry for entry in ours if normalise(entry[1]) is None]
    assert len(ours) > 500
    assert len(unread) <= len(ours) * 0.02, unread
    for framework, spelling, base in ours:
        name = normalise(spelling)
        if framework.startswith("NIST") and base and name and f"nist-800-53-r5:{base}" in builtin_catalogue():
            assert name == f"nist-800-53-r5:{base}"
