import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from examples.clouds.inspec import install
from tasks.detectors import inspec
from tasks.errors import ToolError
from tasks.reach import Reach
from taxonomy.target import InspecTarget

ROOT = Path(__file__).parents[2] / "examples"
REPORT = ROOT / "reports" / "web-01.json"
CLEAN = ROOT / "reports" / "web-01-clean.json"


def target(**fields: Any) -> InspecTarget:
    return InspecTarget(name="web-01", base=ROOT, **{"profile": "profiles/linux-baseline", **fields})


def reach(folder: Path, **fields: Any) -> Reach:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return Reach(**{"scratch": scratch, "path": path, "inspec": "cinc-auditor", "timeout": 20, **fields})


def play(folder: Path, **scenario: Any) -> Reach:
    install(folder / "bin", name="cinc-auditor", **scenario)
    return reach(folder)


@pytest.mark.parametrize(("report", "exit_code"), [(REPORT, 100), (CLEAN, 0), (CLEAN, 101)])
def test_a_report_is_an_answer_whether_tests_failed_or_not(
    tmp_path: Path, report: Path, exit_code: int
) -> None:
    raw = inspec.collect(
        target(transport="ssh://audit@web-01"), play(tmp_path, report=report, exit_code=exit_code)
    )
    assert [each.host for each in raw.reports] == ["web-01"]
    assert raw.reports[0].document == json.loads(report.read_bytes())
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"exit_code": 1, "report": REPORT}, "usage or general error"),
        ({"exit_code": 102, "report": REPORT}, "a profile failed to load"),
        ({"exit_code": 7}, "an exit code that InSpec does not document"),
        ({"exit_code": 0}, "left no report"),
        ({"exit_code": 100, "report": REPORT, "keep": 700}, "cut off"),
        ({"exit_code": 0, "report": REPORT, "keep": 0}, "is empty"),
        ({"licence": False, "report": REPORT}, "accepts none for you: run it once yourself"),
    ],
)
def test_whatever_is_no_report_is_an_error_not_an_absence_of_drift(
    tmp_path: Path, scenario: Any, words: str
) -> None:
    with pytest.raises(ToolError, match=words):
        inspec.collect(target(), play(tmp_path, **scenario))
    assert not list((tmp_path / "scratch").iterdir())


def test_a_report_that_does_not_fit_its_exit_code_is_an_error(tmp_path: Path) -> None:
    other = tmp_path / "report.json"
    other.write_text(REPORT.read_text().replace('"failed"', '"passed"'))
    with pytest.raises(ToolError, match="its report holds none that did"):
        inspec.collect(target(), play(tmp_path, exit_code=100, report=other))


def test_a_missing_program_is_an_error_that_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="install Cinc Auditor"):
        inspec.collect(target(), reach(tmp_path, inspec="no-such-auditor"))


def test_a_missing_profile_is_an_error_with_the_programs_own_words(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Could not fetch inspec profile") as caught:
        inspec.collect(target(profile="profiles/none"), play(tmp_path, report=REPORT))
    assert caught.value.exit_code == 1
    assert caught.value.command[:3] == ("cinc-auditor", "exec", "profiles/none")


def test_a_host_that_does_not_answer_in_time_is_given_up_and_nothing_keeps_running(tmp_path: Path) -> None:
    play(tmp_path, report=REPORT, seconds=60)
    started = time.monotonic()
    with pytest.raises(ToolError, match=r"did not end within 0\.5 s at web-01"):
        inspec.collect(target(), reach(tmp_path, timeout=0.5))
    assert time.monotonic() - started < 10


def test_no_password_of_a_transport_is_told(tmp_path: Path) -> None:
    secret = "correct-horse" + "-battery"
    with pytest.raises(ToolError) as caught:
        inspec.collect(
            target(transport=f"ssh://audit:{secret}@web-01"),
            play(tmp_path, exit_code=1, says=f"Cannot connect to ssh://audit:{secret}@web-01\n"),
        )
    told = (str(caught.value), caught.value.command, caught.value.last_words)
    assert secret not in repr(told)
    assert "ssh://audit:" in repr(told)


def test_waivers_and_the_transport_reach_the_program(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "cinc-auditor"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\nenv >> {tmp_path}/said\nexit 1\n')
    program.chmod(0o755)
    seen = target(transport="docker://web", waivers=Path("waivers.yml"))
    with pytest.raises(ToolError):
        inspec.collect(seen, reach(tmp_path, aws={"AWS_REGION": "eu-west-1"}))
    said = (tmp_path / "said").read_text()
    assert "exec profiles/linux-baseline -t docker://web --waiver-file waivers.yml" in said
    assert "--chef-license" not in said
    assert "AWS_REGION=eu-west-1" in said
    assert "PYTEST" not in said
