"""A plan of any size, as ``terraform show -json`` would write it: a module per service, 15 resources each.

Deterministic, and never stored. Three resources in four have an entry in ``resource_drift`` that says
nothing; one service in a hundred has real drift, so that it is known what must be found.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench.names import REGION
from bench.provider import policy, sensitive, whole
from bench.service import RULE, resources

PROVIDER = "registry.terraform.io/hashicorp/aws"
EACH = 100
"""One service of so many has drifted."""

DRIFTED = (
    ("aws_cloudwatch_log_group.this", "resource", "A"),
    ("aws_iam_role.this", "inline_policy.quick-fix", "B"),
    ("aws_instance.this", "instance_type", "A"),
    ("aws_instance.this", "tags.Owner", "A"),
    ("aws_security_group.this", "ingress", "A"),
)
"""What has drifted in such a service: (address inside its module, attribute, class)."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One resource of the plan: as saved, as it is, and as the code wants it."""

    module: str
    key: str
    type: str
    state: Mapping[str, Any]
    live: Mapping[str, Any] | None
    wanted: Mapping[str, Any]

    @property
    def head(self) -> dict[str, Any]:
        """What every section of a plan says of it."""
        return {
            "address": f"{self.module}.{self.type}.this",
            "module_address": self.module,
            "mode": "managed",
            "type": self.type,
            "name": "this",
            "provider_name": PROVIDER,
        }


def write(path: Path, *, services: int, drifted: bool = True) -> list[tuple[str, str, str]]:
    """Write a plan of so many services; return (address, attribute, class) of each drift in it, sorted."""
    made = [
        one for index in range(services) for one in _service(index, drifted=drifted and index % EACH == 0)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"format_version":"1.2","terraform_version":"1.11.4",')
        file.write('"variables":{"services":{"value":["all"]}},"planned_values":')
        _modules(file, made, "wanted")
        file.write(',"resource_drift":')
        _list(file, (_change(one, one.state, one.live) for one in made if one.state != one.live))
        file.write(',"resource_changes":')
        _list(file, (_change(one, one.live, one.wanted) for one in made))
        file.write(',"prior_state":{"format_version":"1.0","terraform_version":"1.11.4","values":')
        _modules(file, [one for one in made if one.live is not None], "live")
        file.write('},"configuration":' + _text(_configuration()))
        file.write(',"timestamp":"2026-11-23T04:45:54Z","applyable":true,"complete":true,"errored":false}')
    return sorted(
        (f"{_module(index)}.{address}", attribute, drift_class)
        for index in range(0, services, EACH)
        for address, attribute, drift_class in DRIFTED
    )


def _module(index: int) -> str:
    return f'module.service["svc-{index:05d}"]'


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _list(file: IO[str], entries: Iterator[Mapping[str, Any]]) -> None:
    for number, entry in enumerate(entries):
        file.write("," if number else "[")
        file.write(_text(entry))
    file.write("]")


def _modules(file: IO[str], made: list[Made], side: str) -> None:
    by_module: dict[str, list[dict[str, Any]]] = {}
    for one in made:
        values = getattr(one, side)
        entry = {**one.head, "schema_version": 0, "values": values, "sensitive_values": sensitive(values)}
        del entry["module_address"]
        by_module.setdefault(one.module, []).append(entry)
    file.write('{"root_module":{"child_modules":')
    _list(file, ({"resources": entries, "address": module} for module, entries in by_module.items()))
    file.write("}}")


def _change(one: Made, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    action = "create" if before is None else "delete" if after is None else "update"
    return {
        **one.head,
        "index": one.key,
        "change": {
            "actions": ["no-op" if before == after else action],
            "before": before,
            "after": after,
            "after_unknown": {},
            "before_sensitive": False if before is None else sensitive(before),
            "after_sensitive": False if after is None else sensitive(after),
        },
    }


def _service(index: int, *, drifted: bool) -> Iterator[Made]:
    key = f"svc-{index:05d}"
    for place, (resource_type, attributes, tags) in enumerate(resources(key)):
        wanted = whole(resource_type, attributes, tags)
        live: dict[str, Any] | None = copy.deepcopy(wanted)
        if drifted:
            live = _drifted(resource_type, live or {})
        quiet = (index + place) % 4 == 0 or live is None
        state = copy.deepcopy(wanted) if quiet else _as_saved(resource_type, wanted)
        yield Made(
            module=_module(index),
            key=key,
            type=resource_type,
            state=state,
            live=live,
            wanted=_keeping(resource_type, wanted, live),
        )


def _drifted(resource_type: str, live: dict[str, Any]) -> dict[str, Any] | None:
    if resource_type == "aws_instance":
        live["instance_type"] = "m5.4xlarge"
        live["tags"]["Owner"] = live["tags_all"]["Owner"] = "nobody"
    elif resource_type == "aws_security_group":
        live["ingress"].append({**RULE, "cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "to_port": 22})
    elif resource_type == "aws_iam_role":
        live["inline_policy"].append({"name": "quick-fix", "policy": policy(("Fix", ["*"], "*"))})
    elif resource_type == "aws_cloudwatch_log_group":
        return None
    return live


def _keeping(resource_type: str, wanted: dict[str, Any], live: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what the code wants: it has no say in what it does not declare."""
    if resource_type == "aws_iam_role" and live is not None:
        return {**wanted, "inline_policy": live["inline_policy"]}
    return wanted


def _as_saved(resource_type: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the state holds of a resource that nobody touched: the provider's usual noise."""
    state = {**copy.deepcopy(dict(wanted))}
    if resource_type == "aws_db_instance":
        state["latest_restorable_time"] = "2026-11-22T21:00:00Z"
    if resource_type == "aws_lambda_function":
        state["last_modified"] = "2026-11-22T21:00:00.000+0000"
    for name, value in (("timeouts", {}), ("name_prefix", None), ("kms_key_id", None), ("description", None)):
        if name in state and not state[name]:
            state[name] = value
    if "tags" in state:
        state["tags"] = {**state["tags"], "Note": ""}
    return state


def _configuration() -> dict[str, Any]:
    """Return the code: one module, called for each service."""
    blocks = [
        {
            "address": f"{kind}.this",
            "mode": "managed",
            "type": kind,
            "name": "this",
            "provider_config_key": "aws",
            "expressions": _expressions(attributes, tags),
            "schema_version": 0,
        }
        for kind, attributes, tags in resources("svc-00000")
    ]
    called = {
        "source": "./service",
        "expressions": {"name": {"references": ["each.key"]}},
        "module": {"resources": blocks, "variables": {"name": {}, "tags": {"default": {}}}},
        "for_each_expression": {"references": ["var.services"]},
    }
    aws = {"name": "aws", "full_name": PROVIDER, "expressions": {"region": {"constant_value": REGION}}}
    module = {"module_calls": {"service": called}, "variables": {"services": {}}}
    return {"provider_config": {"aws": aws}, "root_module": module}


def _expressions(attributes: Mapping[str, Any], tags: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the code sets: names by reference, all else as it is; nothing that grants."""
    named = {
        key: {"references": ["var.name"]} for key in ("name", "bucket", "identifier") if key in attributes
    }
    plain = {
        key: {"constant_value": attributes[key]}
        for key in ("instance_type", "instance_class", "description", "runtime", "memory_size", "ingress")
        if key in attributes
    }
    return {**plain, **named, **({"tags": {"references": ["var.tags"]}} if tags is not None else {})}
