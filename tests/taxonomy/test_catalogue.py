"""Controls: what may be cited, and how tools' spellings are read."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from taxonomy.controls import builtin_catalogue, normalise
from taxonomy.errors import RuleError
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
    for name, control in catalogue.controls.items():
        assert name == control.name
        assert control.family, name
        assert control.title.strip() == control.title
        assert control.url.startswith("https://")


def test_the_catalogue_holds_every_control_of_its_frameworks() -> None:
    counted = Counter(control.framework for control in builtin_catalogue().controls.values())
    assert counted == {
        "nist-800-53-r5": 1014,
        "soc2": 61,
        "pci-dss-4.0.1": 366,
        "cis-aws-1.2.0": 43,
        "cis-aws-1.3.0": 20,
        "cis-aws-1.4.0": 43,
        "cis-azure-1.1.0": 31,
        "cis-azure-1.3.0": 29,
        "cis-centos-linux-6": 137,
    }
    assert len(builtin_catalogue().withdrawn) == 182
    late = ("IA-13", "IA-13(1)", "IA-13(2)", "IA-13(3)", "SA-15(13)", "SA-24", "SI-2(7)")
    assert all(f"nist-800-53-r5:{name}" in builtin_catalogue() for name in late)


@pytest.mark.parametrize(
    ("control", "said"),
    [
        ("nist-800-53-r5:AC-13", "it was withdrawn; cite nist-800-53-r5:AC-2, nist-800-53-r5:AU-6"),
        ("cis-aws-1.4.0:9.9", "not a known control"),
        ("cis-aws-9.9.9:1.4", "not a known control"),
    ],
)
def test_a_rule_that_cites_an_unknown_or_withdrawn_control_is_refused(
    tmp_path: Path, control: str, said: str
) -> None:
    (rule,) = (one for one in load().rules if one.id == "aws-tags-001")
    written = rule.model_dump(mode="json", by_alias=True, exclude_unset=True) | {"controls": [control]}
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(yaml.safe_dump([written]))
    with pytest.raises(RuleError, match=re.escape(said)):
        load(["builtin", tmp_path])


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


@pytest.mark.samples
def test_every_id_that_a_tools_mapping_names_may_be_cited(samples: Path) -> None:
    ours = {("CIS_AWS_v1.2.0", "cis-aws-1.2.0"), ("CIS_AWS_v1.4.0", "cis-aws-1.4.0")}
    names = dict(ours) | {"CIS-AWS_v1.3.0": "cis-aws-1.3.0", "CIS-Azure_v1.1.0": "cis-azure-1.1.0"}
    names |= {"CIS-Azure_v1.3.0": "cis-azure-1.3.0", "CIS-AWS_v1.4.0": "cis-aws-1.4.0"}
    mappings = samples / "mappings"
    with (mappings / "aws_securityhub_control_to_config_rule_and_controls.csv").open(
        encoding="utf-8"
    ) as file:
        cited = {(row["framework"], row["control_id"]) for row in csv.DictReader(file)}
    with (mappings / "regula_rules.csv").open(encoding="utf-8") as file:
        cited |= {
            tuple(row["control_ref"].rsplit("_", 1))
            for row in csv.DictReader(file)
            if "_v" in row["control_ref"]
        }
    known = [f"{names[framework]}:{name}" for framework, name in cited if framework in names and "." in name]
    assert len(known) > 150
    assert [name for name in known if name not in builtin_catalogue()] == []
