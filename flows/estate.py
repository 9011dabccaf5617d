"""The estate file: all that one `holdfast.yaml` watches, and who may do what about it.

`read_estate` refuses unknown keys, wrong types and duplicate names with file, line and what was
expected, all of them at once. The shape is contract.md's, section 3, as docs/estate.md shows it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from flows.approvals import Approvals, Person, Quorum, TrustedKey
from flows.part import Name, Part
from flows.remediation import Remediation
from taxonomy.drift import SEVERITIES
from taxonomy.errors import EstateError, Problem
from taxonomy.s3_object import S3Object
from taxonomy.yaml_file import YamlFile, read

Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Arn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/\S+$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Program = Annotated[str, StringConstraints(pattern=r"^(/\S+|[A-Za-z0-9][\w.+-]*)$")]
Subscription = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
]


class EvidencePart(Part):
    """Where the evidence goes."""

    path: str = Field(min_length=1)


class MassDeletionPart(Part):
    """How much of a workspace may be gone before that looks like the wrong account."""

    percent: int = Field(default=50, ge=1, le=100)
    at_least: int = Field(default=3, ge=1)


class TerraformPart(Part):
    """A Terraform workspace, or a plan made elsewhere."""

    name: Name
    layer: Literal["terraform"]
    environment: Name | None = None
    path: str | None = None
    workspace: str = "default"
    var_files: tuple[str, ...] = ()
    plan_json: str | None = None
    code: str | None = None
    binary: Program | None = None
    account: Account | None = None
    region: Region | None = None
    read_role_arn: Arn | None = None
    remedy_role_arn: Arn | None = None
    mass_deletion: MassDeletionPart = MassDeletionPart()
    unmanaged: bool = True
    max_age: timedelta | None = Field(default=None, gt=timedelta(0))

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.plan_json is None):
            raise ValueError("expected exactly one of path (a workspace) and plan_json (made elsewhere)")
        if self.path is not None and (self.account is None or self.region is None):
            raise ValueError(
                "expected account and region beside path: a plan in the wrong account looks like deletion"
            )
        if self.code is not None and self.plan_json is None:
            raise ValueError("expected code only beside plan_json: the code of a workspace is its path")
        if self.max_age is not None and self.plan_json is None:
            raise ValueError("expected max_age only beside plan_json: the plan of a workspace is made anew")
        if self.binary is not None and self.path is None:
            raise ValueError("expected binary only beside path: a plan made elsewhere runs no program")
        return self

    @field_validator("plan_json")
    @classmethod
    def _file_or_object(cls, value: str | None) -> str | None:
        if value is not None and "://" in value:
            S3Object.of(value)
        return value


class AwsConfigPart(Part):
    """One AWS account and region."""

    name: Name
    layer: Literal["aws_config"]
    environment: Name | None = None
    account: Account
    region: Region
    role_arn: Arn | None = None


class AzurePolicyPart(Part):
    """One Azure subscription."""

    name: Name
    layer: Literal["azure_policy"]
    environment: Name | None = None
    subscription: Subscription


class InspecPart(Part):
    """A host with a profile, or reports made elsewhere."""

    name: Name
    layer: Literal["inspec"]
    environment: Name | None = None
    profile: str | None = None
    transport: str | None = None
    waivers: str | None = None
    reports: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.profile is None) == (self.reports is None):
            raise ValueError("expected exactly one of profile (run it) and reports (made elsewhere)")
        return self


TargetPart = Annotated[
    TerraformPart | AwsConfigPart | AzurePolicyPart | InspecPart, Field(discriminator="layer")
]


class IgnoredPart(Part):
    """Live resources that are no drift though no state declares them."""

    resource: str = Field(min_length=1)
    reason: str = Field(min_length=10)


class UnmanagedPart(Part):
    """What is left out of looking for resources that no state knows."""

    ignore: tuple[IgnoredPart, ...] = ()


class Estate(Part):
    """The whole estate file."""

    version: Literal[1]
    estate: Name
    evidence: EvidencePart
    taxonomy: tuple[str, ...] = ("builtin",)
    targets: tuple[TargetPart, ...]
    unmanaged: UnmanagedPart = UnmanagedPart()
    people: tuple[Person, ...] = ()
    trust: tuple[TrustedKey, ...] = ()
    approvals: Approvals = Approvals()
    remediation: Remediation = Remediation()


def read_estate(path: Path) -> Estate:
    """Return the estate that a file describes.

    Raises:
        EstateError: everything that is wrong with it, each with its line.
    """
    file = read(path)
    if isinstance(file, list):
        raise EstateError(file)
    if not isinstance(file.value, dict):
        raise EstateError([file.problem((), "expected keys such as version, estate, evidence and targets")])
    try:
        estate = Estate.model_validate(file.value)
    except ValidationError as error:
        raise EstateError([*file.problems(error), *_repeated_names(file)]) from None
    if problems := [*_repeated_names(file), *_dangling(file, estate)]:
        raise EstateError(problems)
    return estate


def _repeated_names(file: YamlFile) -> Iterator[Problem]:
    for section, key in (("targets", "name"), ("people", "id")):
        rows = file.value.get(section)
        named = [row.get(key) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        repeated = {name for name, count in Counter(map(str, named)).items() if count > 1}
        for index, name in enumerate(named):
            if str(name) in repeated and named.index(name) < index:
                yield file.problem((section, index, key), f"{name!r} is already the {key} of another one")


def _dangling(file: YamlFile, estate: Estate) -> Iterator[Problem]:
    if not estate.targets:
        yield file.problem(("targets",), "expected at least one target, got none")
    roles = estate.approvals.roles
    for severity in (*SEVERITIES, "default"):
        quorum: Quorum | None = getattr(estate.approvals, severity)
        if quorum and quorum.approvers not in roles:
            place = ("approvals", severity, "approvers")
            yield file.problem(place, f"expected one of approvals.roles, got {quorum.approvers!r}")
    named = {person.id for person in estate.people} | {person.slack for person in estate.people}
    named |= {member for members in roles.values() for member in members}
    for index, auto in enumerate(estate.remediation.auto_classes):
        if auto.approved_by not in named:
            place_of_name = ("remediation", "auto_classes", index, "approved_by")
            yield file.problem(
                place_of_name, f"expected somebody of people or roles, got {auto.approved_by!r}"
            )
