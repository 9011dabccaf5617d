"""The controls that may be cited, and the many ways in which tools spell them.

Titles are short words of our own; the texts stand at each framework's publisher.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError

from taxonomy.errors import Problem, RuleError
from taxonomy.rule import canonical
from taxonomy.yaml_file import YamlFile, read

UNMAPPED = "none:unmapped"
"""What a change without any known control is filed under; it is counted in every report."""

NIST, SOC2, PCI = "nist-800-53-r5", "soc2", "pci-dss-4.0.1"

_NIST_ID = re.compile(
    r"(?P<family>[A-Z]{2})[-. ](?P<number>\d{1,2})(?!\d)\s*(?:[(.]\s*(?P<enhancement>\d{1,2})(?!\d)\s*\)?)?",
    re.IGNORECASE,
)
_SOC2_ID = re.compile(r"(?P<series>CC|PI|A|C|P)\.?(?P<number>\d\.\d{1,2})", re.IGNORECASE)
_PCI_ID = re.compile(r"(?:Requirement\s+)?(?P<number>A?\d{1,2}(?:\.\d{1,2}){0,4})", re.IGNORECASE)

_FAMILY = re.compile(r"[-.(]")
"""What ends the family in an id: ``AC-2(1)``, ``CC6.1``, ``A1.2``, ``10.2.1``."""

_PREFIXES = (
    (re.compile(r"NIST[_ ]SP[_ ]800-53[_ ]R5(?:\.\d+\.\d+)?[_ ]", re.IGNORECASE), NIST),
    (re.compile(r"nist-800-53-r5:", re.IGNORECASE), NIST),
    (re.compile(r"PCI[_ ]DSS[_ ]v4\.0(?:\.1)?[_ ]", re.IGNORECASE), PCI),
    (re.compile(r"pci-dss-4\.0\.1:", re.IGNORECASE), PCI),
    (re.compile(r"SOC[_ ]2(?:023)?[_ ]", re.IGNORECASE), SOC2),
    (re.compile(r"soc2:", re.IGNORECASE), SOC2),
)
"""How a spelling may begin, and of which framework it then speaks. PCI 4.0.1 renumbered nothing of 4.0."""

Id = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.()-]{0,30}$")]
Title = Annotated[str, Field(min_length=3, max_length=160)]


class ControlFile(BaseModel):
    """One framework's file: its controls by id with a short title, and what replaces withdrawn ones.

    Args:
        families: titles by how their ids begin, such as ``AC`` or ``CC6``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    framework: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    url: HttpUrl
    source: str
    families: dict[Id, Title] = {}
    controls: dict[Id, Title] = Field(min_length=1)
    withdrawn: dict[Id, tuple[Id, ...]] = {}


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control that may be cited.

    Args:
        id: within its framework, such as ``SC-7(3)``.
        title: short words of our own.
        url: where the framework is published.
        family: title of the family that it belongs to; None where its file names none.
    """

    id: str
    framework: str
    title: str
    url: str
    family: str | None = None

    @property
    def name(self) -> str:
        """The control as rules and evidence cite it: ``framework:id``."""
        return f"{self.framework}:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All controls that may be cited, by ``framework:id``.

    Args:
        withdrawn: ``framework:id`` of controls that their publisher withdrew, and what stands for them.
    """

    controls: Mapping[str, Control]
    withdrawn: Mapping[str, tuple[str, ...]]

    def __contains__(self, name: object) -> bool:
        return name in self.controls

    @property
    def digest(self) -> str:
        """The SHA-256 of all ids; titles don't move it."""
        ids = {
            "controls": sorted(self.controls),
            "withdrawn": {k: list(v) for k, v in self.withdrawn.items()},
        }
        return hashlib.sha256(canonical(ids).encode()).hexdigest()

    def normalise(self, spelling: str, framework: str | None = None) -> str | None:
        """Return the one control that a tool's spelling names, as ``framework:id``.

        Args:
            spelling: such as ``SC-8 (1)``, ``CM-6 b``, ``NIST_SP_800-53_R5_AC-2(1)``, ``SOC_2_CC6.1``.
            framework: our word for the framework, where the spelling does not carry it; without
                either, only NIST 800-53 and SOC 2 ids speak for themselves.

        Returns:
            None where it names no known control. Statement letters are dropped: evidence is filed by
            control or enhancement. A withdrawn control is read as what replaced it, where that is one.
        """
        text = " ".join(spelling.split())
        for start, known in _PREFIXES:
            if found := start.match(text):
                return self._named(known, text[found.end() :]) if framework in {None, known} else None
        if framework is not None:
            return self._named(framework, text) if framework in _READERS else None
        return self._named(NIST, text) or self._named(SOC2, text)

    def _named(self, framework: str, text: str) -> str | None:
        for identity in _READERS[framework](text):
            name = f"{framework}:{identity}"
            heirs = self.withdrawn.get(name, ())
            known = [control for control in (name, *heirs) if control in self.controls]
            if len(known) == 1:
                return known[0]
        return None


