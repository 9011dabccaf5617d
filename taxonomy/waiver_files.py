"""Read the waivers and noise rules of the taxonomy's directories.

A directory may hold ``waivers/*.yaml`` and ``noise/*.yaml``, each a list. Nothing is raised for what is
written wrong: it waives nothing, and reports tell of it; `refuse_wrong` is for whoever checks files.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taxonomy.errors import Problem, RuleError
from taxonomy.waivers import Filed, Noise, Waiver, Waivers, Written, too_late
from taxonomy.yaml_file import YamlFile, read


def read_waivers(folders: Iterable[tuple[Path, str]]) -> Waivers:
    """Return what the directories hold; nothing is raised for what is written wrong.

    Args:
        folders: directories of the taxonomy, each with the name that problems show.
    """
    problems: list[Problem] = []
    listed = list(folders)
    waivers = [one for place in listed for one in _read(*place, "waivers", Waiver, problems)]
    noise = [one for place in listed for one in _read(*place, "noise", Noise, problems)]
    twice = _twice([*waivers, *noise], problems)
    return Waivers(
        waivers=tuple(one for one in waivers if one.what.id not in twice),
        noise=tuple(one for one in noise if one.what.id not in twice),
        problems=tuple(problems),
    )


def refuse_wrong(waivers: Waivers, *, now: datetime) -> None:
    """Do nothing where all is written right.

    Raises:
        RuleError: something can't be read, or ends too late ever to hold; all of it at once.
    """
    every: tuple[Filed[Any], ...] = (*waivers.waivers, *waivers.noise)
    late = (
        Problem(file=one.file, line=one.line, where="expires", message=told)
        for one in every
        if (told := too_late(one.what, now)) is not None
    )
    if problems := [*waivers.problems, *late]:
        raise RuleError(problems)


def _read(
    folder: Path, shown: str, name: str, kind: type[Written], problems: list[Problem]
) -> Iterable[Filed[Written]]:
    for path in sorted((folder / name).glob("*.y*ml")):
        file = read(path, name=f"{shown}/{name}/{path.name}")
        if not isinstance(file, YamlFile):
            problems += file
        elif path.suffix != ".yaml":
            problems.append(file.problem((), "is not read: name it with the ending .yaml"))
        elif not isinstance(file.value, list):
            problems.append(file.problem((), "expected a list, each entry beginning with - id:"))
        else:
            yield from _entries(file, kind, problems)


def _entries(file: YamlFile, kind: type[Written], problems: list[Problem]) -> Iterable[Filed[Written]]:
    for index, written in enumerate(file.value):
        try:
            what = kind.model_validate(written)
        except ValidationError as error:
            problems += file.problems(error, below=(index,), model=kind)
            continue
        yield Filed(what=what, file=file.name, line=file.line((index, "id")))


def _twice(filed: Iterable[Filed[Any]], problems: list[Problem]) -> set[str]:
    """Return ids that several bear: none of these holds, for nobody knows which is meant."""
    by_id: dict[str, list[Filed[Any]]] = {}
    for one in filed:
        by_id.setdefault(one.what.id, []).append(one)
    twice = {name: same for name, same in by_id.items() if len(same) > 1}
    for name, same in twice.items():
        places = ", ".join(one.place for one in same)
        message = f"{name} is used in {places}; none of them holds until each has an id of its own"
        problems += [Problem(file=one.file, line=one.line, where="id", message=message) for one in same]
    return set(twice)
