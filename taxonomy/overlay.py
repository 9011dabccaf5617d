"""Lay directories of the taxonomy over each other, and remember what each changed of those before it.

A whole rule of a known id replaces that rule; an entry with ``revises:`` replaces the fields that it
names, each of them whole; ``retired.yaml`` takes rules away. What comes out is validated like any rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from taxonomy.controls import Catalogue
from taxonomy.errors import Problem
from taxonomy.loosening import Difference, Effect, differences, worst
from taxonomy.place import Place
from taxonomy.rule import Rule
from taxonomy.rule_files import Directory, Partial, Retired, Written, uncited


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What a directory changed of a rule of an earlier one.

    Args:
        after: None where it retired the rule.
        places: where each field that it changed was written; of a retired rule, of its ``id``.
        reason: why; None where nobody said.
    """

    before: Rule
    after: Rule | None
    places: Mapping[str, Place]
    reason: str | None

    @property
    def rule_id(self) -> str:
        """The rule that was changed."""
        return self.before.id

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What decides otherwise than before; nothing of a retired rule, or where only words moved."""
        return differences(self.before.meaning(), self.after.meaning()) if self.after else ()

    @property
    def effect(self) -> Effect:
        """The worst that it comes to."""
        return worst(one.effect for one in self.differences) if self.after else "loosened"


@dataclass(kw_only=True)
class Laid:
    """Rules by id as directories are laid over each other, first to last."""

    written: dict[str, Written] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    retired: dict[str, tuple[Retired, Place]] = field(default_factory=dict)
    underneath: tuple[Rule, ...] | None = None
    problems: list[Problem] = field(default_factory=list)

    def lay(self, directory: Directory, catalogue: Catalogue) -> None:
        """Lay a directory over those before it; what is wrong is added to the problems."""
        earlier = dict(self.written)
        for one, place in directory.retired:
            self._retire(one, place, earlier)
        for whole in directory.rules:
            self._replace(whole, earlier)
        for partial in directory.partials:
            self._merge(partial, earlier, catalogue)
        if self.underneath is None:
            self.underneath = tuple(one.rule for one in self.written.values())

    def _retire(self, one: Retired, place: Place, earlier: Mapping[str, Written]) -> None:
        self.retired[one.id] = (one, place)
        if gone := earlier.get(one.id):
            self.written.pop(one.id, None)
            self.revisions.append(
                Revision(before=gone.rule, after=None, places={"id": place}, reason=one.reason)
            )

    def _replace(self, whole: Written, earlier: Mapping[str, Written]) -> None:
        rule_id, place = whole.rule.id, whole.places["id"]
        if found := self.retired.get(rule_id):
            message = f"{rule_id} is retired in {found[1]}; ids are never used again, choose a new one"
            self.problems.append(Problem(file=place.file, line=place.line, where="id", message=message))
            return
        self.written[rule_id] = whole
        if known := earlier.get(rule_id):
            self.revisions.append(
                Revision(before=known.rule, after=whole.rule, places=whole.places, reason=None)
            )

    def _merge(self, partial: Partial, earlier: Mapping[str, Written], catalogue: Catalogue) -> None:
        known = earlier.get(partial.rule_id)
        if known is None or self.written.get(partial.rule_id) is not known:
            self.problems.append(
                partial.file.problem((partial.index, "revises"), self._unknown(partial.rule_id))
            )
            return
        merged = {**known.fields, **partial.fields}
        try:
            rule = Rule.model_validate(merged)
        except ValidationError as error:
            self.problems += partial.file.problems(error, below=(partial.index,), model=Rule)
            return
        places = {name: partial.place(name) for name in partial.fields}
        revision = Revision(before=known.rule, after=rule, places=places, reason=partial.reason)
        if "controls" in partial.fields:
            self.problems += uncited(partial.file, partial.index, rule, catalogue)
        self.problems += _unreasoned(partial, revision)
        self.revisions.append(revision)
        self.written[rule.id] = Written(rule=rule, fields=merged, places={**known.places, **places})

    def _unknown(self, rule_id: str) -> str:
        if found := self.retired.get(rule_id):
            return f"{rule_id} is retired in {found[1]}, so there is nothing to revise"
        here = rule_id in self.written
        hint = "change it where it stands" if here else "check its spelling, or write a whole rule with id:"
        return f"expected the id of a rule of an earlier directory, got {rule_id}; {hint}"


def _unreasoned(partial: Partial, revision: Revision) -> Iterable[Problem]:
    looser = [str(one) for one in revision.differences if one.effect == "loosened"]
    if looser and not (partial.reason or "").strip():
        message = f"loosens {partial.rule_id} ({'; '.join(looser)}); say why in reason:"
        yield partial.file.problem((partial.index, "revises"), message)
