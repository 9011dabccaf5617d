"""Compares a host with a profile of controls, through InSpec or Cinc Auditor, live or from its reports.

How: the tool runs the profile's tests and writes one report; each control that failed is drift of that
host, unless a waiver that still counts accepts it. From reports, every file of the glob is one host.

What can't be seen from here: a control that was filtered out (a missing control is not a pass), one that was
skipped or broke (told as "could not look"), a test that InSpec's user may not run, and anything that no
control asks about.

Format: https://docs.chef.io/inspec/reporters/ (json, json-min, json-automate) and
https://saf.mitre.org/framework/normalize (HDF).
"""

import glob
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from evidence.canonical import netstring, sha256_hex
from tasks.errors import ToolError
from tasks.inspec import judge
from tasks.inspec.controls import Control, controls_of, refuse_unloaded
from tasks.inspec.read import read
from tasks.inspec.run import SOME_FAILED, run
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.observation import Answer, Category, Change, Finding, Suppressed
from taxonomy.target import InspecTarget

NAME = "inspec"

_RESULTS = 20
_CUT = 2000
_ID_SAFE = "!$&'()*+,;=:@-._~[]|<>"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report, of one host."""

    host: str
    file: str
    document: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RawReports:
    """What the tool said.

    Args:
        digest: SHA-256 over the reports' bytes.
    """

    reports: tuple[Report, ...]
    digest: str


def collect(target: InspecTarget, reach: Reach) -> RawReports:
    """Run the profile on the host, or read the reports that were made elsewhere.

    Raises:
        ToolError: the tool could not look, or a report can't be read.
    """
    if target.reports is not None:
        return _from_files(target, target.reports)
    data, code = run(target, reach)
    document = read(data, target.name)
    failed = any(
        result.get("status") == "failed" for control in controls_of(document) for result in control.results
    )
    if code == SOME_FAILED and not failed:
        raise ToolError(
            f"{target.name}: {reach.inspec} says that tests failed, but its report holds none that did"
        )
    return RawReports(
        reports=(Report(host=target.name, file=target.name, document=document),), digest=sha256_hex(data)
    )


def _from_files(target: InspecTarget, pattern: str) -> RawReports:
    names = sorted(glob.glob(pattern, root_dir=target.base, recursive=True))  # noqa: PTH207 (absolute patterns too)
    if not names:
        raise ToolError(
            f"{target.name}: no report matches {pattern}; a host that left none was not looked at"
        )
    several = glob.has_magic(pattern)
    reports, digests = [], []
    for name in names:
        try:
            data = (target.base / name).read_bytes()
        except OSError as error:
            raise ToolError(f"{name}: the report can't be read: {error.strerror}") from error
        document = read(data, name)
        host = _host(document) or (Path(name).stem if several else target.name)
        reports.append(Report(host=host, file=name, document=document))
        digests.append(sha256_hex(data))
    digest = digests[0] if len(digests) == 1 else sha256_hex("".join(map(netstring, digests)).encode())
    return RawReports(reports=tuple(reports), digest=digest)


def _host(document: Mapping[str, Any]) -> str | None:
    """Return the host that the report itself names."""
    platform = document.get("platform")
    named = [
        document.get("node_name"),
        platform.get("target_id") if isinstance(platform, dict) else None,
    ]
    return next((str(name).strip() for name in named if isinstance(name, str) and name.strip()), None)


def parse(raw: RawReports, target: InspecTarget, *, redactor: Redactor, now: datetime) -> Answer:
    """Return what failed, what is waived, and what could not be looked at.

    Args:
        raw: what `collect` returned.
        target: the target that it was asked about.
        redactor: conceals secrets in messages.
        now: decides whether a waiver still counts; aware.

    Raises:
        ToolError: a profile did not run, nothing was tested, or two reports speak of the same control.
    """
    findings, looked_at, cited = [], [], set[str]()
    suppressed = _skipped_profiles(raw, target, redactor)
    for resource_id, control in _named(raw, redactor):
        status = judge.status(control)
        if status in {"Passed", "Failed"}:
            looked_at.append(resource_id)
            cited.update(judge.cited(control))
        why = _why(control, status, now)
        if why is not None:
            suppressed.append(_suppressed(target, resource_id, _attribute(control, redactor), why, redactor))
        elif status == "Failed":
            findings.append(_finding(control, resource_id, redactor))
    return Answer(
        findings=tuple(findings),
        suppressed=tuple(suppressed),
        looked_at=tuple(looked_at),
        controls=tuple(sorted(cited)),
    )


def _skipped_profiles(raw: RawReports, target: InspecTarget, redactor: Redactor) -> list[Suppressed]:
    return [
        _suppressed(
            target, f"host://{report.host}", "profile", ("unjudged", f"could not look: {said}"), redactor
        )
        for report in raw.reports
        for said in refuse_unloaded(report.document, report.file)
    ]


def _named(raw: RawReports, redactor: Redactor) -> Iterator[tuple[str, Control]]:
    """Yield every control with its resource id; an id that two profiles share names its profile too."""
    by_host: dict[str, list[tuple[str, Control]]] = {}
    for report in raw.reports:
        controls = controls_of(report.document)
        if not any(_tells(control) for control in controls):
            raise ToolError(
                f"{report.file}: none of its {len(controls)} controls was tested; each broke or was skipped"
            )
        by_host.setdefault(report.host, []).extend((report.file, control) for control in controls)
    for host, entries in by_host.items():
        times = Counter(control.id for _, control in entries)
        seen = set()
        for file, control in entries:
            names = (control.profile, control.id) if times[control.id] > 1 else (control.id,)
            if names in seen:
                raise ToolError(
                    f"{file}: another report speaks of {control.id} on {host} too; "
                    "keep one report per host and profile"
                )
            seen.add(names)
            path = "/".join(quote(redactor.scrub(name), safe=_ID_SAFE) for name in (host, *names))
            yield f"host://{path}", control


def _tells(control: Control) -> bool:
    return _skipped_by_waiver(control) or judge.status(control) in {"Passed", "Failed"}


def _why(control: Control, status: judge.Status, now: datetime) -> tuple[Category, str] | None:
    """Return why a control that did not pass is no drift; None where it is, or where it passed."""
    holds = judge.waiver_holds(control.waiver, now)
    failed = any(result.get("status") == "failed" for result in control.results)
    reasons: tuple[tuple[bool, Category, str], ...] = (
        (status == "Profile Error", "unjudged", f"could not look: the control broke: {_said(control)}"),
        (status == "Not Reviewed", "unjudged", f"could not look: not reviewed: {_said(control)}"),
        (_skipped_by_waiver(control) and holds, "waived", f"waived and not run: {_waiver(control)}"),
        (
            _skipped_by_waiver(control),
            "unjudged",
            f"could not look: skipped by an ended waiver: {_waiver(control)}",
        ),
        (status == "Not Applicable" and failed, "unjudged", "not applicable: impact 0"),
        (
            status == "Failed" and holds and control.waiver.get("run") is not False,
            "waived",
            f"waived: {_waiver(control)}",
        ),
    )
    return next(((category, reason) for applies, category, reason in reasons if applies), None)


def _skipped_by_waiver(control: Control) -> bool:
    return control.waiver.get("skipped_due_to_waiver") is True


def _said(control: Control) -> str:
    words = ("skip_message", "exception", "message")
    said = (str(result[word]) for result in control.results for word in words if result.get(word))
    return next(said, "it left no result")[:_CUT]


def _waiver(control: Control) -> str:
    until = control.waiver.get("expiration_date") or "no expiry"
    return f"{control.waiver.get('justification') or 'no justification'} (until {until})"


def _attribute(control: Control, redactor: Redactor) -> str:
    return f"control.{quote(redactor.scrub(control.id), safe=_ID_SAFE)}"


def _suppressed(
    target: InspecTarget, address: str, attribute: str, why: tuple[Category, str], redactor: Redactor
) -> Suppressed:
    category, reason = why
    line = " ".join(redactor.scrub(reason).split())
    return Suppressed(
        target=target.name, address=address, attribute=attribute, category=category, reason=line
    )


def _finding(control: Control, resource_id: str, redactor: Redactor) -> Finding:
    file, line = _declared_at(control)
    change = Change(
        attribute=_attribute(control, redactor),
        declared="passed",
        actual="failed",
        kind="noncompliant",
        source=redactor.scrub(f"{control.profile}/{control.id}"),
        source_file=file,
        source_line=line,
        reported_severity=judge.severity(control),
        reported_controls=judge.cited(control),
    )
    state = {
        "profile": redactor.scrub(control.profile),
        "title": redactor.scrub(control.title),
        "status": "failed",
        "results": [_result(result, redactor) for result in control.results[:_RESULTS]],
        "results_in_all": len(control.results),
    }
    return Finding(
        resource_id=resource_id, resource_type="host_control", provider="host", state=state, changes=(change,)
    )


def _result(result: Mapping[str, Any], redactor: Redactor) -> dict[str, str]:
    words = ("status", "code_desc", "message", "skip_message")
    return {word: redactor.scrub(str(result[word]))[:_CUT] for word in words if result.get(word)}


def _declared_at(control: Control) -> tuple[str | None, int | None]:
    """Return file and line within the profile; what stands before ``controls/`` is another machine's path."""
    reference, line = str(control.place.get("ref") or ""), control.place.get("line")
    _, found, rest = reference.rpartition("controls/")
    return (found + rest if found else None), (line if found and isinstance(line, int) and line > 0 else None)
