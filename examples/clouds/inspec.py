#!/usr/bin/env python3
"""A program that answers like InSpec on its command line, and looks at no host.

It says what a scenario file beside it tells it to, so that the live path of the host layer can be walked
where InSpec can't be installed. `install` puts it into a folder for a PATH. It needs nothing but
Python. Command line: https://docs.chef.io/inspec/cli/ ; exit codes: lib/inspec/ui.rb of inspec/inspec.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

_SCENARIO = "inspec-scenario.json"
_FAILED, _SKIPPED, _NOT_LOADED, _UNLICENSED = 100, 101, 102, 172


def install(folder: Path, *, name: str = "inspec", **scenario: Any) -> Path:
    """Put the program into `folder` under `name`, to play `scenario`; gives its path.

    Args:
        folder: where to; it is made if need be.
        name: such as ``cinc-auditor``.
        scenario: ``report`` (path of the JSON to answer with; absent: none is left), ``keep`` (how many
            bytes of it are written, as by a killed run), ``exit_code`` (absent: the report's own),
            ``licence`` (false: Chef's licence is not accepted), ``says`` (printed first), ``seconds``
            (how long it takes).

    Raises:
        TypeError: no such key.
    """
    unknown = scenario.keys() - {"report", "keep", "exit_code", "licence", "says", "seconds"}
    if unknown:
        raise TypeError(f"unknown in a scenario: {', '.join(sorted(unknown))}")
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    text = Path(__file__).read_text(encoding="utf-8")
    program.write_text(f"#!{sys.executable}\n{text.partition(chr(10))[2]}", encoding="utf-8")
    shutil.copymode(sys.executable, program)
    (folder / _SCENARIO).write_text(json.dumps(scenario, default=str), encoding="utf-8")
    return program


def main(arguments: Sequence[str]) -> int:
    """Play the scenario beside this file; gives the exit code."""
    scenario = json.loads((Path(sys.argv[0]).parent / _SCENARIO).read_text(encoding="utf-8"))
    if list(arguments) == ["version"]:
        sys.stdout.write("5.22.50\n")
        return 0
    options = _options(arguments)
    sys.stdout.write(scenario.get("says", ""))
    time.sleep(scenario.get("seconds", 0))
    if not scenario.get("licence", True) and not options.chef_license:
        return _complain("Chef InSpec cannot execute without accepting the license", _UNLICENSED)
    for profile in options.profiles:
        if "://" not in profile and not Path(profile).exists():
            return _complain(f"Could not fetch inspec profile in {profile!r}.", 1)
    report = Path(scenario["report"]).read_bytes() if scenario.get("report") else None
    if report is not None:
        _deliver(report[: scenario.get("keep")], options.reporter)
    code = _exit_code(report) if scenario.get("exit_code") is None else scenario["exit_code"]
    return int(code)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="inspec", allow_abbrev=False)
    parser.add_argument("command", choices=["exec"])
    parser.add_argument("profiles", nargs="+", metavar="PROFILE")
    parser.add_argument("-t", "--target")
    parser.add_argument("-i", "--key-files", nargs="+")
    parser.add_argument("--reporter", nargs="+", default=["cli"])
    parser.add_argument("--input-file", nargs="+")
    parser.add_argument("--waiver-file", nargs="+")
    parser.add_argument("--silence-deprecations")
    parser.add_argument("--command-timeout", type=int)
    parser.add_argument("--chef-license")
    for flag in ("--sudo", "--color", "--no-color", "--create-lockfile", "--no-create-lockfile"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--distinct-exit", "--enhanced-outcomes", "--no-reporter-backtrace-inclusion"):
        parser.add_argument(flag, action="store_true")
    return parser.parse_args(arguments)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # InSpec ends with 1 on wrong usage, argparse with 2.
        sys.exit(_complain(f"ERROR: inspec exec was called wrongly: {message}", 1))


def _deliver(report: bytes, reporters: Sequence[str]) -> None:
    for reporter in reporters:
        kind, _, file = reporter.partition(":")
        if kind == "json" and file:
            Path(file).write_bytes(report)
        elif kind == "json":
            sys.stdout.buffer.write(report)


def _exit_code(report: bytes | None) -> int:
    """The code that InSpec ends with after this report: a profile not loaded wins over a failed test."""
    if report is None:
        return 0
    profiles = json.loads(report)["profiles"]
    statuses = [r["status"] for p in profiles for c in p["controls"] for r in c.get("results", [])]
    if any(profile.get("status") == "failed" for profile in profiles):
        return _NOT_LOADED
    if "failed" in statuses:
        return _FAILED
    return _SKIPPED if "skipped" in statuses else 0


def _complain(message: str, code: int) -> int:
    sys.stderr.write(message + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
