"""What one detector is pointed at: a workspace, an account and region, a subscription, a host."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from taxonomy.s3_object import S3Object

Layer = Literal["terraform", "aws_config", "azure_policy", "inspec"]
LAYERS: tuple[Layer, ...] = ("terraform", "aws_config", "azure_policy", "inspec")


@dataclass(frozen=True, kw_only=True)
class Target:
    """What every target has.

    Args:
        name: unique in its estate.
        layer: which detector looks at it.
        environment: such as ``prod``; None where the estate file says nothing.
    """

    name: str
    layer: Layer
    environment: str | None = None


@dataclass(frozen=True, kw_only=True)
class MassDeletion:
    """How much of a workspace may be gone before that looks like the wrong account.

    Args:
        percent: more than this share of its resources; 100 for never.
        at_least: and so many of them. Where all are gone, two are enough.
    """

    percent: int = 50
    at_least: int = 3

    def reached(self, gone: int, *, of: int) -> bool:
        """Return whether so many of a workspace's resources are gone that it is no drift to be believed."""
        least = min(self.at_least, 2) if gone == of else self.at_least
        return gone >= least and gone * 100 > self.percent * of


@dataclass(frozen=True, kw_only=True)
class TerraformTarget(Target):
    """A Terraform workspace directory, or a plan made elsewhere: exactly one of `path`, `plan_json`.

    Args:
        code: the folder of the code that `plan_json` was made of; None where it is not at hand.
        max_age: how old `plan_json` may be; None for any age.
        binary: the program for this target, such as ``tofu``; None for the one of the settings.
        unmanaged: whether what is live beside the workspace, in its account and region, is looked at too.
    """

    layer: Layer = field(default="terraform", init=False)
    path: Path | None = None
    workspace: str = "default"
    var_files: tuple[Path, ...] = ()
    plan_json: Path | S3Object | None = None
    code: Path | None = None
    binary: str | None = None
    account: str | None = None
    region: str | None = None
    read_role_arn: str | None = None
    remedy_role_arn: str | None = None
    mass_deletion: MassDeletion = MassDeletion()
    unmanaged: bool = True
    max_age: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class AwsConfigTarget(Target):
    """One AWS account and region, asked through AWS Config's compliance calls."""

    layer: Layer = field(default="aws_config", init=False)
    account: str
    region: str
    role_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class AzurePolicyTarget(Target):
    """One Azure subscription, asked through Azure Policy's policyStates."""

    layer: Layer = field(default="azure_policy", init=False)
    subscription: str


@dataclass(frozen=True, kw_only=True)
class InspecTarget(Target):
    """A host with a profile, or reports made elsewhere: exactly one of `profile`, `reports`.

    Args:
        reports: a glob relative to `base`, or absolute.
        base: the folder of the estate file.
    """

    layer: Layer = field(default="inspec", init=False)
    profile: str | None = None
    transport: str | None = None
    waivers: Path | None = None
    reports: str | None = None
    base: Path = Path()


AnyTarget = TerraformTarget | AwsConfigTarget | AzurePolicyTarget | InspecTarget
