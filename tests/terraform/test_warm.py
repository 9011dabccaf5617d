"""Laws of providers that are kept started; a script stands for the provider."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasks.terraform import warm
from tasks.terraform.warm import ADDRESS, COLD, Warm, kept

KEEPER = (sys.executable, "-P", "-m", "flows.keeper")
PROVIDER = f"""#!{sys.executable}
import json, os, sys, time
assert sys.argv[1:] == ["-debug"]
with open(os.path.join(os.environ["TMPDIR"], "started-%d" % os.getpid()), "w") as file:
    json.dump(dict(os.environ), file)
said = json.dumps({{"{ADDRESS}": {{"Pid": os.getpid()}}}})
print("Provider started.\\n\\tTF_REATTACH_PROVIDERS='" + said + "'", flush=True)
time.sleep(600)
"""


OTHER = """
provider "registry.terraform.io/hashicorp/random" {
  version = "3.0.0"
  hashes = ["h1:other="]
}

"""
KILLED = """
import sys, time
from pathlib import Path
from tasks.terraform.warm import kept

scratch, lock_file, data = map(Path, sys.argv[1:])
with kept((sys.executable, "-P", "-m", "flows.keeper"), scratch, workspaces=3) as providers:
    print(dict(providers.attach(lock_file, data)), flush=True)
    time.sleep(600)
"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A workspace with a provider."""

    folder: Path
    scratch: Path

    @property
    def lock_file(self) -> Path:
        return self.folder / ".terraform.lock.hcl"

    @property
    def data(self) -> Path:
        return self.folder / ".terraform"

    def lock(self, *, digest: str | None = None, version: str = "5.100.0") -> None:
        package = self.data / "providers" / ADDRESS / version / "linux_amd64"
        digest = digest or warm._digest(package)
        self.lock_file.write_text(
            OTHER
            + f'provider "{ADDRESS}" {{\n  version = "{version}"\n  hashes = [\n    "{digest}",\n  ]\n}}\n'
        )

    def attach(self, providers: Warm) -> dict[str, str]:
        return dict(providers.attach(self.lock_file, self.data))

    def started(self) -> list[Path]:
        return sorted(self.scratch.rglob("started-*"))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    one = Made(folder=tmp_path / "workspace", scratch=tmp_path / "scratch")
    package = one.data / "providers" / ADDRESS / "5.100.0" / "linux_amd64"
    package.mkdir(parents=True)
    program = package / "terraform-provider-aws_v5.100.0_x5"
    program.write_text(PROVIDER)
    program.chmod(0o700)
    one.lock()
    return one


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def pid_of(path: Path) -> int:
    return int(path.name.removeprefix("started-"))


def test_one_provider_serves_all_workspaces_that_lock_it_and_ends_with_the_sweep(made: Made) -> None:
    with kept(KEEPER, made.scratch, workspaces=3) as providers:
        assert providers is not None
        first = made.attach(providers)
        assert made.attach(providers) == first
        assert first.keys() == {"TF_REATTACH_PROVIDERS"}
        (started,) = made.started()
        pid = pid_of(started)
    assert gone(pid)
    assert list(made.scratch.iterdir()) == []


def test_a_warm_provider_has_no_credentials(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    with kept(KEEPER, made.scratch, workspaces=3) as providers:
        assert providers is not None
        made.attach(providers)
        (started,) = made.started()
        assert "AWS_" not in started.read_text()
        assert "made-up" not in started.read_text()


DOUBTS: dict[str, Callable[[Made], object]] = {
    "another package than the locked one": lambda made: made.lock(digest="h1:another="),
    "another version than the locked one": lambda made: made.lock_file.write_text(
        made.lock_file.read_text().replace("5.100.0", "5.99.0")
    ),
    "no lock file": lambda made: made.lock_file.unlink(),
    "no digest": lambda made: made.lock(digest="zh:only"),
    "a provider of another kind": lambda made: made.lock_file.write_text(
        made.lock_file.read_text().replace(ADDRESS, "registry.terraform.io/other/aws")
    ),
    "a program that says nothing": lambda made: _replaced(made, "#!/bin/sh\nexit 1\n"),
    "a program that can't run": lambda made: _replaced(made, "no program"),
    "a program that serves another provider": lambda made: _replaced(
        made, '#!/bin/sh\necho "TF_REATTACH_PROVIDERS=\'{\\"other\\":{}}\'"; exec sleep 600\n'
    ),
}


def _replaced(made: Made, text: str) -> None:
    (program,) = made.data.rglob("terraform-provider-aws_*")
    program.write_text(text)
    made.lock()


@pytest.mark.parametrize("doubt", DOUBTS)
def test_where_in_doubt_terraform_starts_its_own(made: Made, doubt: str) -> None:
    DOUBTS[doubt](made)
    with kept(KEEPER, made.scratch, workspaces=3) as providers:
        assert providers is not None
        assert made.attach(providers) == COLD
    assert made.started() == []


def test_a_package_that_changed_is_proven_anew(made: Made) -> None:
    with kept(KEEPER, made.scratch, workspaces=3) as providers:
        assert providers is not None
        assert made.attach(providers)
        (program,) = made.data.rglob("terraform-provider-aws_*")
        program.write_text(PROVIDER + "# changed")
        assert made.attach(providers) == COLD


def test_few_workspaces_are_faster_without(made: Made) -> None:
    with kept(KEEPER, made.scratch, workspaces=2) as providers:
        assert providers is None


def test_a_warm_provider_does_not_outlive_a_sweep_that_is_killed(made: Made) -> None:
    command = [sys.executable, "-c", KILLED, str(made.scratch), str(made.lock_file), str(made.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sweep:
        assert sweep.stdout is not None
        assert b"TF_REATTACH_PROVIDERS" in sweep.stdout.readline()
        (started,) = made.started()
        sweep.send_signal(signal.SIGKILL)
    assert gone(pid_of(started))
