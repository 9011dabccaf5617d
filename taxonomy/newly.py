"""What a change newly lets in, answered once for each distinct pair of values, so that SQL need only look.

Networks and policies are read by the modules that judge directions; what they can't read admits and
grants nothing that anybody knows of, and its direction is `unknown`, which is a person's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import duckdb

from taxonomy import direction_policy, newly_granted
from taxonomy.addresses import Addresses, UnreadableRulesError, read_addresses
from taxonomy.condition import named
from taxonomy.direction_network import Opening, newly_admitted
from taxonomy.direction_policy import Grant, UnreadablePolicyError
from taxonomy.rule import Rule
from taxonomy.when import NewlyAdmits, NewlyGrants, When, ports

Question = NewlyAdmits | NewlyGrants

_READ = 4096
"""How many pairs of values are kept apart as read; the same value drifts in many places."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The questions that a rulebook's rules ask of pairs of values.

    Args:
        columns: the name that each answer has in the table `newly`.
        where: SQL over `changes`: which rows may be asked it.
    """

    columns: Mapping[Question, str]
    where: Mapping[Question, str]

    def names(self, when: When) -> list[str]:
        """Return the columns that hold what this rule asks."""
        return [self.columns[question] for question in _of(when)]


def asked(rules: Iterable[Rule]) -> Asked:
    """Return what the rules ask, each question once."""
    where: dict[Question, dict[str, None]] = {}
    for rule in rules:
        for question in _of(rule.when):
            where.setdefault(question, {})[named(rule.when) or "true"] = None
    return Asked(
        columns={question: f"newly_{number}" for number, question in enumerate(where)},
        where={question: f"({' OR '.join(parts)})" for question, parts in where.items()},
    )


def answer(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> Asked:
    """Make the table `newly`: of_declared, of_actual, of_account, a column for each question; return these.

    Only pairs of the types and attributes that some asking rule names are read, each once.
    """
    questions = asked(rules)
    columns = "".join(f", {name} BOOLEAN" for name in questions.columns.values())
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE newly "
        f"(of_declared VARCHAR, of_actual VARCHAR, of_account VARCHAR{columns})"
    )
    if questions.columns:
        marks = ", ".join(f"bool_or({sql})" for sql in questions.where.values())
        wanted = " OR ".join(questions.where.values())
        rows = connection.execute(
            f"SELECT declared, actual, account, {marks} FROM changes WHERE {wanted} GROUP BY ALL"  # noqa: S608
        ).fetchall()
        _fill(connection, [_answered(row, tuple(questions.columns)) for row in rows])
    return questions


def holds(question: Question, declared: str | None, actual: str | None, account: str | None) -> bool:
    """Whether the change lets in what the question asks for.

    Args:
        question: of a rule.
        declared: canonical JSON; None is nothing.
        actual: likewise.
        account: the resource's own; None where nobody knows it.
    """
    if isinstance(question, NewlyAdmits):
        return any(_opened(question, opening) for opening in _openings(declared, actual))
    return newly_granted.asked(question, _granted(declared, actual), account)


def _of(when: When) -> list[Question]:
    return [question for question in (when.newly_admits, when.newly_grants) if question is not None]


def _answered(row: Sequence[object], questions: Sequence[Question]) -> tuple[object, ...]:
    (declared, actual, account), wanted = row[:3], row[3:]
    sides = (_text(declared), _text(actual), _text(account))
    told = (bool(want) and holds(question, *sides) for question, want in zip(questions, wanted, strict=True))
    return (*sides, *told)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _fill(connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    kinds = ["VARCHAR"] * 3 + ["BOOLEAN"] * (len(rows[0]) - 3)
    lists = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
    connection.execute(
        f"INSERT INTO newly SELECT {lists}", [list(column) for column in zip(*rows, strict=True)]
    )


@lru_cache(maxsize=_READ)
def _openings(declared: str | None, actual: str | None) -> tuple[Opening, ...]:
    try:
        return newly_admitted(_value(declared), _value(actual))
    except (UnreadableRulesError, ValueError, RecursionError):
        return ()


@lru_cache(maxsize=_READ)
def _granted(declared: str | None, actual: str | None) -> tuple[Grant, ...]:
    try:
        return direction_policy.newly_granted(_value(declared), _value(actual))
    except (UnreadablePolicyError, ValueError, RecursionError):
        return ()


def _value(text: str | None) -> object:
    return None if text is None else json.loads(text)


def _opened(question: NewlyAdmits, opening: Opening) -> bool:
    every, some = question.every_address_of, question.any_address_of
    wanted = [
        every is None or any(_whole(text, opening) for text in every),
        some is None or any(_meets(text, opening.new) for text in some),
        question.ports is None or any(_on(written, opening) for written in question.ports),
    ]
    return all(wanted)


def _whole(text: str, opening: Opening) -> bool:
    return _meets(text, opening.new) and not _range(text).minus(opening.admitted)


def _meets(text: str, sources: Addresses) -> bool:
    wanted = _range(text)
    return wanted.minus(sources) != wanted


@lru_cache(maxsize=_READ)
def _range(text: str) -> Addresses:
    return read_addresses(text)


def _on(written: int | str, opening: Opening) -> bool:
    first, last = ports(written)
    return not opening.protocol.startswith("icmp") and first <= opening.last and opening.first <= last
