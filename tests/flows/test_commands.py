"""The command as people and programs run it: exit codes, streams, and failures that hide nothing."""

import fcntl
import json
import re
import socket
import subprocess
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from yard import RECORDED, ROOT, START, Done, Yard

from evidence.query import connect
from evidence.verify import verify
from flows import report
from flows.sweeping import sweep_once

LIMITED = (
    "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    f"resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)); {START}"
)


def outcomes(done: Done) -> dict[str, str]:
    return {target["name"]: target["outcome"] for target in done.document["targets"]}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def one_line(done: Done) -> str:
    (line,) = [line for line in done.err.splitlines() if not re.match(r"\[\d/\d\] ", line)]
    assert "Traceback" not in done.err
    return line


def test_a_clean_estate_is_0_and_its_document_is_all_of_standard_output(yard: Yard) -> None:
    done = yard.run("detect", "-o", "json")
    assert (done.code, done.document["exit_code"]) == (0, 0)
    assert outcomes(done) == {"plan": "clean", "fleet": "clean"}
    assert "[2/2]" in done.err
    assert "\x1b" not in done.out + done.err


def test_open_drift_is_2_the_same_twice_and_3_where_it_is_bad_enough(yard: Yard) -> None:
    # the first clean look seals a baseline, which the next ones compare with
    sweep_once(yard.settings, names=("plan",))
    yard.show_report("web-01")
    first = yard.run("--quiet", "detect", "-o", "json", "-o", "table:seen.txt")
    assert (first.code, first.err) == (2, "")
    again = yard.run("--no-color", "detect", "-o", "json:again.json", "--fail-on", "high", NO_COLOR="1")
    assert (again.code, again.out) == (3, "")
    documents: list[Any] = [first.document, json.loads((yard.folder / "again.json").read_text())]
    for document in documents:
        for name in ("sweep_id", "started_at", "ended_at", "exit_code"):
            document.pop(name)
        for target in document["targets"]:
            target.pop("seconds")
    assert documents[0] == documents[1]
    assert "ssh-01" in (yard.folder / "seen.txt").read_text()
    listed = yard.run("drift", "list", "-o", "json")
    assert listed.code == 2
    assert {one["drift_id"] for one in listed.document} == {one["drift_id"] for one in documents[0]["drift"]}
    verify(yard.evidence, trust=yard.settings.trust)


