"""Where an initialised workspace keeps its state: what holds that is no stray resource.

Terraform notes it in ``.terraform/terraform.tfstate`` of the workspace:
https://developer.hashicorp.com/terraform/language/backend/s3 .
"""

import json
from collections.abc import Iterator

from taxonomy.resources import Identity, identify
from taxonomy.target import TerraformTarget

_NOTE = ".terraform/terraform.tfstate"


def kept_in(target: TerraformTarget) -> tuple[Identity, ...]:
    """Return the bucket of a workspace's state and the table of its locks; nothing where none is noted."""
    if target.path is None:
        return ()
    try:
        note = json.loads((target.path / _NOTE).read_bytes())
        backend = note["backend"]
        config = backend["config"] if backend["type"] == "s3" else {}
    except (OSError, KeyError, TypeError, ValueError):
        return ()
    return tuple(_named(target, config)) if isinstance(config, dict) else ()


def _named(target: TerraformTarget, config: dict[str, object]) -> Iterator[Identity]:
    region = str(config.get("region") or target.region or "") or None
    for kind, key, name in (
        ("aws_s3_bucket", "bucket", "bucket"),
        ("aws_dynamodb_table", "dynamodb_table", "name"),
    ):
        if isinstance(config.get(key), str):
            yield identify(kind, {name: config[key]}, account=target.account, region=region)
