"""`holdfast detect` in a process of its own, at a workspace whose cloud can be made to hang or to go away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from evidence.keys import load_key, make_key
from examples.clouds.moto import ACCOUNT

REGION = "eu-west-1"
PROVIDER = "terraform-provider"
START = "from flows.cli import main; main()"
CODE = """
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
  BACKEND
}
provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}
resource "aws_sns_topic" "bell" {
  count = 3
  name  = "bell-${count.index}"
}
"""


def wait_for(seen: Callable[[], Any], what: str, *, within: float = 60.0) -> Any:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := seen():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not seen within {within:g} s")


class Door:
    """A way to a cloud that can be open, hang, or be gone."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._behind = (str(parts.hostname), int(parts.port or 80))
        self.open = True
        self.knocked = 0
        self._held: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def break_down(self) -> None:
        """Be gone: who waits is cut off, who comes is refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._held:
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.knocked += 1
                self._held.append(caller)
                if self.open:
                    threading.Thread(target=self._pass, args=(caller,), daemon=True).start()

    def _pass(self, caller: socket.socket) -> None:
        behind = socket.create_connection(self._behind)
        threading.Thread(target=_pump, args=(caller, behind), daemon=True).start()
        _pump(behind, caller)


def _pump(source: socket.socket, drain: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            drain.sendall(data)
    with suppress(OSError):
        drain.shutdown(socket.SHUT_WR)


@dataclass(kw_only=True)
class Seat:
    """An estate of one operator, and what its command is given."""

    folder: Path
    environment: dict[str, str]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def scratch(self) -> Path:
        return self.folder / "home" / "scratch"

    @property
    def workspace(self) -> Path:
        return self.folder / "code"

    def watch(self, *targets: dict[str, Any]) -> None:
        """Let the estate have these targets, each at the workspace where it says nothing else."""
        usual = {"layer": "terraform", "path": "code", "account": ACCOUNT, "region": REGION}
        document = {
            "version": 1,
            "estate": "acme",
            "evidence": {"path": "evidence"},
            "targets": [{**usual, **target} for target in targets],
            "trust": [{"key_id": self._key().key_id, "purpose": "evidence"}],
        }
        (self.folder / "holdfast.yaml").write_text(yaml.safe_dump(document))

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", START, "detect", "-o", "json"],
            cwd=self.folder,
            env={**self.environment, "TF_VAR_mark": self.mark, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def detect(self, **environment: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """Return the exit code and the targets by name."""
        return ended(self.start(**environment))

    def terraform(self, *arguments: str) -> None:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.workspace,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def programs(self) -> dict[int, str]:
        """Return what runs for this seat apart from the command itself: pid and program."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                program = (place / "exe").readlink().name
                keeps = b"keeper.py" in (place / "cmdline").read_bytes()
                if f"TF_VAR_mark={self.mark}".encode() in (place / "environ").read_bytes() and (
                    keeps or "terraform" in program
                ):
                    found[int(place.name)] = "keeper" if keeps else program
        return found

    def provider(self) -> int | None:
        """Return the pid of the provider that runs for this seat."""
        return next((pid for pid, name in self.programs().items() if name.startswith(PROVIDER)), None)

    def expect_nothing_left(self, *, within: float = 45.0) -> None:
        wait_for(lambda: not self.programs(), f"the end of {self.programs()}", within=within)

    def _key(self) -> Any:
        home = self.folder / "home"
        if (home / "evidence.key").exists():
            return load_key(home / "evidence.key")
        key = make_key(home / "evidence.key")
        redaction = home / "redaction.key"
        redaction.touch(mode=0o600)
        redaction.write_bytes(b"a redaction key of thirty-two by")
        return key


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    out, err = process.communicate(timeout=120)
    assert out, err
    return process.returncode, {one["name"]: one for one in json.loads(out)["targets"]}


@contextmanager
def hanging(seat: Seat, door: Door, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a look that hangs in its plan: the provider has asked, and nobody answers."""
    door.open, before = False, door.knocked
    process = seat.start(AWS_ENDPOINT_URL_SNS=door.url, **environment)
    try:
        # the estate's live topics are listed through the same door, once, and maybe before the plan
        wait_for(lambda: seat.provider() and door.knocked > before + 1, "a call of the provider")
        yield process
    finally:
        door.open = True
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def make_seat(folder: Path, environment: dict[str, str], *, backend: str = "") -> Seat:
    """Make an estate at a workspace that is applied and clean."""
    (folder / "home").mkdir(parents=True)
    (folder / "code").mkdir()
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HOLDFAST_HOME": str(folder / "home"),
        "HOLDFAST_WRITER": "test",
        "CHECKPOINT_DISABLE": "1",
        **environment,
    }
    seat = Seat(folder=folder, environment=given)
    (folder / "code" / "main.tf").write_text(CODE.replace("BACKEND", backend))
    seat.terraform("init", "-input=false", "-no-color")
    seat.terraform("apply", "-auto-approve", "-input=false", "-no-color")
    seat.watch({"name": "bells"})
    return seat


def copied(seat: Seat, folder: Path) -> Seat:
    """Return a seat of its own at a copy of another's workspace."""
    shutil.copytree(seat.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("scratch", "evidence"))
    here = {"HOME": str(folder), "HOLDFAST_HOME": str(folder / "home")}
    return Seat(folder=folder, environment={**seat.environment, **here})