BROKEN: dict[str, tuple[Any, str]] = {
    "a file that is not there": (lambda yard: (yard.folder / "plan.json").unlink(), "plan.json"),
    "JSON that ends too early": (lambda yard: yard.show_plan('{"format_version": "1.2", '), "JSON"),
    "an empty file": (lambda yard: yard.show_plan(""), "plan.json is empty"),
    "a plan of no plan": (lambda yard: yard.show_plan({}), ""),
    "a report without profiles": (
        lambda yard: (yard.folder / "reports" / "web-01.json").write_text('{"profiles": []}'),
        "",
    ),
    "no report at all": (lambda yard: (yard.folder / "reports" / "web-01.json").unlink(), "reports/*.json"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_target_that_fails_is_1_and_hides_no_other(yard: Yard, name: str) -> None:
    spoil, said = BROKEN[name]
    spoil(yard)
    done = yard.run("detect", "-o", "json")
    assert done.code == 1
    assert sorted(outcomes(done).values()) == ["clean", "could-not-look"]
    (blind,) = [target for target in done.document["targets"] if target["outcome"] == "could-not-look"]
    assert said in blind["reason"]
    assert "Holdfast itself failed" not in blind["reason"]


def test_what_is_open_stays_told_where_its_target_can_no_longer_be_looked_at(yard: Yard) -> None:
    yard.show_plan((RECORDED / "drifted.json").read_text())
    first = yard.run("detect", "--target", "plan", "-o", "json").document["drift"]
    (yard.folder / "plan.json").unlink()
    done = yard.run("detect", "-o", "json", "-o", "table:seen.txt")
    assert (done.code, done.document["drift"]) == (1, [])
    assert {one["drift_id"] for one in done.document["unlooked"]} == {one["drift_id"] for one in first}
    assert (
        f"0 open drift seen now; {len(first)} open from earlier looks"
        in (yard.folder / "seen.txt").read_text()
    )


def test_half_a_character_in_an_answer_ends_no_sweep(yard: Yard) -> None:
    plan = yard.folder / "plan.json"
    plan.write_text(plan.read_text().replace('"ledger"', '"\\ud800"'))
    done = yard.run("detect", "-o", "json")
    assert "Traceback" not in done.err
    assert (done.code, outcomes(done)) == (0, {"plan": "clean", "fleet": "clean"})


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["detect", "--nope"], 64, "No such option"),
        (["detect", "--layer", "chef"], 64, "chef"),
        (["detect", "-o", "xml"], 64, "expected one of table, json"),
        (["detect", "-o", "json", "-o", "table"], 64, "one format for standard output"),
        (["nonsense"], 64, "No such command"),
        (["freeze"], 64, "--reason"),
        (["review", "waive", "abcdef", "--reason", "Long enough.", "--until", "2027-01-01"], 64, "offset"),
        (["detect", "--target", "none"], 1, "no target is called 'none'"),
        (["detect", "--target", "plan", "--layer", "inspec"], 1, "no target is plan and inspec"),
        (["drift", "explain", ""], 1, "expected the beginning of one open drift's id"),
        (["detect", "-o", "json:nowhere/x.json"], 1, "nowhere/x.json"),
        (["detect", "--remediate"], 1, "needs a Prefect server and worker"),
        (["--estate", "none.yaml", "detect"], 1, "none.yaml: can't be read"),
        (["review", "approve", "abcdef", "--reason", "Long enough."], 1, "expected 6 or more characters"),
    ],
)
def test_what_can_not_be_done_is_said_before_anything_is(
    yard: Yard, arguments: list[str], code: int, said: str
) -> None:
    done = yard.run(*arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert not yard.evidence.exists()


def test_evidence_that_was_changed_is_4_and_nothing_is_recorded(yard: Yard) -> None:
    assert yard.run("freeze", "--reason", "incident").code == 0
    (record,) = (yard.evidence / "records").rglob("framework=nist*/control_id=CM-5/**/*.parquet")
    record.chmod(0o600)
    record.write_bytes(record.read_bytes().replace(b"incident", b"accident"))
    before = files(yard.evidence)
    done = yard.run("detect", "-o", "json")
    assert (done.code, done.out) == (4, "")
    assert "the evidence does not verify" in done.err
    assert files(yard.evidence) == before


def test_a_full_disk_is_1_in_one_line_and_the_evidence_stays_whole(yard: Yard) -> None:
    assert yard.run("thaw", "--reason", "a first record").code == 0
    before = files(yard.evidence)
    done = yard.run("detect", start=LIMITED)
    assert (done.code, done.out) == (1, "")
    assert one_line(done).endswith("nothing was recorded: File too large")
    assert {name: data for name, data in files(yard.evidence).items() if "_staging" not in name} == {
        name: data for name, data in before.items() if "_staging" not in name
    }
    verify(yard.evidence, trust=yard.settings.trust)


def test_a_reader_that_leaves_is_no_failure_that_shouts(yard: Yard) -> None:
    process = yard.process("taxonomy", "coverage")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in said


def test_an_output_that_takes_nothing_is_1_in_one_line(yard: Yard) -> None:
    process = subprocess.run(
        [sys.executable, "-P", "-c", START, "taxonomy", "coverage"],
        cwd=yard.folder,
        stdout=Path("/dev/full").open("w"),  # noqa: SIM115 - closed with the process
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (1, "holdfast: No space left on device\n")


def test_up_takes_no_port_that_somebody_listens_on(yard: Yard) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = yard.run("up", "--port", str(port))
    assert done.code == 1
    assert one_line(done).endswith(f"port {port} of 127.0.0.1 is taken; choose another with --port")


def test_two_can_not_serve_from_one_home(yard: Yard) -> None:
    home = yard.home / "prefect"
    home.mkdir()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        done = yard.run("up", "--port", str(port))
    assert done.code == 1
    assert "another `holdfast up` serves from here" in one_line(done)


class Page(BaseHTTPRequestHandler):
    """Answers everything with a page, as a proxy's login does."""

    def do_POST(self) -> None:
        body = b"<html>sign in</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        return


def test_a_page_where_prefect_should_be_is_said_in_one_line(yard: Yard) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/api"
        done = yard.run("detect", "--remediate", PREFECT_API_URL=url)
    finally:
        server.shutdown()
        server.server_close()
    assert done.code == 1
    assert f"Prefect does not answer at {url}" in one_line(done)


def test_a_prefect_that_does_not_answer_keeps_nobody_from_looking(yard: Yard) -> None:
    done = yard.run("detect", "-o", "json", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert (done.code, outcomes(done)["plan"]) == (0, "clean")
    assert "looking without it" in done.err


def test_a_rule_with_an_unknown_key_is_said_with_its_line(yard: Yard) -> None:
    rules = yard.folder / "rules.d" / "rules"
    rules.mkdir(parents=True)
    (rules / "own.yaml").write_text("- id: own-001\n  title: A rule of our own\n  sverity: high\n")
    yard.write(taxonomy=["builtin", "rules.d"])
    done = yard.run("detect")
    assert done.code == 1
    assert re.search(r"own\.yaml:3:\d+: .*sverity.*unknown key", done.err)
    assert yard.run("taxonomy", "lint", "rules.d").code == 1
    (rules / "own.yaml").write_text('- id: own-001\n  controls: ["soc2:../../x"]\n')
    done = yard.run("taxonomy", "lint", "rules.d")
    assert done.code == 1
    assert re.search(r"own\.yaml:2:\d+: .*controls.*expected a control as framework:id", done.err)


def test_keys_are_made_once_and_private(yard: Yard) -> None:
    for path in yard.home.iterdir():
        path.unlink()
    made = yard.run("evidence", "key")
    assert made.code == 0
    assert re.fullmatch(r"#.*\n  - \{key_id: [0-9a-f]{16}, purpose: evidence\}\n", made.out)
    kept = files(yard.home)
    assert {path.stat().st_mode & 0o777 for path in yard.home.glob("*.key")} == {0o600}
    again = yard.run("evidence", "key")
    assert (again.code, again.out, files(yard.home)) == (0, made.out, kept)


def test_a_person_makes_a_key_and_is_told_what_to_enrol(yard: Yard) -> None:
    made = yard.run("review", "key", "--person", "platform-oncall")
    assert made.code == 0
    assert "purpose: approval" in made.out
    assert (yard.home / "approval.key").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in made.out + made.err
    kept = files(yard.home)
    again = yard.run("review", "key", "--person", "platform-oncall")
    assert (again.code, again.out, files(yard.home)) == (0, made.out, kept)
    assert set(yaml.safe_load(made.out)) == {"people", "trust"}


def test_doctor_says_what_is_missing(yard: Yard) -> None:
    assert yard.run("doctor").code == 0
    (yard.home / "redaction.key").unlink()
    yard.write(people=[{"id": "a", "review_key": "keys/none.pub"}])
    done = yard.run("doctor")
    assert done.code == 1
    assert "no key, no run" in " ".join(done.out.split())
    assert "none.pub" in done.out.replace("\n", "")


def test_doctor_looks_for_the_program_of_each_workspace(yard: Yard) -> None:
    where = {"layer": "terraform", "path": "code", "account": "123456789012", "region": "eu-west-1"}
    targets = [{"name": "a", **where, "binary": "tofu"}, {"name": "b", **where}]
    (yard.folder / "bin").mkdir()
    yard.write(targets=targets)
    done = yard.run("doctor", PATH=str(yard.folder / "bin"))
    said = " ".join(done.out.split())
    assert done.code == 1
    assert "tofu is not on PATH; install it from https://opentofu.org" in said
    assert "terraform is not on PATH; install it from https://developer.hashicorp.com" in said
    for name in ("tofu", "terraform"):
        (yard.folder / "bin" / name).touch(mode=0o755)
    assert yard.run("doctor", PATH=str(yard.folder / "bin")).code == 0


IN_CODE = """
SELECT DISTINCT source, attribute, details->>'source_file' AS file, (details->>'source_line')::INT AS line
FROM records WHERE step = 'classified'
"""


def test_a_drift_names_its_line_of_code_in_the_document_the_evidence_and_on_the_terminal(yard: Yard) -> None:
    code = ROOT / "examples" / "acme"
    yard.show_plan((RECORDED / "drifted.json").read_text())
    yard.write(targets=[{"name": "plan", "layer": "terraform", "plan_json": "plan.json", "code": str(code)}])
    drifts = [drift for drift, _ in sweep_once(yard.settings).drifts]
    changes = [change for drift in drifts for change in report.drift_document(drift)["changes"]]
    with closing(connect(yard.evidence)) as connection:
        rows = connection.execute(IN_CODE).fetchall()
    assert {row[2:] for row in rows} == {tuple(change["source"].values()) for change in changes}
    for source, attribute, file, number in rows:
        line = (code / file).read_text().splitlines()[number - 1]
        words = {*attribute.split("."), *re.sub(r"\[[^]]*\]", "", source.partition(":")[2]).split(".")}
        assert words & set(re.findall(r"\w+", line))
    shown = yard.run("drift", "show", drifts[0].drift_id).out
    assert "class A: an apply would undo it" in shown
    assert all(f"in code   {change.in_code}" in shown for change in drifts[0].changes)
