import json
from collections import Counter
from pathlib import Path

import pytest

from tasks.errors import ToolError
from tasks.inspec import judge
from tasks.inspec.controls import controls_of
from tasks.inspec.read import read

# These hold unrelated profiles that share ids: their counts are known per entry, not per id.
SHARED_IDS = {
    "chef_automate__c5-full.json": {"Failed": 5, "Passed": 3},
    "chef_automate__compliance-failure-big-report.json": {
        "Failed": 129,
        "Not Reviewed": 1,
        "Passed": 12,
        "Profile Error": 2,
    },
}
BROKEN = ("DERIVED_truncated_mid_string__", "chef_automate__2018-03-05_centos(2)")


@pytest.mark.samples
def test_every_real_report_is_judged_as_heimdall_judges_it(samples: Path) -> None:
    folder = samples / "inspec-reports"
    expected = json.loads((folder / "EXPECTED_STATUS_COUNTS.json").read_text())["files"]
    assert len(expected) >= 45
    for name, counts in expected.items():
        controls = controls_of(read((folder / name).read_bytes(), name))
        wanted = SHARED_IDS.get(name, counts["per_distinct_control_id"])
        assert Counter(map(judge.status, controls)) == wanted, name


@pytest.mark.samples
def test_every_real_report_can_be_read_unless_it_is_broken(samples: Path) -> None:
    refused = []
    for path in sorted((samples / "inspec-reports").glob("*.json")):
        if path.name == "EXPECTED_STATUS_COUNTS.json":
            continue
        try:
            assert controls_of(read(path.read_bytes(), path.name)), path.name
        except ToolError:
            refused.append(path.name)
    assert all(name.startswith(BROKEN) for name in refused)
    assert len(refused) == len(BROKEN)
