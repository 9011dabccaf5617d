"""The controls of a report, each once: of an overlay's chain only the entry that ran.

In a report of an overlay every profile of the chain repeats the control ids, and only the base carries
results; `parent_profile` stands on the base and names the overlay.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.errors import ToolError

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of a report, with the results of its tests.

    Args:
        profile: the outermost profile that holds it; with `id` it names the control.
        impact: 0 to 1; None where the format does not say (json-min).
    """

    profile: str
    id: str
    title: str
    impact: float | None
    tags: Json
    waiver: Json
    results: tuple[Json, ...]
    place: Json


def controls_of(document: Json) -> list[Control]:
    """Return every control of the report once, in the report's order."""
    if "profiles" not in document:
        return list(_minimal(_objects(document.get("controls"))))
    profiles = _objects(document.get("profiles"))
    roots = _roots(profiles)
    linked = any(profile.get("parent_profile") for profile in profiles)
    found: dict[tuple[str, str], Control] = {}
    for profile in profiles:
        for entry in _objects(profile.get("controls")):
            control = _control(entry, roots[_name(profile)])
            # Before InSpec 3 an overlay's chain is not linked: there an id that repeats is one control.
            key = (control.profile if linked else "", control.id)
            if _another(found, key, control, linked=linked):
                key = (control.profile, control.id)
            known = found.get(key)
            if known is None or (control.results and not known.results):
                found[key] = control
    return list(found.values())


def refuse_unloaded(document: Json, name: str) -> list[str]:
    """Return what the skipped dependencies say; a profile that did not load leaves nothing to judge.

    Raises:
        ToolError: a profile failed to load, or an outermost one was skipped, or nothing was tested at all.
    """
    skipped = []
    profiles = _objects(document.get("profiles"))
    for profile in profiles:
        status = profile.get("status")
        said = str(profile.get("status_message") or profile.get("skip_message") or "it does not say why")
        if status == "failed" or (status == "skipped" and not profile.get("parent_profile")):
            raise ToolError(f"{name}: profile {_name(profile)} was not run ({status}): {said}")
        if status == "skipped":
            skipped.append(f"profile {_name(profile)} was skipped: {said}")
    if not any(_objects(profile.get("controls")) for profile in (*profiles, document)):
        raise ToolError(f"{name}: the report holds no control; check the profile and its filters")
    return skipped


def _another(
    found: Mapping[tuple[str, str], Control], key: tuple[str, str], control: Control, *, linked: bool
) -> bool:
    """Say whether a repeated id in a report without links belongs to an unrelated profile: both ran."""
    known = found.get(key)
    return not linked and known is not None and bool(known.results) and bool(control.results)


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _name(profile: Json) -> str:
    return str(profile.get("name") or profile.get("title") or "unnamed")


def _roots(profiles: Iterable[Json]) -> dict[str, str]:
    """Return the outermost overlay of each profile; a chain that bites its tail ends where it began."""
    parents = {_name(profile): str(profile.get("parent_profile") or "") for profile in profiles}
    roots = {}
    for name in parents:
        root, seen = name, {name}
        while parents.get(root) and parents[root] in parents and parents[root] not in seen:
            root = parents[root]
            seen.add(root)
        roots[name] = root
    return roots


def _control(entry: Json, profile: str) -> Control:
    impact, tags = entry.get("impact"), entry.get("tags")
    waiver, place = entry.get("waiver_data"), entry.get("source_location")
    return Control(
        profile=profile,
        id=str(entry.get("id") or "unnamed"),
        title=str(entry.get("title") or ""),
        impact=min(impact, 1) if isinstance(impact, (int, float)) and not isinstance(impact, bool) else None,
        tags=tags if isinstance(tags, dict) else {},
        waiver=waiver if isinstance(waiver, dict) else {},
        results=tuple(_objects(entry.get("results"))),
        place=place if isinstance(place, dict) else {},
    )


def _minimal(rows: Iterable[Json]) -> Iterator[Control]:
    """Group json-min's rows, one per result, into controls."""
    grouped: dict[tuple[str, str], list[Json]] = {}
    for row in rows:
        key = (str(row.get("profile_id") or "unnamed"), str(row.get("id") or "unnamed"))
        grouped.setdefault(key, []).append(row)
    for (profile, control_id), results in grouped.items():
        yield Control(
            profile=profile,
            id=control_id,
            title="",
            impact=None,
            tags={},
            waiver={},
            results=tuple(results),
            place={},
        )
