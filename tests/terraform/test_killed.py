"""Real looks at a simulated cloud that end otherwise than well: each says why, and leaves nothing behind."""

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import pytest
from commanded import REGION, Door, Seat, copied, ended, hanging, make_seat, wait_for

from examples.clouds import aws_environment
from examples.clouds.moto import moto
from tasks.reach import Reach
from tasks.terraform.workspace import environment
from taxonomy.target import TerraformTarget

pytestmark = pytest.mark.terraform


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(scope="module")
def applied_seat(
    tmp_path_factory: pytest.TempPathFactory, cloud: str, program: str, terraform_env: Mapping[str, str]
) -> Seat:
    assert program
    given = {**aws_environment(cloud, region=REGION), **terraform_env}
    return make_seat(tmp_path_factory.mktemp("bells") / "acme", given)


@pytest.fixture
def seat(applied_seat: Seat, tmp_path: Path) -> Seat:
    return copied(applied_seat, tmp_path / "acme")


@pytest.fixture
def door(cloud: str) -> Iterator[Door]:
    door = Door(cloud)
    yield door
    door.break_down()


def kill_provider(seat: Seat) -> None:
    pid = seat.provider()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.prove)]
)
def test_a_command_that_is_stopped_in_a_plan_stops_terraform_and_leaves_nothing(
    seat: Seat, door: Door, number: signal.Signals, code: int
) -> None:
    if number == signal.SIGINT:
        # signals reach the main thread alone, and each look waits in its own
        seat.watch(*({"name": f"bells-{n}"} for n in range(3)))
    with hanging(seat, door) as process:
        plans = [path for path in seat.scratch.rglob("*") if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in plans} <= {0o600}
        os.kill(process.pid, number)
        assert process.wait(20) == code
    seat.expect_nothing_left()
    assert list(seat.scratch.iterdir()) == []


def test_a_command_that_is_killed_in_a_plan_leaves_no_process_and_the_next_look_removes_its_folder(
    seat: Seat, door: Door
) -> None:
    with hanging(seat, door) as process:
        assert set(seat.programs().values()) >= {"keeper", "terraform"}
        os.kill(process.pid, signal.SIGKILL)
        seat.expect_nothing_left()
        assert len(list(seat.scratch.iterdir())) == 1
    (seat.folder / "raw").mkdir()
    seat.watch({"name": "bells", "path": "raw"})
    check_could_not_look(seat.start(), "holds no Terraform code")
    assert list(seat.scratch.iterdir()) == []


@pytest.mark.prove
def test_a_provider_that_is_killed_in_a_plan_is_could_not_look(seat: Seat, door: Door) -> None:
    with hanging(seat, door) as process:
        kill_provider(seat)
        check_could_not_look(process, "the provider's process died")
    seat.expect_nothing_left()


@pytest.mark.prove
def test_an_endpoint_that_goes_away_in_a_plan_is_could_not_look(seat: Seat, door: Door) -> None:
    with hanging(seat, door) as process:
        door.break_down()
        check_could_not_look(process, "refused the connection")
    seat.expect_nothing_left()


@pytest.mark.prove
def test_a_provider_that_hangs_is_stopped_at_the_time_limit(seat: Seat, door: Door) -> None:
    with hanging(seat, door, HOLDFAST_TIMEOUT="8") as process:
        check_could_not_look(process, "took longer than its time and was stopped")
    seat.expect_nothing_left()


def check_could_not_look(process: object, reason: str) -> None:
    code, targets = ended(process)  # type: ignore[arg-type]
    assert code == 1
    assert targets["bells"]["outcome"] == "could-not-look"
    assert reason in targets["bells"]["reason"]


def test_each_target_that_could_not_be_looked_at_says_why(seat: Seat) -> None:
    for name in ("raw", "gone"):
        (seat.folder / name).mkdir()
    (seat.folder / "raw" / "main.tf").write_bytes((seat.workspace / "main.tf").read_bytes())
    other = "arn:aws:iam::210987654321:role/reader"
    seat.watch(
        {"name": "uninitialised", "path": "raw"},
        {"name": "empty", "path": "gone"},
        {"name": "elsewhere", "read_role_arn": other},
        {"name": "misnamed", "account": "210987654321"},
    )
    code, targets = seat.detect()
    assert code == 1
    assert {
        name: (one["outcome"], reason in one["reason"])
        for name, one in targets.items()
        for reason in REASONS[name]
    } == dict.fromkeys(REASONS, ("could-not-look", True)), targets


REASONS = {
    "uninitialised": ["is not initialised and has no .terraform.lock.hcl"],
    "empty": ["holds no Terraform code"],
    "elsewhere": ["wrong account: expected 123456789012, got 210987654321"],
    "misnamed": ["wrong account: expected 210987654321, got 123456789012"],
}


@pytest.mark.prove
def test_in_another_account_everything_looks_deleted_and_nothing_is_drift(seat: Seat) -> None:
    other = "210987654321"
    role = f"arn:aws:iam::{other}:role/reader"
    seat.watch({"name": "bells", "account": other, "read_role_arn": role})
    # some calls of this account say "not found" where others say nothing
    check_could_not_look(seat.start(), "looks like the wrong account")
    with moto() as empty:
        seat.watch({"name": "bells"})
        check_could_not_look(seat.start(AWS_ENDPOINT_URL=empty), "looks like the wrong account: 3 of 3")