def _nist(text: str) -> Iterable[str]:
    if found := _NIST_ID.match(text):
        base = f"{found['family'].upper()}-{int(found['number'])}"
        return (f"{base}({int(found['enhancement'])})", base) if found["enhancement"] else (base,)
    return ()


def _soc2(text: str) -> Iterable[str]:
    found = _SOC2_ID.fullmatch(text)
    return (f"{found['series'].upper()}{found['number']}",) if found else ()


def _pci(text: str) -> Iterable[str]:
    found = _PCI_ID.fullmatch(text)
    return (found["number"].upper(),) if found else ()


_READERS = {NIST: _nist, SOC2: _soc2, PCI: _pci}


def read_controls(folders: Iterable[tuple[Path, str]]) -> tuple[Catalogue, list[Problem]]:
    """Return the catalogue of all ``*.yaml`` in the folders, later ones adding to earlier, and what is wrong.

    Args:
        folders: each with the name that problems show.
    """
    controls: dict[str, Control] = {}
    withdrawn: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for folder, shown in folders:
        for path in sorted(folder.glob("*.yaml")):
            file = read(path, name=f"{shown}/{path.name}")
            written = _validated(file) if isinstance(file, YamlFile) else file
            if isinstance(written, list):
                problems += written
                continue
            controls |= {control.name: control for control in _controls(written)}
            withdrawn |= _withdrawn(written)
    return Catalogue(controls=controls, withdrawn=withdrawn), problems


def _validated(file: YamlFile) -> ControlFile | list[Problem]:
    try:
        return ControlFile.model_validate(file.value)
    except ValidationError as error:
        return file.problems(error)


def _controls(written: ControlFile) -> Iterable[Control]:
    for identity, title in written.controls.items():
        yield Control(
            id=identity,
            framework=written.framework,
            title=title,
            url=str(written.url),
            family=written.families.get(_FAMILY.split(identity, maxsplit=1)[0]),
        )


def _withdrawn(written: ControlFile) -> dict[str, tuple[str, ...]]:
    return {
        f"{written.framework}:{old}": tuple(f"{written.framework}:{new}" for new in heirs)
        for old, heirs in written.withdrawn.items()
    }


@cache
def builtin_catalogue() -> Catalogue:
    """Return the catalogue that comes with Holdfast; it is read once.

    Raises:
        RuleError: the installation is damaged.
    """
    with resources.as_file(resources.files("taxonomy") / "controls") as folder:
        catalogue, problems = read_controls([(folder, "builtin/controls")])
    if problems:
        raise RuleError(problems)
    return catalogue


def normalise(spelling: str, framework: str | None = None) -> str | None:
    """Return what a tool's spelling names in the built-in catalogue; see `Catalogue.normalise`."""
    return builtin_catalogue().normalise(spelling, framework)
