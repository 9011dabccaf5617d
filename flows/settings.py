"""The only reader of the environment and of the estate file.

A flag beats the environment (``HOLDFAST_*``), which beats the file. Secrets stand in none of them:
keys are 0600 files below ``HOLDFAST_HOME``, cloud credentials come from the cloud SDK's own chain.
"""

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from evidence.keys import SigningKey, Trust, load_key, trust_named
from evidence.store import Store
from flows import passing
from flows.estate import Estate, read_estate
from flows.targets import target_of
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy import rulebook as rulebooks
from taxonomy.errors import EstateError, Problem
from taxonomy.rulebook import Rulebook
from taxonomy.target import AnyTarget

REDACTION_KEY_BYTES = 32

UP_NOTE = "prefect-api-url"
"""Where `holdfast up` notes its address, below `HOLDFAST_HOME`."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a flow needs to know of where it runs.

    Args:
        estate: what the estate file says.
        folder: where the estate file lies; its relative paths start there.
        home: `HOLDFAST_HOME`: keys and scratch space of this machine's user.
        writer: names this machine in the ledger.
        reach: how the world is reached.
        evidence_key_path: the private key that signs evidence.
        redaction_key_path: the estate's key for digests of secrets.
        approval_key_path: a person's own private key; workers have none.
    """

    estate: Estate
    path: Path
    home: Path
    writer: str
    reach: Reach
    evidence_key_path: Path
    redaction_key_path: Path
    approval_key_path: Path

    @property
    def folder(self) -> Path:
        """The folder that relative paths of the estate file start from."""
        return self.path.parent

    @property
    def root(self) -> Path:
        """The folder of the evidence.

        Raises:
            ToolError: the estate names an object store.
        """
        place = self.estate.evidence.path
        if urlsplit(place).scheme in {"s3", "gs", "az", "abfs", "http", "https"}:
            raise ToolError(
                f"{self.path}: evidence.path: expected a folder, as object stores are not supported yet; "
                f"got {place}"
            )
        return self.folder / place

    @cached_property
    def targets(self) -> tuple[AnyTarget, ...]:
        """The targets, with paths made absolute."""
        return tuple(target_of(part, self.folder) for part in self.estate.targets)

    @cached_property
    def trust(self) -> Trust | None:
        """The keys that count; None where the estate names none, so authenticity can't be established."""
        rows = [{"key_id": key.key_id, "purpose": key.purpose} for key in self.estate.trust]
        return trust_named(rows, str(self.path)) if rows else None

    @cached_property
    def redactor(self) -> Redactor:
        """What conceals secrets with the estate's key; without that key nothing runs.

        Raises:
            ToolError: there is no key, or it can be read by others, or it is too short.
        """
        return Redactor(_secret(self.redaction_key_path))

    @cached_property
    def rulebook(self) -> Rulebook:
        """The taxonomy that applies.

        Raises:
            RuleError: everything that is wrong with it.
        """
        places = [name if name == "builtin" else self.folder / name for name in self.estate.taxonomy]
        return rulebooks.load(places)

    def evidence_key(self) -> SigningKey:
        """Return the key that signs this machine's evidence.

        Raises:
            EvidenceError: there is none, or others can read it.
        """
        return load_key(self.evidence_key_path)

    def store(self) -> Store:
        """Return the evidence store, ready to write."""
        return Store(self.root, estate=self.estate.estate, writer=self.writer, key=self.evidence_key())

    def target(self, name: str) -> AnyTarget:
        """Return the target of that name; the estate has it, or the caller made it up.

        Raises:
            ToolError: there is none.
        """
        for target in self.targets:
            if target.name == name:
                return target
        known = ", ".join(sorted(target.name for target in self.targets))
        raise ToolError(f"{self.path}: no target is called {name!r}; there are {known}")

    def select(self, *, layers: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> tuple[AnyTarget, ...]:
        """Return the targets of the given layers and names, or all of them.

        Raises:
            ToolError: a name is not in the estate, or nothing is left.
        """
        wanted = {self.target(name).name for name in names}
        chosen = tuple(
            target
            for target in self.targets
            if (not wanted or target.name in wanted) and (not layers or target.layer in layers)
        )
        if not chosen:
            asked = " and ".join(" or ".join(some) for some in (names, layers) if some)
            raise ToolError(f"{self.path}: no target is {asked}")
        return chosen


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Args:
        path: the estate file; else ``HOLDFAST_ESTATE``, else ``holdfast.yaml``.
        environment: instead of the process's own.

    Raises:
        EstateError: everything that is wrong with the estate file.
        ToolError: a variable that can't be understood.
    """
    env = os.environ if environment is None else environment
    estate_path = Path(path or env.get("HOLDFAST_ESTATE", "holdfast.yaml")).absolute()
    if not estate_path.exists():
        message = (
            "no such file; name the estate file with --estate or HOLDFAST_ESTATE (its form: docs/estate.md)"
        )
        raise EstateError([Problem(file=str(estate_path), line=0, where="", message=message)])
    home = Path(env.get("HOLDFAST_HOME") or Path(env.get("HOME", "/nonexistent")) / ".holdfast").absolute()
    return Settings(
        estate=read_estate(estate_path),
        path=estate_path,
        home=home,
        writer=env.get("HOLDFAST_WRITER") or _writer(socket.gethostname()),
        reach=_reach(env, home),
        evidence_key_path=Path(env.get("HOLDFAST_EVIDENCE_KEY", home / "evidence.key")),
        redaction_key_path=Path(env.get("HOLDFAST_REDACTION_KEY", home / "redaction.key")),
        approval_key_path=Path(env.get("HOLDFAST_APPROVAL_KEY", home / "approval.key")),
    )


def prefect_api(home: Path, environment: Mapping[str, str] | None = None) -> str | None:
    """Return where Prefect answers: ``PREFECT_API_URL``, or what `holdfast up` noted; else None."""
    env = os.environ if environment is None else environment
    if url := env.get("PREFECT_API_URL"):
        return url.rstrip("/")
    try:
        return (home / UP_NOTE).read_text("utf-8").strip() or None
    except OSError:
        return None


def speak_to_prefect(settings: Settings) -> None:
    """Point this process's Prefect at the server that runs, before Prefect is imported.

    Without one, Prefect serves itself for as long as the process lives, from Holdfast's own folder.
    """
    url = prefect_api(settings.home)
    if url is not None:
        os.environ["PREFECT_API_URL"] = url
    os.environ.setdefault("PREFECT_HOME", str(settings.home / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ["HOLDFAST_ESTATE"] = str(settings.path)


def own_environment() -> dict[str, str]:
    """Return a copy of this process's environment, for the programs that it starts."""
    return dict(os.environ)


def without_approval_key(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a worker may have: no approval key, no Slack token."""
    secret = ("HOLDFAST_APPROVAL_KEY", "SLACK_")
    return {name: value for name, value in environment.items() if not name.startswith(secret)}


def _reach(env: Mapping[str, str], home: Path) -> Reach:
    reach = Reach(
        scratch=home / "scratch",
        terraform=env.get("HOLDFAST_TERRAFORM", "terraform"),
        inspec=env.get("HOLDFAST_INSPEC", "inspec"),
        aws=passing.passed(env, passing.AWS),
        terraform_env=passing.passed(env, passing.TERRAFORM),
        passed_on=passing.passed_on(env, env.get("HOLDFAST_PASS_ON", "")),
        azure_base_url=env.get("HOLDFAST_AZURE_BASE_URL"),
        azure_credential="none" if env.get("HOLDFAST_AZURE_CREDENTIAL") == "none" else "default",
        path=env.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        home=env.get("HOME", "/nonexistent"),
    )
    seconds = env.get("HOLDFAST_TIMEOUT")
    return replace(reach, timeout=_seconds(seconds)) if seconds else reach


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (seconds := float(text)) < float("inf"):
            return seconds
    raise ToolError(f"HOLDFAST_TIMEOUT: expected seconds, such as 600, got {text!r}")


def _writer(host: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in host.lower())
    return kept.strip("-_")[:48] or "writer"


def _secret(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise ToolError(f"{path}: others can read this key; run: chmod 600 {path}")
        key = path.read_bytes()
    except OSError as error:
        raise ToolError(
            f"{path}: no key for digests of secrets ({error.strerror}); no key, no run: make one with "
            "`holdfast evidence key`, or copy the estate's own from another machine"
        ) from None
    if len(key) < REDACTION_KEY_BYTES:
        raise ToolError(f"{path}: expected at least {REDACTION_KEY_BYTES} bytes, got {len(key)}")
    return key
