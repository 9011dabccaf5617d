"""Providers that stay started while a sweep lasts, so that `terraform show` need not start one to ask it.

To show a plan Terraform starts the provider, asks what resources look like, and ends it: half of what the
command takes. A provider started with ``-debug`` stays, and Terraform speaks to it where
``TF_REATTACH_PROVIDERS`` says so (https://developer.hashicorp.com/terraform/plugin/debugging).

Only for `show`, never for plan or apply: those act with the credentials of the provider's environment, and a
warm provider's environment is empty. It is used only where it is byte for byte the package that the
workspace's lock file names, for Terraform does not check a provider that it did not start.
"""

import base64
import hashlib
import json
import re
import select
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.program import scratch as scratches
from tasks.program.scratch import Scratch

ADDRESS = "registry.terraform.io/hashicorp/aws"
"""The provider that is kept: none other is large enough to pay, or known to serve with ``-debug``."""

PAYS_FROM = 3
"""Workspaces in a sweep: starting a provider and proving its package costs as much as one `show` saves."""

STARTS = 20.0
"""Seconds that a provider may take to say where it listens."""

COLD: Mapping[str, str] = {}

_SAID = re.compile(rb"TF_REATTACH_PROVIDERS='(?P<said>\{.*\})'")
_LOCKED = re.compile(rf'^provider "{re.escape(ADDRESS)}" \{{(?P<block>.*?)^\}}', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Package:
    """One provider's package on this machine.

    Args:
        folder: with every link resolved.
        program: the provider in it.
        state: changes with the program.
    """

    folder: Path
    program: Path
    state: tuple[int, ...]


class Warm:
    """The warm providers of one sweep; looks in several threads share it.

    Args:
        keeper: a command that runs the one behind it no longer than its own standard input is open.
        scratch: a private folder, for the providers' sockets.
    """

    def __init__(self, *, keeper: tuple[str, ...], scratch: Scratch) -> None:
        self._keeper = keeper
        self._scratch = scratch
        self._lock = threading.Lock()
        self._proven: dict[Package, str] = {}
        self._said: dict[Package, Mapping[str, str]] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __repr__(self) -> str:
        return f"Warm({len(self._processes)} started)"

    def attach(self, lock_file: Path, data: Path) -> Mapping[str, str]:
        """Return what Terraform's environment needs to show a plan of this workspace; nothing where in doubt.

        Args:
            lock_file: the workspace's ``.terraform.lock.hcl``.
            data: Terraform's data folder of the workspace.
        """
        try:
            version, digests = _locked(lock_file)
            package = _package(data, version)
            with self._lock:
                if package not in self._proven:
                    self._proven[package] = _digest(package.folder)
                if self._proven[package] not in digests:
                    return COLD
                if package not in self._said:
                    self._said[package] = self._start(package)
                return self._said[package]
        except (OSError, LookupError, ValueError):
            # what can't be proven or started is shown the usual way
            return COLD

    def end(self) -> None:
        """End every provider that was started."""
        with self._lock:
            for process in self._processes:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()
            for process in self._processes:
                process.wait()
            self._processes.clear()

    def _start(self, package: Package) -> Mapping[str, str]:
        process = subprocess.Popen(
            [*self._keeper, str(package.program), "-debug"],
            env={"TMPDIR": str(self._scratch.path)},
            cwd=self._scratch.path,
            pass_fds=(self._scratch.held,),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._processes.append(process)
        said = _SAID.search(_until_said(process))
        if said is None:
            return COLD
        text = said["said"].decode()
        return {"TF_REATTACH_PROVIDERS": text} if list(json.loads(text)) == [ADDRESS] else COLD


@contextmanager
def kept(keeper: tuple[str, ...], scratch: Path, *, workspaces: int) -> Iterator[Warm | None]:
    """Keep providers warm until the block ends; None where a sweep of so few workspaces is faster without."""
    if workspaces < PAYS_FROM:
        yield None
        return
    with scratches.opened(scratch) as folder:
        warm = Warm(keeper=keeper, scratch=folder)
        try:
            yield warm
        finally:
            warm.end()


def _until_said(process: "subprocess.Popen[bytes]") -> bytes:
    """Return what the provider wrote up to where it listens, or up to where it ended or took too long."""
    said = b""
    if process.stdout is None:
        return said
    while b"}'" not in said and select.select([process.stdout], [], [], STARTS)[0]:
        if not (more := process.stdout.read1(65536)):  # type: ignore[attr-defined]
            break
        said += more
    return said


def _locked(lock_file: Path) -> tuple[str, frozenset[str]]:
    """Return the version and the ``h1:`` digests that a lock file allows."""
    found = _LOCKED.search(lock_file.read_text("utf-8"))
    if found is None:
        raise LookupError(ADDRESS)
    versions = re.findall(r'^\s*version\s*=\s*"([^"]+)"', found["block"], re.MULTILINE)
    return versions[0], frozenset(re.findall(r'"(h1:[^"]+)"', found["block"]))


def _package(data: Path, version: str) -> Package:
    """Return the package that a workspace is initialised with."""
    (folder,) = (data / "providers" / ADDRESS / version).iterdir()
    (program,) = folder.resolve().glob(f"terraform-provider-{ADDRESS.rpartition('/')[2]}_*")
    stat = program.stat()
    state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return Package(folder=folder.resolve(), program=program, state=state)


def _digest(folder: Path) -> str:
    """Return the digest of a package as lock files write it: ``h1:`` of https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append(f"{found}  {path.relative_to(folder).as_posix()}\n")
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