def test_in_a_role_that_is_assumed_no_other_source_of_credentials_is_left(cloud: str, tmp_path: Path) -> None:
    sources = {
        "AWS_PROFILE": "prod",
        "AWS_DEFAULT_PROFILE": "prod",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "token",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/other",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x",
        "AWS_ENDPOINT_URL_S3": cloud,
    }
    reach = Reach(scratch=tmp_path, aws={**aws_environment(cloud, region=REGION), **sources})
    role = "arn:aws:iam::123456789012:role/reader"
    seen = environment(TerraformTarget(name="t", path=tmp_path, region=REGION), reach, role_arn=role)
    assert sources.keys() & seen.keys() == {"AWS_ENDPOINT_URL_S3"}
    assert seen["AWS_ACCESS_KEY_ID"] != "testing"
    assert seen["AWS_SESSION_TOKEN"]


APPLY = """
import os, sys
from pathlib import Path
from tasks.program.run import APPLY_GRACE, run
command = ("terraform", "apply", "-auto-approve", "-input=false", "-json")
run(command, cwd=Path(sys.argv[1]), environment=dict(os.environ), timeout=120, grace=APPLY_GRACE, lines=True)
"""


@pytest.mark.prove
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_apply_whose_caller_ends_is_let_finish_what_it_does_and_saves_its_state(
    seat: Seat, door: Door, number: signal.Signals
) -> None:
    seat.terraform("destroy", "-auto-approve", "-input=false", "-no-color")
    lock = seat.workspace / ".terraform.tfstate.lock.info"
    door.open = False
    caller = subprocess.Popen(
        [sys.executable, "-c", APPLY, seat.workspace],
        cwd=Path(__file__).parents[2],
        env={**seat.environment, "TF_VAR_mark": seat.mark, "AWS_ENDPOINT_URL_SNS": door.url},
    )
    wait_for(lambda: door.knocked and lock.exists(), "an apply that waits for the cloud")
    caller.send_signal(number)
    caller.wait()
    seat.expect_nothing_left(within=60)
    # who is killed hard leaves its lock; who was asked has let go of it, and saved what it knows
    assert not lock.exists()
    assert json.loads((seat.workspace / "terraform.tfstate").read_text())["serial"] > 0


@pytest.mark.prove
def test_without_credentials_a_target_could_not_be_looked_at(seat: Seat) -> None:
    for name in [name for name in seat.environment if name.startswith("AWS_") and "KEY" in name]:
        del seat.environment[name]
    check_could_not_look(seat.start(), "no valid AWS credentials")


@pytest.mark.prove
def test_a_lock_that_another_holds_is_neither_heeded_nor_touched(seat: Seat) -> None:
    note = seat.workspace / ".terraform.tfstate.lock.info"
    note.write_text('{"ID":"b2bbe216","Operation":"OperationTypeApply","Who":"operator@host"}')
    before = {path: path.read_bytes() for path in seat.workspace.iterdir() if path.is_file()}
    with (seat.workspace / "terraform.tfstate").open("r+") as state:
        fcntl.lockf(state, fcntl.LOCK_EX)
        code, targets = seat.detect()
        with pytest.raises(AssertionError, match="Error acquiring the state lock"):
            seat.terraform("plan", "-input=false", "-no-color")
    assert (code, targets["bells"]["outcome"]) == (0, "clean")
    assert {path: path.read_bytes() for path in seat.workspace.iterdir() if path.is_file()} == before


@pytest.mark.prove
def test_a_lock_in_s3_that_another_holds_is_neither_heeded_nor_touched(
    seat: Seat, cloud: str, tmp_path: Path
) -> None:
    given = {k: v for k, v in seat.environment.items() if k.startswith(("AWS_", "TF_"))}
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    s3.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": REGION})
    backend = (
        'backend "s3" {\n bucket = "states"\n key = "bells"\n region = "eu-west-1"\n use_lockfile = true\n}'
    )
    remote = make_seat(tmp_path / "remote", given, backend=backend)
    lock = b'{"ID":"b2bbe216","Operation":"OperationTypeApply","Who":"operator@host"}'
    s3.put_object(Bucket="states", Key="bells.tflock", Body=lock)
    before = {one["Key"]: one["ETag"] for one in s3.list_objects_v2(Bucket="states")["Contents"]}
    code, targets = remote.detect()
    assert (code, targets["bells"]["outcome"]) == (0, "clean"), targets
    assert s3.get_object(Bucket="states", Key="bells.tflock")["Body"].read() == lock
    assert {one["Key"]: one["ETag"] for one in s3.list_objects_v2(Bucket="states")["Contents"]} == before


@pytest.mark.prove
def test_what_runs_in_a_plan_sees_none_of_our_secrets(seat: Seat, door: Door) -> None:
    planted = dict.fromkeys(("HOLDFAST_APPROVAL_KEY", "SLACK_BOT_TOKEN", "PREFECT_API_KEY"), "planted")
    steering = {"TF_CLI_ARGS_plan": "-destroy", "TF_LOG": "TRACE", "GITHUB_TOKEN": "planted"}
    with hanging(seat, door, **planted, **steering) as process:
        running = seat.programs()
        assert {"keeper", "terraform"} < set(running.values())
        for pid in running:
            names = {
                line.split(b"=")[0].decode()
                for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            } - {""}
            beyond = {name for name in names if not name.startswith(("AWS_", "TF_"))}
            # Terraform itself adds what its providers need: certificates and ports of the way to them
            assert beyond <= {"PATH", "HOME", "CHECKPOINT_DISABLE", "TMPDIR", "LC_CTYPE"} | {
                name for name in beyond if name.startswith("PLUGIN_")
            }, running[pid]
            assert not names & {"TF_CLI_ARGS_plan"}
        process.kill()
    wait_for(lambda: not seat.programs(), "the end", within=20)
