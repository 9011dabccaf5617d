"""What a control's results come to, by the rules of the Heimdall Data Format.

Rules: https://github.com/mitre/heimdall2 (libs/inspecjs), first match wins. An impact of 0 means "does not
apply here", also where its tests failed; no result at all means that nobody knows.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from tasks.inspec.controls import Control
from taxonomy.controls import normalise

Status = Literal["Profile Error", "Not Applicable", "Failed", "Passed", "Not Reviewed"]

_FRAMEWORKS = {
    "nist": "nist-800-53-r5",
    "soc2": "soc2",
    "pci": "pci-dss-4.0.1",
    "pci_dss": "pci-dss-4.0.1",
}
_SEVERITIES = {
    "none": "info",
    "info": "info",
    "informational": "info",
    "low": "low",
    "minor": "low",
    "cat iii": "low",
    "medium": "medium",
    "moderate": "medium",
    "cat ii": "medium",
    "high": "high",
    "major": "high",
    "cat i": "high",
    "critical": "critical",
}
_IMPACTS = ((0.1, "info"), (0.4, "low"), (0.7, "medium"), (0.9, "high"))


def status(control: Control) -> Status:
    """Return the control's status in HDF's words."""
    said = {_result(result) for result in control.results}
    if "error" in said:
        return "Profile Error"
    if control.waiver.get("skipped_due_to_waiver") is True or control.impact == 0:
        return "Not Applicable"
    if "failed" in said:
        return "Failed"
    if "passed" in said:
        return "Passed"
    return "Not Reviewed" if "skipped" in said else "Profile Error"


def severity(control: Control) -> str | None:
    """Return how bad the profile says a failure is, in our words; None where it doesn't say."""
    for tag in ("severityoverride", "severity"):
        word = _SEVERITIES.get(str(control.tags.get(tag) or "").strip().lower())
        if word is not None:
            return word
    if control.impact is None:
        return None
    return next((word for limit, word in _IMPACTS if control.impact < limit), "critical")


def cited(control: Control) -> tuple[str, ...]:
    """Return the controls of frameworks that its tags cite, as ``framework:id``."""
    found = set()
    for tag, framework in _FRAMEWORKS.items():
        value = control.tags.get(tag)
        for spelling in value if isinstance(value, list) else [value]:
            name = normalise(spelling, framework) if isinstance(spelling, str) else None
            if name is not None:
                found.add(name)
    return tuple(sorted(found))


def waiver_holds(waiver: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a waiver still counts: a date that can't be read has passed.

    InSpec ends a waiver at 00:00 in its host's time, which no report names; UTC is taken.
    """
    if not waiver:
        return False
    until = waiver.get("expiration_date")
    if until in (None, "", False):  # a list would not fit into a set
        return True
    try:
        ends = datetime.fromisoformat(str(until).strip().replace(" UTC", "+00:00").replace(" +", "+"))
    except ValueError:
        return False
    if ends.tzinfo is None:
        ends = ends.replace(tzinfo=UTC)
    return now < ends


def _result(result: Mapping[str, Any]) -> str:
    return "error" if result.get("backtrace") else str(result.get("status") or "no_status")
