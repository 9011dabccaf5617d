"""The auditor's commands: exit codes, formats, and that nothing else of Holdfast is needed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from kept_store import Kept

from evidence.cli import EvidencePlace, evidence, main
from evidence.keys import new_key
from evidence.query import Answer
from evidence.show import show

ROOT = Path(__file__).parents[2]


def test_verify_says_what_is_established(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trusted = tmp_path / "trust.pem"
    trusted.write_bytes(kept.key.public.pem + kept.other.public.pem)
    assert main(["verify", str(kept.root)]) == 0
    assert "authenticity not established" in capsys.readouterr().out
    assert main(["verify", str(kept.root), "--trust", str(trusted)]) == 0
    assert capsys.readouterr().out.startswith("verified: 3 batches of 2 writers, 8 rows")


def test_each_exit_code_is_provoked(kept: Kept, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(new_key().public.pem)
    assert main(["verify", str(kept.root), "--trust", str(stranger)]) == 4
    assert main(["verify", str(tmp_path / "nowhere")]) == 1
    assert main(["verify", str(tmp_path)]) == 1
    assert main(["verify"]) == 64
    assert main(["frobnicate"]) == 64
    assert (
        main(
            ["population", "--path", str(kept.root), "--control", "x", "--from", "2026-11", "--to", "2026-11"]
        )
        == 64
    )
    assert main(["query", "DROP VIEW records", "--path", str(kept.root)]) == 1


def test_heads_can_be_kept_in_a_file_and_given_back(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["heads", "--path", str(kept.root), "-o", "json"]) == 0
    kept_outside = tmp_path / "heads.json"
    kept_outside.write_text(capsys.readouterr().out)
    assert main(["verify", str(kept.root), "--head", str(kept_outside)]) == 0
    changed = json.loads(kept_outside.read_text())
    changed[0]["digest"] = "0" * 64
    kept_outside.write_text(json.dumps(changed))
    assert main(["verify", str(kept.root), "--head", str(kept_outside)]) == 4
    for junk in ("[]", "{}", "[1]", "nonsense", "[{}]"):
        kept_outside.write_text(junk)
        assert main(["verify", str(kept.root), "--head", str(kept_outside)]) == 1


def test_answers_come_as_table_csv_and_json(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    ask = [
        "query",
        "SELECT framework, count(*) AS n FROM records GROUP BY 1 ORDER BY 1",
        "--path",
        str(kept.root),
    ]
    assert main([*ask, "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {"framework": "cis", "n": 2}
    assert main([*ask, "-o", "csv"]) == 0
    assert next(csv.DictReader(capsys.readouterr().out.splitlines())) == {"framework": "cis", "n": "2"}
    assert main(ask) == 0
    assert "nist-800-53-r5" in capsys.readouterr().out


def test_a_sample_is_the_same_each_time(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    ask = [
        "sample",
        "--control",
        "soc2:CC7.1",
        "--from",
        "2026-11",
        "--to",
        "2026-11",
        "--size",
        "2",
        "--seed",
        "s",
    ]
    drawn = []
    for _ in range(2):
        assert main([*ask, "--path", str(kept.root), "-o", "json"]) == 0
        drawn.append(capsys.readouterr().out)
    assert drawn[0] == drawn[1]
    assert len(json.loads(drawn[0])) == 2


def test_a_value_can_not_command_the_terminal() -> None:
    shown = show(Answer(columns=("v",), rows=(("\x1b[2J[red]x",),)), "table")
    assert "\x1b" not in shown
    assert "\\x1b[2J[red]x" in shown


def test_the_group_takes_place_and_trust_from_its_caller(kept: Kept) -> None:
    @click.group()
    @click.pass_context
    def outer(context: click.Context) -> None:
        context.obj = EvidencePlace(root=kept.root, trust=kept.trust)

    outer.add_command(evidence)
    ended = CliRunner().invoke(outer, ["evidence", "verify"])
    assert (ended.exit_code, ended.output[:8]) == (0, "verified")


def test_an_auditor_needs_neither_prefect_nor_a_cloud(kept: Kept) -> None:
    absent = "prefect boto3 botocore azure great_expectations pandas tasks flows taxonomy"
    blocked = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}.split()))\n"
        f"sys.argv = ['evidence', 'verify', {str(kept.root)!r}]\n"
        "import runpy; runpy.run_module('evidence', run_name='__main__')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")
