"""`holdfast doctor`: what is missing to run each layer, and how to get it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from evidence.errors import EvidenceError
from evidence.verify import verify
from flows import policy as policies
from flows.cli.context import Context
from flows.exits import CLEAN, ERROR
from flows.settings import Settings, prefect_api
from tasks.errors import ToolError
from taxonomy.errors import RuleError
from taxonomy.s3_object import S3Object
from taxonomy.target import TerraformTarget

HASHICORP = "https://developer.hashicorp.com/terraform/install"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must be there.

    Args:
        missing: what is wrong and how to mend it; None where all is well.
    """

    name: str
    found: str
    missing: str | None = None


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> int:
    """Say what is missing to run each layer of the estate, and how to get it."""
    context: Context = ctx.obj
    checks = list(_checks(context.settings))
    table = Table(box=None, header_style="bold")
    for column in ("", "what", "found"):
        table.add_column(column, overflow="fold")
    for check in checks:
        mark = Text("ok", style="green") if check.missing is None else Text("missing", style="bold red")
        table.add_row(mark, check.name, Text(check.missing or check.found))
    context.out.print(table)
    return ERROR if any(check.missing for check in checks) else CLEAN


def _checks(settings: Settings) -> Iterator[Check]:
    yield Check(
        name="estate",
        found=f"{settings.path}, {len(settings.targets)} target{'' if len(settings.targets) == 1 else 's'}",
    )
    yield _key("evidence key", settings.evidence_key, settings)
    yield _key("redaction key", lambda: settings.redactor, settings)
    yield _rules(settings)
    layers = {target.layer for target in settings.targets}
    live = {target.layer for target in settings.targets if getattr(target, "path", None)}
    yield from _terraform(settings)
    if any(getattr(target, "profile", None) for target in settings.targets):
        how = "install cinc-auditor (https://cinc.sh) and set HOLDFAST_INSPEC=cinc-auditor"
        yield _program("inspec", settings.reach.inspec, settings, how)
    if layers & {"aws_config"} or "terraform" in live or _reads_objects(settings):
        yield _aws(settings)
    yield from _people(settings)
    yield from _roles(settings)
    yield _trust(settings)
    url = prefect_api(settings.home)
    yield Check(name="Prefect", found=url or "none runs; `holdfast up` starts one, a look alone needs none")


def _key(name: str, read: object, settings: Settings) -> Check:
    try:
        value = read() if callable(read) else read
    except (EvidenceError, ToolError) as error:
        return Check(name=name, found="", missing=str(error))
    return Check(name=name, found=f"{getattr(value, 'key_id', 'there')} below {settings.home}")


def _rules(settings: Settings) -> Check:
    try:
        return Check(name="taxonomy", found=f"{len(settings.rulebook.rules)} rules")
    except RuleError as error:
        return Check(name="taxonomy", found="", missing=str(error))


def _terraform(settings: Settings) -> Iterator[Check]:
    """Yield a check for each program that a workspace is planned with."""
    wanted = {
        target.binary or settings.reach.terraform
        for target in settings.targets
        if isinstance(target, TerraformTarget) and target.path is not None
    }
    for program in sorted(wanted):
        tofu = Path(program).name.startswith("tofu")
        where = "https://opentofu.org/docs/intro/install" if tofu else HASHICORP
        yield _program("tofu" if tofu else "terraform", program, settings, f"install it from {where}")


def _reads_objects(settings: Settings) -> bool:
    return any(isinstance(getattr(target, "plan_json", None), S3Object) for target in settings.targets)


def _program(name: str, program: str, settings: Settings, how: str) -> Check:
    found = shutil.which(program, path=settings.reach.path)
    return Check(name=name, found=found or "", missing=None if found else f"{program} is not on PATH; {how}")


def _aws(settings: Settings) -> Check:
    how = "no AWS_* variable is set: the SDK's own chain (profile, role, SSO) will be asked"
    names = sorted(name for name in settings.reach.aws if "SECRET" not in name and "TOKEN" not in name)
    return Check(name="AWS", found=" ".join(names) or how)


def _people(settings: Settings) -> Iterator[Check]:
    for person in settings.estate.people:
        if person.review_key is None:
            continue
        key = policies.enrolled_key(settings, person)
        path = settings.folder / person.review_key
        missing = (
            None if key else f"{path} is no public key that can be read; `holdfast review key` makes one"
        )
        yield Check(name=f"key of {person.id}", found=key.key_id if key else "", missing=missing)


def _roles(settings: Settings) -> Iterator[Check]:
    voters = policies.electorate(settings)
    for role, members in sorted(voters.members.items()):
        able = {who for who in members if who in voters.keys and voters.keys[who].key_id in voters.trusted}
        if not able:
            missing = "none of its members has an enrolled key that `trust:` names, so nobody can answer"
            yield Check(name=f"role {role}", found="", missing=missing)
        else:
            yield Check(name=f"role {role}", found=", ".join(sorted(able)))


def _trust(settings: Settings) -> Check:
    if settings.trust is None:
        return Check(
            name="evidence",
            found="",
            missing="the estate file trusts no key, so nothing proves who wrote the evidence; add `trust:`",
        )
    if settings.root.is_dir():
        verify(settings.root, trust=settings.trust)
        return Check(name="evidence", found=f"{settings.root} verifies")
    return Check(name="evidence", found=f"{settings.root}: none yet")
