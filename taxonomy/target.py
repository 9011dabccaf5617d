"""What one detector is pointed at: a workspace, an account and region, a subscription, a host."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
class TerraformTarget(Target):
    """A Terraform workspace directory, or a plan made elsewhere: exactly one of `path`, `plan_json`.

    Args:
        unmanaged: whether what is live beside the workspace, in its account and region, is looked at too.
    """

    layer: Layer = field(default="terraform", init=False)
    path: Path | None = None
    workspace: str = "default"
    var_files: tuple[Path, ...] = ()
    plan_json: Path | None = None
    account: str | None = None
    region: str | None = None
    read_role_arn: str | None = None
    remedy_role_arn: str | None = None
    unmanaged: bool = True


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
