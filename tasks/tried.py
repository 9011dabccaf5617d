"""Read changes that somebody wants to try the rules on: of a plan, a sweep's document, or by hand."""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.errors import ToolError
from tasks.look import ask
from tasks.reach import Reach
from tasks.redaction import KEY_BYTES, Redactor
from taxonomy.direction import judge
from taxonomy.drift import Severity
from taxonomy.errors import RuleError
from taxonomy.observation import DriftClass, Kind
from taxonomy.rule import canonical
from taxonomy.target import Layer, TerraformTarget
from taxonomy.yaml_file import YamlFile, parse

PLAN = frozenset({"resource_changes", "planned_values", "prior_state"})
"""Keys by which ``terraform show -json`` is known."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One change as the table `changes` has it, its direction judged, and whose it is."""

    resource: str
    row: dict[str, Any]


class WrittenChange(BaseModel):
    """One change as a person writes it down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource_type: str = Field(min_length=1)
    attribute: str = Field(min_length=1)
    declared: Any = None
    actual: Any = None
    kind: Kind = "changed"
    layer: Layer = "terraform"
    provider: str | None = None
    account: str | None = None
    environment: str | None = None
    drift_class: DriftClass | None = Field(default="A", alias="class")
    reported_severity: Severity | None = None
    tags: dict[str, str] = {}
    recurrence: int = Field(default=0, ge=0)
    hours_open: float = Field(default=0.0, ge=0, allow_inf_nan=False)


def changes_in(path: Path, *, now: datetime) -> list[Tried]:
    """Return the changes of a file, whichever of the three it is.

    Args:
        path: a plan as ``terraform show -json`` writes it; a document of ``detect -o json``, ``drift list``
            or ``drift show``; or a change, or a list of changes, as YAML or JSON.
        now: the time of the look.

    Raises:
        ToolError: it is a plan that can't be believed.
        RuleError: it is none of the three, or a change in it is wrong, with file and line.
    """
    data = path.read_bytes()
    document = _json(data)
    if isinstance(document, dict) and PLAN & document.keys():
        return list(_of_plan(path, now))
    if (drifts := _drifts(document)) is not None:
        return [tried for drift in drifts for tried in _of_drift(drift, path)]
    return list(_written(data, path))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _drifts(document: Any) -> list[Any] | None:
    """Return the drifts of a sweep's document, of a list, or the one that it is; None where it is none."""
    if isinstance(document, dict):
        document = document.get("drift", [document])
    if not isinstance(document, list):
        return None
    return document if all(isinstance(one, dict) and "changes" in one for one in document) else None


def _of_plan(path: Path, now: datetime) -> Iterator[Tried]:
    # digests of secrets are only compared within this one look, so a key of the moment will do
    redactor = Redactor(secrets.token_bytes(KEY_BYTES))
    target = TerraformTarget(name=path.name, plan_json=path)
    answer = ask(target, reach=Reach(scratch=path.parent), redactor=redactor, baseline=None, now=now).answer
    for finding in answer.findings:
        shared = {
            "layer": target.layer,
            "provider": finding.provider,
            "account": finding.account,
            "resource_type": finding.resource_type,
            "tags": dict(finding.tags),
        }
        for change in finding.changes:
            names = ("attribute", "declared", "actual", "kind", "drift_class", "reported_severity")
            said = {name: getattr(change, name) for name in names}
            yield Tried(resource=finding.address or finding.resource_id, row=_row(shared | said))


def _of_drift(drift: dict[str, Any], path: Path) -> Iterator[Tried]:
    try:
        shared = {name: drift.get(name) for name in ("provider", "account", "environment", "tags")}
        shared["resource_type"] = drift["resource_type"]
        for change in drift["changes"]:
            said = {name: change[name] for name in ("attribute", "declared", "actual", "kind", "layer")}
            about = {"drift_class": change.get("class"), "reported_severity": change.get("severity")}
            yield Tried(
                resource=drift.get("address") or drift["resource_id"], row=_row({**shared, **said, **about})
            )
    except (KeyError, TypeError) as error:
        raise ToolError(
            f"{path}: expected drift as `holdfast detect -o json` writes it; missing or amiss: {error}"
        ) from error


def _written(data: bytes, path: Path) -> Iterable[Tried]:
    file = parse(data.decode("utf-8-sig", "replace"), name=str(path))
    if not isinstance(file, YamlFile):
        raise RuleError(file)
    listed = isinstance(file.value, list)
    problems = []
    for index, one in enumerate(file.value if listed else [file.value]):
        try:
            change = WrittenChange.model_validate(one)
        except ValidationError as error:
            problems += file.problems(error, below=(index,) if listed else ())
            continue
        yield Tried(resource=change.resource_type, row=_row(change.model_dump()))
    if problems:
        raise RuleError(problems)


def _row(said: dict[str, Any]) -> dict[str, Any]:
    sides = said["declared"], said["actual"]
    layer = str(said["layer"])
    return {
        **said,
        "layers": layer.split("+"),
        "provider": said.get("provider") or said["resource_type"].split("_")[0].lower(),
        "environment": said.get("environment"),
        "drift_class": said.get("drift_class") if "terraform" in layer else None,
        "reported_severity": said.get("reported_severity"),
        "reported_controls": [],
        "direction": judge(said["resource_type"], said["attribute"], said["kind"], *sides),
        "declared": canonical(sides[0]),
        "actual": canonical(sides[1]),
        "tags": canonical(said.get("tags") or {}),
    }
