"""The host layer's example: a profile, two reports of it, and a program that answers like InSpec."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from examples.clouds.inspec import install

EXAMPLES = Path(__file__).parents[2] / "examples"
PROFILE = EXAMPLES / "profiles" / "linux-baseline"
DRIFTED = EXAMPLES / "reports" / "web-01.json"
CLEAN = EXAMPLES / "reports" / "web-01-clean.json"


def controls(report: Path) -> dict[str, Any]:
    (profile,) = json.loads(report.read_text())["profiles"]
    return {control["id"]: control for control in profile["controls"]}


def inspec(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "inspec", *arguments], env={}, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("report", [DRIFTED, CLEAN], ids=["drifted", "clean"])
def test_a_report_speaks_of_the_profile_as_it_stands(report: Path) -> None:
    written = {
        (path.name, code)
        for path in (PROFILE / "controls").glob("*.rb")
        for code in re.findall(r"^control '.*?^end\n", path.read_text(), re.DOTALL | re.MULTILINE)
    }
    reported = {(Path(c["source_location"]["ref"]).name, c["code"]) for c in controls(report).values()}
    assert reported == written


def test_the_two_reports_differ_in_three_controls_of_ssh() -> None:
    drifted, clean = controls(DRIFTED), controls(CLEAN)
    failing = {
        identifier: [r["status"] for r in clean[identifier]["results"]]
        for identifier, control in drifted.items()
        if "failed" in (r["status"] for r in control["results"])
        and "failed" not in (r["status"] for r in clean[identifier]["results"])
    }
    assert failing == {"ssh-01": ["passed"], "ssh-02": ["passed", "passed"], "ssh-03": ["passed"]}


def test_a_clean_report_still_holds_what_must_not_become_drift() -> None:
    clean = controls(CLEAN)
    assert clean["screen-01"]["impact"] == 0
    assert clean["audit-01"]["waiver_data"]["run"] is True
    assert clean["time-01"]["results"][0]["status"] == "skipped"


def test_the_report_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    install(tmp_path, report=DRIFTED)
    run = inspec(
        tmp_path, "exec", str(PROFILE), "-t", "ssh://web-01", "--reporter", f"json:{tmp_path / 'out.json'}"
    )
    assert (run.returncode, run.stdout) == (100, "")
    assert (tmp_path / "out.json").read_bytes() == DRIFTED.read_bytes()


@pytest.mark.parametrize(
    ("statuses", "profile", "code"),
    [
        (["passed"], "loaded", 0),
        (["passed", "failed", "skipped"], "loaded", 100),
        (["passed", "skipped"], "loaded", 101),
        (["failed"], "failed", 102),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    tmp_path: Path, statuses: list[str], profile: str, code: int
) -> None:
    results = [{"status": status} for status in statuses]
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"profiles": [{"status": profile, "controls": [{"results": results}]}]}))
    install(tmp_path / "bin", report=report)
    assert inspec(tmp_path / "bin", "exec", str(PROFILE)).returncode == code


def test_an_unaccepted_licence_ends_before_any_look(tmp_path: Path) -> None:
    install(tmp_path, report=CLEAN, licence=False)
    run = inspec(tmp_path, "exec", str(PROFILE), "--reporter", f"json:{tmp_path / 'out.json'}")
    assert run.returncode == 172
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    "arguments", [("exec", "absent-profile"), ("exec", str(PROFILE), "--no-such-option"), ()]
)
def test_wrong_usage_ends_with_one(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    install(tmp_path, report=CLEAN)
    assert inspec(tmp_path, *arguments).returncode == 1


def test_a_killed_run_leaves_half_a_report(tmp_path: Path) -> None:
    install(tmp_path, report=DRIFTED, keep=1000, exit_code=130)
    run = inspec(tmp_path, "exec", str(PROFILE), "--reporter", f"json:{tmp_path / 'out.json'}")
    assert run.returncode == 130
    assert (tmp_path / "out.json").stat().st_size == 1000


def test_an_unknown_scenario_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="exitcode"):
        install(tmp_path, exitcode=1)
