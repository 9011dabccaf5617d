"""JUnit XML: one suite a control, one case a result, for whatever reads test reports.

Could not look is an `error`, drift a `failure`, a waiver a `skipped` that says whose it is. A drift that was
put right passes, and its story stands in `system-out`. No time is given: a look's is not its control's.

Schema: Jenkins' junit-10.xsd (https://github.com/jenkinsci/xunit-plugin)
"""

import itertools
from collections.abc import Iterator, Mapping

from evidence.exports.result import Result
from evidence.exports.selection import Selection
from evidence.exports.words import xml

NAME = "junit"


def export(selection: Selection) -> Iterator[str]:
    """Yield one document."""
    counts = {control: verdicts for control, verdicts, _ in selection.controls()}
    total = {
        "name": f"Holdfast: {selection.estate}, {selection.wanted}",
        "tests": sum(sum(one.values()) for one in counts.values()),
        "failures": sum(one.get("failed", 0) for one in counts.values()),
        "errors": sum(one.get("unknown", 0) for one in counts.values()),
    }
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{_attributes(total)}>\n'
    by_control = itertools.groupby(selection.results_by_control(), lambda one: one.controls[0])
    for control, results in by_control:
        yield from _suite(selection, control, counts[control], results)
    yield "</testsuites>\n"


def _suite(
    selection: Selection, control: str, counts: Mapping[str, int], results: Iterator[Result]
) -> Iterator[str]:
    attributes = {
        "name": control,
        "tests": sum(counts.values()),
        "failures": counts.get("failed", 0),
        "errors": counts.get("unknown", 0),
        "skipped": counts.get("waived", 0),
        "timestamp": selection.as_of.strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": selection.estate,
        "id": selection.uid("suite", control),
    }
    yield f" <testsuite{_attributes(attributes)}>\n"
    for result in results:
        yield _case(control, result)
    yield " </testsuite>\n"


def _case(control: str, result: Result) -> str:
    classname = f"{control.replace(':', '.', 1)}.{result.target or result.layer or result.subject}"
    opening = f"  <testcase{_attributes({'name': result.title, 'classname': classname})}>"
    return f"{opening}{_verdict(result)}{_story(result)}</testcase>\n"


def _verdict(result: Result) -> str:
    if result.verdict == "failed":
        said = "\n".join(
            f"{change.attribute}: declared {change.declared}, actual {change.actual}"
            for change in result.changes
        )
        kind = {"type": result.severity or "unclassified", "message": result.message}
        return f"<failure{_attributes(kind)}>{xml(said)}</failure>"
    if result.verdict == "unknown":
        return f"<error{_attributes({'type': 'could-not-look', 'message': result.message})}/>"
    if result.verdict == "waived":
        return f"<skipped{_attributes({'type': 'waived', 'message': result.waived_by})}/>"
    return ""


def _story(result: Result) -> str:
    story = "\n".join([result.message, *(step.said for step in result.steps)])
    return f"<system-out>{xml(story)}</system-out>"


def _attributes(values: Mapping[str, object]) -> str:
    return "".join(f' {name}="{xml(str(value))}"' for name, value in values.items())
