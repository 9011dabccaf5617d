"""An estate in a folder: a plan made elsewhere and a host's report, keys of its own, and the command."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evidence.keys import make_key
from flows.settings import Settings, load

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "examples" / "recorded"
REPORTS = ROOT / "examples" / "reports"
START = "from flows.cli import main; main()"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Yard:
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def file(self) -> Path:
        return self.folder / "holdfast.yaml"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def settings(self) -> Settings:
        return load(self.file, {"HOLDFAST_HOME": str(self.home)})

    def write(self, **sections: Any) -> None:
        document = yaml.safe_load(self.file.read_text())
        self.file.write_text(yaml.safe_dump({**document, **sections}, sort_keys=False))

    def show_plan(self, document: Any) -> None:
        (self.folder / "plan.json").write_text(
            document if isinstance(document, str) else json.dumps(document)
        )

    def show_report(self, name: str) -> None:
        (self.folder / "reports" / "web-01.json").write_bytes((REPORTS / f"{name}.json").read_bytes())

    def process(self, *arguments: str, start: str = START, **environment: str) -> subprocess.Popen[str]:
        """Start the command as a user would, with no terminal and nothing of this process's settings."""
        given = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "HOLDFAST_HOME": str(self.home),
            "HOLDFAST_WRITER": "test",
            "COLUMNS": "120",
            **self.environment,
            **environment,
        }
        return subprocess.Popen(
            [sys.executable, "-P", "-c", start, *arguments],
            cwd=self.folder,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, start: str = START, **environment: str) -> Done:
        process = self.process(*arguments, start=start, **environment)
        out, err = process.communicate(timeout=120)
        return Done(code=process.returncode, out=out, err=err)


def make_yard(folder: Path) -> Yard:
    """Make a clean estate: its plan changes nothing, its host's report finds nothing."""
    yard = Yard(folder=folder)
    yard.home.mkdir(parents=True)
    (folder / "reports").mkdir()
    key = make_key(yard.home / "evidence.key")
    redaction = yard.home / "redaction.key"
    redaction.touch(mode=0o600)
    redaction.write_bytes(b"a redaction key of thirty-two by")
    document = {
        "version": 1,
        "estate": "acme",
        "evidence": {"path": "evidence"},
        "targets": [
            {"name": "plan", "layer": "terraform", "plan_json": "plan.json"},
            {"name": "fleet", "layer": "inspec", "reports": "reports/*.json"},
        ],
        "trust": [{"key_id": key.key_id, "purpose": "evidence"}],
    }
    yard.file.write_text(yaml.safe_dump(document, sort_keys=False))
    yard.show_plan((RECORDED / "clean.json").read_text())
    yard.show_report("web-01-clean")
    return yard


def enrol(yard: Yard, person: str = "ada") -> None:
    """Make a person's key, enrol it, and give the person the role that decides by default."""
    key = make_key(yard.home / "approval.key")
    shutil.copy(yard.home / "approval.key.pub", yard.folder / f"{person}.pub")
    trusted = [{"key_id": one.key_id, "purpose": one.purpose} for one in yard.settings.estate.trust]
    yard.write(
        people=[{"id": person, "review_key": f"{person}.pub"}],
        trust=[*trusted, {"key_id": key.key_id, "purpose": "approval"}],
        approvals={"roles": {"platform": [person]}, "default": {"approvers": "platform"}},
    )
