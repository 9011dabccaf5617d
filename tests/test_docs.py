"""What the documents say is compared with the program: a page that lies is a bug."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
import yaml
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from evidence.cli import evidence as auditors
from flows import approvals, estate, exits, remediation
from flows.cli import holdfast
from flows.part import Part

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"])
README = (ROOT / "README.md").read_text("utf-8")
ESTATE_PAGE = (ROOT / "docs" / "estate.md").read_text("utf-8")

SECTIONS: dict[str, type[Part]] = {
    "The file": estate.Estate,
    "`evidence`": estate.EvidencePart,
    "`targets`, `layer: terraform`": estate.TerraformPart,
    "`mass_deletion`": estate.MassDeletionPart,
    "`targets`, `layer: aws_config`": estate.AwsConfigPart,
    "`targets`, `layer: azure_policy`": estate.AzurePolicyPart,
    "`targets`, `layer: inspec`": estate.InspecPart,
    "`unmanaged`": estate.UnmanagedPart,
    "`unmanaged.ignore`": estate.IgnoredPart,
    "`people`": approvals.Person,
    "`trust`": approvals.TrustedKey,
    "`approvals`": approvals.Approvals,
    "`approvals.critical` … `approvals.default`": approvals.Quorum,
    "`approvals.slack`": approvals.SlackPart,
    "`remediation`": remediation.Remediation,
    "`remediation.auto_classes`": remediation.AutoClassPart,
    "`remediation.limits`": remediation.Limits,
}

LONGEST = 300
"""Modules that may be longer than the others, and how long."""

MACHINE_PATH = re.compile(r"(?<![\w.$}*-])/(?:work|root|opt|home)/[\w.]")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(text: str) -> Iterator[str]:
    """Yield what stands in code and is typed: from spans, and from lines of blocks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    for typed in [*lines, *spans]:
        if re.match(r"(\$ )?(holdfast|python -m evidence) ", typed):
            yield typed.removeprefix("$ ").split("#")[0].strip()


def resolve(typed: str) -> click.Command:
    """Return the command that a line types, every option of it known."""
    words = re.sub(r"\"[^\"]*\"|'[^']*'", "TEXT", typed.replace("\\|", " ")).split()
    auditing = words[0] == "python"
    command: click.Command = auditors if auditing else holdfast
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words[3 if auditing else 1 :]:
        if isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", word):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"`{typed}`: there is no command {word}"
            command = found
            known |= {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", word):
            assert option in known, f"`{typed}`: there is no option {option}"
    return command


def leaves(group: click.Group, above: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{above} {name}")
        else:
            yield f"{above} {name}"


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading, each cell stripped."""
    section = re.split(r"^#+ ", page, flags=re.MULTILINE)
    body = next(part for part in section if part.startswith(heading + "\n"))
    table = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table[2:]]


def code(cell: str) -> Any:
    found = re.search(r"`([^`]+)`", cell)
    return yaml.safe_load(found[1]) if found else None


def validate(field: FieldInfo, value: Any) -> Any:
    kind: Any = field.annotation
    for constraint in field.metadata:
        kind = Annotated[kind, constraint]
    return TypeAdapter(kind).validate_python(value)


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nobody knows which files are tracked")
    return tuple(
        path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_a_page_is_one_of_the_program(page: Path) -> None:
    for typed in commands(page.read_text("utf-8")):
        resolve(typed)


def test_a_command_or_option_that_is_not_there_is_noticed() -> None:
    for typed in ("holdfast conjure", "holdfast drift conjure ID", "python -m evidence verify --conjure X"):
        with pytest.raises(AssertionError, match="there is no"):
            resolve(typed)


def test_the_readme_names_every_command() -> None:
    told = set(commands(README))
    for leaf in leaves(holdfast, "holdfast"):
        assert any(f"{typed} ".startswith(f"{leaf} ") for typed in told), (
            f"the README does not tell of {leaf}"
        )


def test_the_exit_codes_of_the_readme_are_the_programs() -> None:
    told = {int(code_) for code_ in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {value for name, value in vars(exits).items() if name.isupper()}


def test_the_estate_of_the_readme_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(version: 1\n.*?)^```", README, re.DOTALL | re.MULTILINE)
    file = tmp_path / "holdfast.yaml"
    file.write_text(text, "utf-8")
    read = estate.read_estate(file)
    assert {target.layer for target in read.targets} == {"terraform", "aws_config", "azure_policy", "inspec"}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_estate_page_lists_the_keys_that_the_file_may_hold(heading: str) -> None:
    told = [code(row[0]) for row in rows(ESTATE_PAGE, heading)]
    assert told == list(SECTIONS[heading].model_fields)


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_estate_page_tells_each_default_and_an_example_that_is_accepted(heading: str) -> None:
    for key, _, default, example in rows(ESTATE_PAGE, heading):
        field = SECTIONS[heading].model_fields[code(key)]
        assert field.is_required() == (default == ""), f"{key}: is it required?"
        if default.startswith("none"):
            assert field.default is None, key
        elif default.startswith("`"):
            assert validate(field, code(default)) == field.get_default(call_default_factory=True), key
        if example.startswith("`"):
            assert validate(field, code(example)) is not None, key


def test_the_estate_page_lists_every_variable_that_settings_read() -> None:
    source = (ROOT / "flows" / "settings.py").read_text("utf-8")
    told = {row[0].strip("`") for row in rows(ESTATE_PAGE, "The environment")}
    assert set(re.findall(r"\"(HOLDFAST_[A-Z_]+)\"", source)) <= told


def test_the_schedules_told_are_those_deployed() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    scheduled = {
        f"{one['name']}, {schedule['slug']}" for one in deployments for schedule in one.get("schedules", ())
    }
    page = (ROOT / "docs" / "production.md").read_text("utf-8")
    assert {row[0].replace("`", "") for row in rows(page, "Schedule")} == scheduled


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for place in re.findall(r"\]\((?!https?://)([^)\s]+)\)", page.read_text("utf-8")):
        file, _, anchor = place.partition("#")
        aim = (page.parent / file).resolve() if file else page
        assert aim.exists(), f"{name_of(page)} links to {place}"
        headings = re.findall(r"^#+ (.+)$", aim.read_text("utf-8"), re.MULTILINE) if anchor else []
        slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in slugs, f"{name_of(page)} links to {place}, which is no heading"


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{name_of(path)}: {hit[0]}"
        for path in tracked()
        if (hit := MACHINE_PATH.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert found == []


def test_the_lock_file_names_no_package_index() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"://|index-url|find-links|trusted-host", lock)


def test_no_module_is_longer_than_a_reader_bears() -> None:
    modules = [path for path in tracked() if path.suffix == ".py" and name_of(path).split("/")[0] != "tests"]
    assert modules
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert too_long == {}
