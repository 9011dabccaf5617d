"""Put one drift right in a process of its own, which is then killed."""

import json
import sys
from pathlib import Path

from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import Preview, terraform_apply
from taxonomy.drift import Drift
from taxonomy.target import TerraformTarget


def main() -> None:
    """Read what to do from standard input."""
    told = json.load(sys.stdin)
    paths = {"path": Path(told["target"].pop("path"))}
    reach = {**told["reach"], "scratch": Path(told["reach"]["scratch"])}
    terraform_apply.apply(
        Drift.from_document(told["drift"]),
        Preview.from_document(told["preview"]),
        TerraformTarget(**told["target"], **paths),
        Reach(**reach),
        redactor=Redactor(bytes.fromhex(told["key"])),
    )


if __name__ == "__main__":
    main()
