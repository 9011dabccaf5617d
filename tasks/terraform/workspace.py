"""One Terraform workspace, opened for a while: planned and shown from a private scratch folder.

For detection nothing in the workspace changes: no lock is taken (a plan does not write state), the
Terraform workspace is chosen by variable and not by ``workspace select``, and where the folder is not
initialised its data goes into scratch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tasks import aws
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.terraform import diagnostics
from tasks.terraform import scratch as scratches
from tasks.terraform.run import APPLY_GRACE, Ended, run
from tasks.terraform.source import Places, places
from taxonomy.target import TerraformTarget

LOCK_FILE = ".terraform.lock.hcl"
_SOCKET_ROOM = 80
"""Characters that a folder's path may have for a provider's socket in it to be one: 108 are all there is."""

_PLANNED = frozenset({0, 2})
_DONE = frozenset({0})


@dataclass(kw_only=True)
class Opened:
    """A workspace that commands can be run in.

    Args:
        path: where the code is.
        scratch: a private folder; it goes when the workspace is closed.
        environment: all that Terraform sees.
        held: the descriptor that owns `scratch`.
    """

    target: TerraformTarget
    reach: Reach
    path: Path
    scratch: Path
    environment: dict[str, str]
    held: int
    _plans: int = field(default=0, init=False)
    _said: dict[Path, Ended] = field(default_factory=dict, init=False)

    def plan(self, *, addresses: tuple[str, ...] = (), lock: bool = False) -> Path:
        """Make a plan and return its file.

        Args:
            addresses: passed as ``-target``; empty for all.
            lock: hold the state's lock while planning, as before an apply.

        Raises:
            ToolError: it failed, or can't be believed.
        """
        self._plans += 1
        file = self.scratch / f"{self._plans}.tfplan"
        arguments = ["plan", "-json", "-input=false", "-detailed-exitcode", f"-out={file}"]
        arguments += [] if lock else ["-lock=false"]
        arguments += [f"-var-file={path.resolve()}" for path in self.target.var_files]
        arguments += [f"-target={address}" for address in addresses]
        ended = self._run(*arguments, lines=True)
        diagnostics.check(ended, good=_PLANNED, doing=f"terraform plan of {self.target.name}")
        if not addresses:
            diagnostics.check_stream(
                ended.events,
                doing=f"terraform plan of {self.target.name}",
                limit=self.target.mass_deletion,
            )
        self._said[file] = ended
        return file

    def said(self, plan: Path) -> Ended:
        """Return how the making of a plan file ended."""
        return self._said[plan]

    def show(self, plan: Path) -> bytes:
        """Return a plan file as JSON, secrets in clear.

        Raises:
            ToolError: Terraform can't show it.
        """
        ended = self._run("show", "-json", str(plan))
        diagnostics.check(ended, good=_DONE, doing=f"terraform show of {self.target.name}")
        return ended.stdout

    def apply(self, plan: Path) -> Ended:
        """Apply exactly this plan, under the state's lock.

        Raises:
            ToolError: it failed, or somebody holds the lock.
        """
        ended = self._run("apply", "-json", "-input=false", str(plan), lines=True)
        diagnostics.check(ended, good=_DONE, doing=f"terraform apply of {self.target.name}")
        return ended

    def places(self) -> Places:
        """Return where every resource block stands in code."""
        return places(self.path, self.path / self.environment.get("TF_DATA_DIR", ".terraform"))

    def _run(self, *arguments: str, lines: bool = False, chosen: bool = True) -> Ended:
        """Run one command; without the workspace `chosen` for the few that work on all of them."""
        environment = {k: v for k, v in self.environment.items() if chosen or k != "TF_WORKSPACE"}
        return run(
            (self.reach.terraform, *arguments),
            cwd=self.path,
            environment=environment,
            timeout=self.reach.timeout,
            grace=APPLY_GRACE if "apply" in arguments else None,
            lines=lines,
            holds_open=(self.held,),
        )

    def ready(self) -> None:
        """Initialise into scratch where the folder is not initialised, and prove that the workspace is there.

        Raises:
            ToolError: it can't be initialised, or has no such workspace.
        """
        if not self.path.is_dir():
            raise ToolError(
                f"no folder {self.path}: expected a Terraform workspace there; correct `path` of "
                f"target {self.target.name}"
            )
        if "TF_DATA_DIR" not in self.environment and not (self.path / ".terraform").is_dir():
            self._initialise()
        if self.target.workspace != "default":
            self._exists()

    def _initialise(self) -> None:
        if not any(self.path.glob("*.tf")) and not any(self.path.glob("*.tf.json")):
            raise ToolError(
                f"{self.path} holds no Terraform code; correct `path` of target {self.target.name}"
            )
        if not (self.path / LOCK_FILE).is_file():
            raise ToolError(
                f"the workspace of {self.target.name} is not initialised and has no {LOCK_FILE}; run "
                f"`terraform init` there once "
                "and commit that file: which provider versions count is not ours to choose"
            )
        self.environment["TF_DATA_DIR"] = str(self.scratch / "data")
        ended = self._run("init", "-input=false", "-no-color", "-lockfile=readonly", chosen=False)
        diagnostics.check(ended, good=_DONE, doing=f"terraform init of {self.target.name}")

    def _exists(self) -> None:
        """A workspace that does not exist would be planned with an empty state, and look clean."""
        ended = self._run("workspace", "list", chosen=False)
        diagnostics.check(ended, good=_DONE, doing=f"terraform workspace list of {self.target.name}")
        names = [line.lstrip("* ").strip() for line in ended.stdout.decode(errors="replace").splitlines()]
        if self.target.workspace not in names:
            raise ToolError(
                f"no workspace {self.target.workspace} in target {self.target.name}; expected one of "
                f"{', '.join(sorted(filter(None, names)))}; correct `workspace`"
            )


@contextmanager
def opened(target: TerraformTarget, reach: Reach, *, role_arn: str | None) -> Iterator[Opened]:
    """Open a target's workspace in a role; what was put into scratch is deleted when it is closed.

    Raises:
        ToolError: the workspace can't be used; or the role can't be assumed.
    """
    if target.path is None:
        raise ToolError(f"target {target.name} is a recorded plan; only a target with `path` can be planned")
    with scratches.opened(reach.scratch) as scratch:
        workspace = Opened(
            target=target,
            reach=reach,
            path=target.path.resolve(),
            scratch=scratch.path,
            environment={**_temporary(scratch.path), **environment(target, reach, role_arn=role_arn)},
            held=scratch.held,
        )
        workspace.ready()
        yield workspace


def _temporary(scratch: Path) -> dict[str, str]:
    """Have what killed programs leave lie where it is removed, sockets of providers too."""
    folder = scratch / "tmp"
    if len(str(folder)) > _SOCKET_ROOM:
        return {}
    folder.mkdir(mode=0o700)
    return {"TMPDIR": str(folder)}


def environment(target: TerraformTarget, reach: Reach, *, role_arn: str | None) -> dict[str, str]:
    """Return all that Terraform sees: what settings resolved for this target, and nothing of ours."""
    given = aws.credentials(reach, role_arn=role_arn, region=target.region)
    if aws.names_credentials(given):
        # where some are named, a machine's own role must not stand in for those that fail
        given = {"AWS_EC2_METADATA_DISABLED": "true", **given}
    return {
        **reach.passed_on,
        **given,
        **reach.terraform_env,
        "PATH": reach.path,
        "HOME": reach.home,
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_WORKSPACE": target.workspace,
        "CHECKPOINT_DISABLE": "1",
    }
