"""HDF: what Heimdall shows, one profile a framework, one control a control id, a result for each result.

Heimdall takes the worst: one failed result fails the control, one error makes it an error. So a control is
an error there as long as the period holds one look that could not look, and passes only if every drift of
it was put right. A waived drift is `skipped` with who waived it, why, and until when.

Format: https://github.com/mitre/heimdall2/tree/master/libs/inspecjs
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from evidence.canonical import sha256_hex
from evidence.exports.result import Result, Verdict
from evidence.exports.selection import Selection
from evidence.exports.words import written
from evidence.schema import SCHEMA_VERSION

NAME = "hdf"

STATUS: Mapping[Verdict, str] = {
    "passed": "passed",
    "settled": "passed",
    "failed": "failed",
    "waived": "skipped",
    "unknown": "error",
}
IMPACT = {"critical": 0.9, "high": 0.7, "medium": 0.5, "low": 0.3, "info": 0.1}
"""InSpec's own steps: https://docs.chef.io/inspec/profiles/controls/"""
NEUTRAL = 0.5


def export(selection: Selection) -> Iterator[str]:
    """Yield one document."""
    worst = {control: severity for control, _, severity in selection.controls()}
    document = {
        "platform": {"name": "Holdfast", "release": SCHEMA_VERSION, "target_id": selection.estate},
        "version": SCHEMA_VERSION,
        "statistics": {},
        "profiles": _profiles(selection, worst),
    }
    yield from written(document)
    yield "\n"


def _profiles(selection: Selection, worst: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
    results = selection.results_by_control()
    for framework, of_framework in itertools.groupby(results, lambda one: one.controls[0].partition(":")[0]):
        yield {
            "name": framework,
            "title": f"{framework}, as Holdfast saw {selection.estate}",
            "summary": f"{selection.wanted}; as of {selection.as_of.isoformat()}",
            "version": SCHEMA_VERSION,
            "sha256": sha256_hex("\n".join([framework, *(head.digest for head in selection.heads)]).encode()),
            "supports": [],
            "attributes": [],
            "groups": [],
            "status": "loaded",
            "controls": _controls(of_framework, worst),
        }


def _controls(results: Iterator[Result], worst: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
    for control, of_control in itertools.groupby(results, lambda one: one.controls[0]):
        framework, _, control_id = control.partition(":")
        severity = worst.get(control)
        yield {
            "id": control_id,
            "title": control,
            "desc": f"Drift of what {control} is about, and the looks that found none.",
            "impact": IMPACT.get(severity or "", NEUTRAL),
            "refs": [],
            "source_location": {},
            "tags": {
                "framework": framework,
                "nist": [control_id] if framework.startswith("nist-800-53") else [],
                "severity": severity,
            },
            "results": map(_result, of_control),
        }


def _result(result: Result) -> dict[str, Any]:
    said = "\n".join([result.message, *(step.said for step in result.steps)])
    told = {
        "status": STATUS[result.verdict],
        "code_desc": result.title,
        "start_time": result.last_at.isoformat(),
        "message": said,
        "resource": result.resource_type or result.layer or "",
        "resource_id": result.resource_id or result.target or "",
    }
    return {**told, "skip_message": result.waived_by} if result.verdict == "waived" else told
