"""One Terraform workspace, opened for a while: planned and shown from a private scratch folder.

For detection nothing in the workspace changes: no lock is taken (a plan does not write state), the
Terraform workspace is chosen by variable and not by ``workspace select``, and where the folder is not
initialised its data goes into scratch.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tasks import aws
from tasks.errors import ToolError
from tasks.program import scratch as scratches
from tasks.program.events import Event
from tasks.program.run import APPLY_GRACE, Ended, run
from tasks.reach import Reach
from tasks.terraform import diagnostics
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.places import Places
from tasks.terraform.warm import COLD
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
        state: the absolute path of a state that lies in a file, where `path` is a copy; else None.
        held: the descriptor that owns `scratch`.
    """

    target: TerraformTarget
    reach: Reach
    path: Path
    scratch: Path
    environment: dict[str, str]
    held: int
    state: Path | None = None
    _said: dict[Path, Ended] = field(default_factory=dict, init=False)

    @property
    def data(self) -> Path:
        """Terraform's data folder; it may be in scratch."""
        return self.path / self.environment.get("TF_DATA_DIR", ".terraform")

    def plan(self, *, addresses: tuple[str, ...] = ()) -> Path:
        """Make a plan and return its file; no lock is taken, for a plan writes no state.

        Args:
            addresses: passed as ``-target``; empty for all.

        Raises:
            ToolError: it failed, or can't be believed.
        """
        file = self.scratch / f"{sum(1 for _ in self.scratch.glob('*.tfplan')) + 1}.tfplan"
        arguments = ["plan", "-json", "-input=false", "-detailed-exitcode", "-lock=false", f"-out={file}"]
        arguments += [f"-state={self.state}"] if self.state else []
        arguments += [f"-var-file={path.resolve()}" for path in self.target.var_files]
        arguments += [f"-target={address}" for address in addresses]
        ended = self.run(*arguments, lines=True)
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
        attached = self.reach.warm.attach(self.path / LOCK_FILE, self.data) if self.reach.warm else COLD
        ended = self.run("show", "-json", str(plan), attached=attached)
        if attached and ended.exit_code:
            ended = self.run("show", "-json", str(plan))
        diagnostics.check(ended, good=_DONE, doing=f"terraform show of {self.target.name}")
        return ended.stdout

    @property
    def program(self) -> str:
        """What is run for every command of this target."""
        return self.target.binary or self.reach.terraform

    @property
    def modules(self) -> Modules:
        """The folders of this code, as they are now."""
        return Modules.of(self.path, self.data, tofu=Path(self.program).name.startswith("tofu"))

    def places(self) -> Places:
        """Return what finds the lines of this code, also when the workspace is closed again."""
        modules = self.modules
        if self.data.is_relative_to(self.scratch):
            modules.keep()
        return Places(modules=modules)

    def run(
        self,
        *arguments: str,
        lines: bool = False,
        chosen: bool = True,
        progress: Callable[[Event], None] | None = None,
        holds_open: tuple[int, ...] = (),
        attached: Mapping[str, str] = COLD,
    ) -> Ended:
        """Run one command of Terraform and return how it ended; what that means is the caller's to say.

        Args:
            arguments: of the program.
            lines: as `run.run` takes it.
            chosen: in the target's workspace; False for the few commands that work on all of them.
            progress: as `run.run` takes it.
            holds_open: files that the program keeps open for as long as it lives.
            attached: more variables, for a provider that is started already.
        """
        environment = {k: v for k, v in self.environment.items() if chosen or k != "TF_WORKSPACE"}
        environment |= attached
        return run(
            (self.program, *arguments),
            cwd=self.path,
            environment=environment,
            timeout=self.reach.timeout,
            grace=APPLY_GRACE if "apply" in arguments else None,
            lines=lines,
            progress=progress,
            holds_open=(self.held, *holds_open),
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
        ended = self.run("init", "-input=false", "-no-color", "-lockfile=readonly", chosen=False)
        diagnostics.check(ended, good=_DONE, doing=f"terraform init of {self.target.name}")

    def _exists(self) -> None:
        """A workspace that does not exist would be planned with an empty state, and look clean."""
        ended = self.run("workspace", "list", chosen=False)
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
