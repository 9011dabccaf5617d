"""From what the estate file says of a target to the noun that detectors take."""

from pathlib import Path

from flows.estate import AwsConfigPart, AzurePolicyPart, InspecPart, TerraformPart
from taxonomy.s3_object import S3Object
from taxonomy.target import (
    AnyTarget,
    AwsConfigTarget,
    AzurePolicyTarget,
    InspecTarget,
    MassDeletion,
    TerraformTarget,
)


def target_of(part: TerraformPart | AwsConfigPart | AzurePolicyPart | InspecPart, folder: Path) -> AnyTarget:
    """Return the target that a part of the estate file describes, its relative paths starting at `folder`."""
    match part:
        case TerraformPart():
            return TerraformTarget(
                name=part.name,
                environment=part.environment,
                path=folder / part.path if part.path else None,
                workspace=part.workspace,
                var_files=tuple(folder / part.path / file for file in part.var_files) if part.path else (),
                plan_json=_plan(part.plan_json, folder),
                code=folder / part.code if part.code else None,
                binary=part.binary,
                account=part.account,
                region=part.region,
                read_role_arn=part.read_role_arn,
                remedy_role_arn=part.remedy_role_arn,
                mass_deletion=MassDeletion(
                    percent=part.mass_deletion.percent, at_least=part.mass_deletion.at_least
                ),
                unmanaged=part.unmanaged,
                max_age=part.max_age,
            )
        case AwsConfigPart():
            return AwsConfigTarget(
                name=part.name,
                environment=part.environment,
                account=part.account,
                region=part.region,
                role_arn=part.role_arn,
            )
        case AzurePolicyPart():
            return AzurePolicyTarget(
                name=part.name, environment=part.environment, subscription=part.subscription.lower()
            )
        case InspecPart():
            return InspecTarget(
                name=part.name,
                environment=part.environment,
                profile=part.profile,
                transport=part.transport,
                waivers=folder / part.waivers if part.waivers else None,
                reports=part.reports,
                base=folder,
            )


def _plan(written: str | None, folder: Path) -> Path | S3Object | None:
    if written is None:
        return None
    return S3Object.of(written) if "://" in written else folder / written
