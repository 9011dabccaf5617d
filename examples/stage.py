"""The embedded estate of the demo: its folder, its keys, its estate file, its programs' environment."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from evidence.keys import make_key
from examples.clouds import ACCOUNT, REGION, SUBSCRIPTION, Clouds
from examples.terraform import cli_config, mirror
from tasks.errors import ToolError

HERE = Path(__file__).parent
APPROVER = "platform-oncall"
WORKSPACE = "acme"

REDACTION_KEY = bytes(range(32))
"""The demo's secrets are made up; a real estate's key comes from `holdfast evidence key`."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where one demo plays.

    Args:
        folder: everything of it, kept afterwards.
        environment: the variables under which its programs run.
        live: whether Terraform runs; else plans that this project recorded stand for it.
        columns: how wide the reader's terminal is.
    """

    folder: Path
    environment: Mapping[str, str]
    live: bool
    columns: int = 100

    @property
    def workspace(self) -> Path:
        """The Terraform workspace."""
        return self.folder / WORKSPACE

    @property
    def evidence(self) -> Path:
        """The evidence."""
        return self.folder / "evidence"

    def holdfast(self, *arguments: str, check: tuple[int, ...] = (0,)) -> str:
        """Run the console script as a user would; return what it printed.

        Raises:
            ToolError: it ended with an exit code that the story does not expect.
        """
        # -P: the demo's folder holds one named evidence/, which must not be taken for the package
        command = [sys.executable, "-P", "-c", "from flows.cli import main; main()", *arguments]
        done = subprocess.run(
            command,
            env={**self.environment, "COLUMNS": str(self.columns)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in check:
            said = " ".join(arguments)
            raise ToolError(f"holdfast {said} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout

    def terraform(self, *arguments: str) -> None:
        """Run Terraform in the workspace.

        Raises:
            ToolError: it failed.
        """
        done = subprocess.run(
            ["terraform", *arguments],
            env=dict(self.environment),
            cwd=self.workspace,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ToolError(f"terraform {arguments[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")

    def show_report(self, name: str) -> None:
        """Let the host layer bring one of the recorded reports."""
        shutil.copyfile(HERE / "reports" / f"{name}.json", self.folder / "reports" / "web-01.json")

    def show_plan(self, name: str) -> None:
        """Let a plan that this project recorded stand for a live workspace."""
        shutil.copyfile(HERE / "recorded" / f"{name}.json", self.folder / "plan.json")


def set_stage(folder: Path, clouds: Clouds, environment: Mapping[str, str], *, live: bool) -> Stage:
    """Make the folder, the keys and the estate file of a demo.

    Args:
        folder: made anew.
        clouds: the simulated ones.
        environment: the caller's; what steers Prefect, AWS, Terraform or Holdfast is taken out.
        live: whether Terraform can be had.
    """
    home = folder / "home"
    for part in (home, folder / "keys", folder / "reports"):
        part.mkdir(parents=True)
    evidence = make_key(home / "evidence.key")
    approval = make_key(home / "approval.key")
    (folder / "keys" / f"{APPROVER}.pub").write_bytes(approval.public.pem)
    redaction = home / "redaction.key"
    redaction.touch(mode=0o600)
    redaction.write_bytes(REDACTION_KEY)
    if live:
        shutil.copytree(HERE / "acme", folder / WORKSPACE)
    document = _estate(live=live, evidence_key=evidence.key_id, approval_key=approval.key_id)
    (folder / "holdfast.yaml").write_text(yaml.safe_dump(document, sort_keys=False, width=120), "utf-8")
    return Stage(folder=folder, environment=_environment(folder, clouds, environment), live=live)


def _estate(*, live: bool, evidence_key: str, approval_key: str) -> dict[str, object]:
    aws = {"account": ACCOUNT, "region": REGION}
    workspace: dict[str, object] = {"name": "acme", "layer": "terraform", "environment": "prod", **aws}
    workspace |= {"path": WORKSPACE} if live else {"plan_json": "plan.json"}
    config = [{"name": "acme-config", "layer": "aws_config", "environment": "prod", **aws}] if live else []
    return {
        "version": 1,
        "estate": "acme-demo",
        "evidence": {"path": "evidence"},
        "taxonomy": ["builtin"],
        "targets": [
            workspace,
            *config,
            {"name": "acme-azure", "layer": "azure_policy", "subscription": SUBSCRIPTION},
            {"name": "web-01", "layer": "inspec", "reports": "reports/*.json", "environment": "prod"},
        ],
        "people": [{"id": APPROVER, "review_key": f"keys/{APPROVER}.pub"}],
        "trust": [
            {"key_id": evidence_key, "purpose": "evidence"},
            {"key_id": approval_key, "purpose": "approval"},
        ],
        "approvals": {
            "roles": {"platform": [APPROVER]},
            "default": {"approvers": "platform", "quorum": 1, "expires_after": "PT24H"},
        },
        "remediation": {
            "enabled": True,
            "auto_classes": [
                {
                    "rules": ["aws-tags-*"],
                    "approved_by": APPROVER,
                    "reason": "cosmetic, restored from code",
                    "review_by": "2099-12-31",
                }
            ],
            "limits": {"percent_of_target": 20},
        },
    }


def _environment(folder: Path, clouds: Clouds, given: Mapping[str, str]) -> dict[str, str]:
    steering = ("PREFECT_", "AWS_", "TF_", "HOLDFAST_", "AZURE_")
    rc = folder / "terraform.rc"
    named = given.get("HOLDFAST_PROVIDER_MIRROR")
    place = Path(named) if named else mirror()
    rc.write_text(cli_config(place) if place else "", "utf-8")
    return {
        **{name: value for name, value in given.items() if not name.startswith(steering)},
        **clouds.environment,
        "TF_CLI_CONFIG_FILE": str(rc),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "HOLDFAST_HOME": str(folder / "home"),
        "HOLDFAST_ESTATE": str(folder / "holdfast.yaml"),
        "HOLDFAST_WRITER": "demo",
    }
