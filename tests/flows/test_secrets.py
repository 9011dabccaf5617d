"""No secret of a plan, a report or the environment gets into evidence, output or messages."""

import gzip
import json
from pathlib import Path

import duckdb
from yard import Yard

PLANTED = {
    "plan": "ghp_" + "q9Z8" * 9,
    "report": "AKIA" + "IOSFODNN7EXAMPLE",
    "environment": "wJalrXUtnFEMI" + "/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def everything(folder: Path) -> str:
    """All that the evidence holds, unpacked."""
    parts = []
    for path in folder.rglob("*"):
        if path.suffix == ".gz":
            parts.append(gzip.decompress(path.read_bytes()).decode())
        elif path.suffix == ".parquet":
            parts.append(str(duckdb.read_parquet(str(path)).fetchall()))
        elif path.is_file():
            parts.append(path.read_text("utf-8", errors="replace"))
    return "\n".join(parts)


def test_planted_secrets_are_nowhere(yard: Yard) -> None:
    report = yard.folder / "reports" / "web-01.json"
    yard.show_report("web-01")
    document = json.loads(report.read_text())
    for control in document["profiles"][0]["controls"]:
        for result in control["results"]:
            result["message"] = f"expected no key, got {PLANTED['report']}"
    report.write_text(json.dumps(document))
    (yard.folder / "plan.json").write_text(
        (yard.folder / "plan.json").read_text().replace('"ledger"', json.dumps(PLANTED["plan"]))
    )
    assert PLANTED["plan"] in (yard.folder / "plan.json").read_text()
    done = yard.run(
        "detect", "-o", "json", "-o", "table:seen.txt", AWS_SECRET_ACCESS_KEY=PLANTED["environment"]
    )
    assert done.code == 2
    said = done.out + done.err + (yard.folder / "seen.txt").read_text() + yard.run("doctor").out
    kept = everything(yard.evidence)
    assert "ssh-01" in kept
    for name, secret in PLANTED.items():
        assert secret not in said, name
        assert secret not in kept, name
