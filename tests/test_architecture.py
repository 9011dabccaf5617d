"""The house: who may import whom, who may read the clock, the environment, or change the world."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("evidence", "taxonomy", "tasks", "flows", "examples")

MAY_IMPORT = {
    "evidence": {"evidence"},
    "taxonomy": {"taxonomy"},
    "tasks": {"tasks", "taxonomy", "evidence"},
    "flows": {"flows", "tasks", "taxonomy", "evidence"},
    "examples": set(OURS),
}
EXCEPTIONS = {("flows/cli/demo.py", "examples")}
"""The demo is a command, and its story is an example."""

STARTS = ("tasks/terraform/warm.py", "flows/up.py", "flows/keeper.py", "evidence/bundle/ed25519.py")
"""What stays started while others speak to it, each through a keeper; that keeper; and what an
auditor's verify.py holds, which may ask openssl where nothing else of ours is."""

REFUSED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "mixins"}


def modules() -> list[Path]:
    return sorted(path for part in OURS for path in (ROOT / part).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def attributes(path: Path) -> set[str]:
    return {
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_arrows_point_one_way(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0]
    used = {name.split(".")[0] for name in imports(path)} & set(OURS)
    wrong = {other for other in used - MAY_IMPORT[part] if (name_of(path), other) not in EXCEPTIONS}
    assert not wrong, f"{name_of(path)} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_prefect_stays_in_flows_and_in_one_file_of_tasks(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] in {"flows", "examples"} or name_of(path) == "tasks/steps.py":
        return
    assert not {name for name in imports(path) if name.split(".")[0] == "prefect"}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_settings_reads_the_environment(path: Path) -> None:
    if name_of(path) == "flows/settings.py":
        return
    read = {a for a in attributes(path) if a in {"os.environ", "os.getenv", "os.environb"}}
    assert not read, f"{name_of(path)} reads the environment"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_flows_and_steps_read_the_clock(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0]
    if part in {"flows", "examples"} or name_of(path) == "tasks/steps.py":
        return
    read = attributes(path) & {"datetime.now", "datetime.utcnow", "time.time", "date.today"}
    assert not read, f"{name_of(path)} reads the clock; it should take `now`"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_remedies_and_the_runner_they_share_may_apply(path: Path) -> None:
    if name_of(path).startswith(("tasks/remedies/", "tasks/terraform/", "examples/")):
        return
    words = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in {"apply", "destroy", "-auto-approve"}
    }
    assert not words, f"{name_of(path)} speaks of {words}; only tasks/remedies changes the world"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_programs_are_started_behind_a_keeper_only(path: Path) -> None:
    if not name_of(path).startswith(("tasks/program/", "examples/", *STARTS)):
        assert "subprocess" not in imports(path)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_names_say_what_a_module_holds(path: Path) -> None:
    assert path.stem not in REFUSED_NAMES
    assert path.parent.name not in REFUSED_NAMES


def test_no_test_patches_what_it_tests() -> None:
    patching = [p.name for p in (ROOT / "tests").rglob("*.py") if "unittest.mock" in imports(p)]
    assert patching == []


def test_the_evidence_needs_neither_prefect_nor_a_cloud() -> None:
    for path in (ROOT / "evidence").rglob("*.py"):
        roots = {name.split(".")[0] for name in imports(path)}
        assert not roots & {"prefect", "boto3", "azure", "pandas", "great_expectations"}, name_of(path)


def test_tests_can_run_together() -> None:
    """Pytest puts every test folder on the path, so two modules of one name hide each other."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert len({path.name for path in tests}) == len(tests)
    assert [path.name for path in tests if "conftest" in {name.split(".")[0] for name in imports(path)}] == []
