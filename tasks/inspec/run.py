"""Running InSpec or Cinc Auditor on a host, so that only a report counts as an answer.

Exit codes: https://docs.chef.io/inspec/reference/cli/#options (100 and 101 stand swapped in the text of
``--distinct-exit``) and lib/inspec/ui.rb of https://github.com/inspec/inspec; 102 is in no documentation.
"""

import shutil
from pathlib import Path

from tasks.errors import ToolError
from tasks.program import run as keeping
from tasks.program import scratch
from tasks.reach import Reach
from tasks.redaction import shapes
from taxonomy.target import InspecTarget

ALL_PASSED, SOME_FAILED, SOME_SKIPPED = 0, 100, 101
_REPORT_FOLLOWS = frozenset({ALL_PASSED, SOME_FAILED, SOME_SKIPPED})
_MEANINGS = {
    1: "usage or general error",
    2: "plugin error",
    3: "fatal deprecation",
    4: "a gem it depends on could not be loaded",
    5: "the profile's signature is bad",
    6: "it wants signed profiles",
    102: "a profile failed to load",
    130: "interrupted",
    172: (
        "Chef's licence has not been accepted, and Holdfast accepts none for you: run it once yourself with "
        "`--chef-license accept`, or use cinc-auditor (https://cinc.sh), which needs none"
    ),
    173: "the licence key does not entitle to this",
    174: "no licence key is set; cinc-auditor (https://cinc.sh) needs none",
    201: "a gem it depends on was not found",
}


def run(target: InspecTarget, reach: Reach) -> tuple[bytes, int]:
    """Return the report that the program wrote, and the exit code that it ended with.

    Raises:
        ToolError: it is not there, could not look, took too long, or left no report.
    """
    with scratch.opened(reach.scratch, name="inspec") as folder:
        report = folder.path / "report.json"
        command = _command(target, reach, report)
        code, said = _start(command, target, reach, folder.held)
        if code not in _REPORT_FOLLOWS:
            meaning = _MEANINGS.get(code, "an exit code that InSpec does not document")
            raise _failure(command, code, said, f"{reach.inspec} could not look at {target.name}: {meaning}")
        if not report.is_file():
            raise _failure(
                command, code, said, f"{reach.inspec} ended with {code} at {target.name} but left no report"
            )
        return report.read_bytes(), code


def _command(target: InspecTarget, reach: Reach, report: Path) -> tuple[str, ...]:
    transport = ("-t", target.transport) if target.transport else ()
    waivers = ("--waiver-file", str(target.waivers)) if target.waivers else ()
    return (
        reach.inspec,
        "exec",
        str(target.profile),
        *transport,
        *waivers,
        "--no-create-lockfile",
        "--no-color",
        "--reporter",
        f"json:{report}",
    )


def _start(command: tuple[str, ...], target: InspecTarget, reach: Reach, held: int) -> tuple[int, str]:
    if not target.base.is_dir():
        raise ToolError(f"{target.base}: expected a folder to run InSpec in, found none")
    if shutil.which(reach.inspec, path=reach.path) is None:
        raise ToolError(
            f"{reach.inspec} is not on the PATH: install Cinc Auditor (https://cinc.sh/start/auditor) and "
            f"set HOLDFAST_INSPEC=cinc-auditor, or point {target.name} at `reports:` made elsewhere"
        )
    ended = keeping.run(
        command,
        cwd=target.base,
        environment={**reach.aws, "PATH": reach.path, "HOME": reach.home, "LANG": "C.UTF-8"},
        timeout=reach.timeout,
        holds_open=(held,),
    )
    if ended.timed_out:
        raise ToolError(
            f"{reach.inspec} did not end within {reach.timeout:g} s at {target.name} and was stopped"
        )
    return ended.exit_code, f"{ended.stdout.decode('utf-8', 'replace')}\n{ended.stderr}"


def _failure(command: tuple[str, ...], code: int, said: str, message: str) -> ToolError:
    last = [line.strip() for line in said.strip().splitlines() if line.strip()][-1:]
    return ToolError(
        _masked(": ".join([message, *last])),
        command=tuple(_masked(word) for word in command),
        exit_code=code,
        last_words=_masked(said[-2000:]),
    )


def _masked(text: str) -> str:
    return shapes.replace(text, lambda _: "***")
