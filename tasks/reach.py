"""How the world is reached: programs, endpoints, credentials. Made by `flows.settings`, by nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tasks.terraform.warm import Warm


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Everything a detector or remedy needs to know of its surroundings.

    Args:
        scratch: a private folder (0700) for plans and reports; whatever is put there is deleted again.
        terraform: the program to run for Terraform targets.
        inspec: the program to run for live InSpec targets, such as ``cinc-auditor``.
        aws: the ``AWS_*`` variables that apply, endpoint and credentials among them; the only ones
            that Terraform's process sees, and what boto3 sessions are made from.
        terraform_env: the ``TF_*`` variables that apply.
        passed_on: further variables that Terraform's process may see, each of them named by the operator.
        azure_base_url: Azure Resource Manager; None for the public cloud.
        azure_credential: ``default`` for azure-identity's chain, ``none`` for a loopback endpoint
            without authentication.
        path: the PATH that programs are found on.
        home: the HOME that programs are given.
        timeout: seconds after which a program is stopped.
        warm: providers that a sweep keeps started; None elsewhere.
    """

    scratch: Path
    terraform: str = "terraform"
    inspec: str = "inspec"
    aws: Mapping[str, str] = field(default_factory=dict)
    terraform_env: Mapping[str, str] = field(default_factory=dict)
    passed_on: Mapping[str, str] = field(default_factory=dict)
    azure_base_url: str | None = None
    azure_credential: Literal["default", "none"] = "default"
    path: str = "/usr/local/bin:/usr/bin:/bin"
    home: str = "/nonexistent"
    timeout: float = 1800.0
    warm: Warm | None = None
