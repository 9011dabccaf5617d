"""Classify the table `changes` by a rulebook: one SQL CASE, asked no oftener than rows differ.

The number that the CASE gives finds the rule's severity, tier and controls. It has two halves. The first is
over the names of a change (type, attribute, direction …) and is asked once for each distinct combination:
many rows drift alike. It says which rule decides, or that a rule before that one asks for values; only
such rows are asked the second half. A join with a table of rules would be twenty times slower.

What no rule can loosen: a change goes to a person, and not to the auto tier, where the remedy
would weaken what is live (`strengthened`), where nobody judged it (`unknown`), where the rule does not
itself name `weakened`, where something is missing, unmanaged or noncompliant, and where applying the
code would not undo it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from taxonomy import newly
from taxonomy.condition import of_names, of_type, of_values, quoted
from taxonomy.controls import UNMAPPED
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Severity
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

UNMATCHED_SEVERITY: Severity = "medium"
"""How bad a change is that no rule matches and no tool has graded."""

NAMES = (
    "layer",
    "provider",
    "resource_type",
    "attribute",
    "kind",
    "environment",
    "direction",
    "drift_class",
    "reported_severity",
    "reported_controls",
)
"""What the first half looks at, and what decides beside the rule."""

DIGESTS = ("hash({names})", "row({names})")
"""How a combination of names is told from others: by its hash, and where two share one, by itself."""


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The rules as SQL; each condition gives the number of its rule in deciding order, the last is none.

    Args:
        plain: over names: the first rule that holds and asks for nothing else.
        before: over names: the first rule that may hold and asks for values too.
        valued: over names and values: the first such rule that holds.
    """

    plain: str
    before: str
    valued: str


_KEYS = """
CREATE OR REPLACE TEMP TABLE keys AS
WITH named AS MATERIALIZED (
    SELECT {names}, {digest} AS key, lower(resource_type) AS lowered
    FROM (SELECT DISTINCT {names} FROM changes)
)
SELECT *, {plain} AS plain, {before} AS before FROM named
"""

_VALUED = """
CREATE OR REPLACE TEMP TABLE valued AS
SELECT c.row_n, c.key_n AS key, least(k.plain, {valued}) AS ord
FROM (SELECT *, rowid AS row_n, {digest} AS key_n FROM changes) AS c
JOIN (SELECT key, lowered, plain FROM keys WHERE before < plain) AS k ON k.key = c.key_n
{newly}
"""

_NEWLY = """
LEFT JOIN newly AS w ON w.of_declared IS NOT DISTINCT FROM c.declared
    AND w.of_actual IS NOT DISTINCT FROM c.actual AND w.of_account IS NOT DISTINCT FROM c.account
"""

_DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
WITH pairs AS (
    SELECT key, plain AS ord FROM keys WHERE before >= plain
    UNION ALL
    SELECT DISTINCT key, ord FROM valued
), cited AS MATERIALIZED (
    SELECT reported_controls,
           list_intersect(reported_controls, (SELECT list(name) FROM known_controls)) AS known
    FROM (SELECT DISTINCT reported_controls FROM keys)
)
SELECT p.key, p.ord, m.rule_id,
       CASE WHEN m.severity IS NOT NULL THEN m.severity
            WHEN k.reported_severity IN ({severities}) THEN k.reported_severity
            ELSE '{unmatched}' END AS severity,
       CASE WHEN m.tier = 'auto' AND NOT coalesce(
                k.kind = 'changed' AND k.drift_class = 'A'
                AND (k.direction = 'lateral' OR (k.direction = 'weakened' AND m.says_weakened)), false)
            THEN 'review' ELSE m.tier END AS tier,
       CASE WHEN len(m.controls) + coalesce(len(c.known), 0) = 0 THEN ['{unmapped}']
            ELSE list_sort(list_distinct(list_concat(m.controls, c.known))) END AS controls
FROM pairs AS p
JOIN keys AS k USING (key)
JOIN meaning AS m USING (ord)
JOIN cited AS c ON c.reported_controls IS NOT DISTINCT FROM k.reported_controls
"""

_CLASSIFIED = """
CREATE OR REPLACE TABLE classified AS
WITH keyed AS (SELECT *, rowid AS row_n, {digest} AS key_n FROM changes)
SELECT c.* EXCLUDE (row_n, key_n), d.rule_id, d.severity, d.tier, d.controls
FROM keyed AS c
LEFT JOIN valued AS v USING (row_n)
JOIN decided AS d ON d.key = c.key_n AND (v.ord IS NULL OR d.ord = v.ord)
"""


def classify(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook) -> None:
    """Make the table `classified` from `changes`: its columns, then rule_id, severity, tier, controls.

    Args:
        connection: holds the table `changes` of `tasks.merge`, `direction` included.
        rulebook: what decides.

    A change that no rule matches is ``unclassified``: review, as severe as its tool says, else medium.
    Controls are the rule's and those the tool reported that the catalogue knows; never an empty list.

    Raises:
        duckdb.Error: the table `changes` is not there or lacks a column.
    """
    rules = concerned(connection, rulebook)
    decide(connection, rulebook, rules, newly.answer(connection, rules))


def concerned(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook) -> tuple[Rule, ...]:
    """Return the rules that may hold for some resource type in `changes`, in deciding order.

    To compile and bind all rules takes a second, and most sweeps see few types.
    """
    types = connection.execute("SELECT DISTINCT resource_type FROM changes").fetchall()
    found = {rule.id for (name,) in types for rule in rulebook.typed.of(name)}
    return tuple(rule for rule in rulebook.ordered if rule.id in found)


def decide(
    connection: duckdb.DuckDBPyConnection,
    rulebook: Rulebook,
    rules: Sequence[Rule],
    asked: newly.Asked,
    *,
    digests: Sequence[str] = DIGESTS,
) -> None:
    """Do what `classify` promises, the table `newly` being there.

    Args:
        connection: holds `changes` and `newly`.
        rulebook: what decides.
        rules: those of it that may hold, in deciding order.
        asked: what `newly.answer` said.
        digests: ways to tell combinations of names apart, the last of which is exact.
    """
    compiled = compile_rules(rules, asked)
    _write_meaning(connection, rulebook, rules)
    digest = _keys(connection, compiled, digests)
    join = _NEWLY if asked.columns else ""
    connection.execute(_VALUED.format(valued=compiled.valued, digest=digest, newly=join))
    connection.execute(
        _DECIDED.format(
            severities=", ".join(quoted(severity) for severity in SEVERITIES),
            unmatched=UNMATCHED_SEVERITY,
            unmapped=UNMAPPED,
        )
    )
    connection.execute(_CLASSIFIED.format(digest=digest))


def compile_rules(rules: Sequence[Rule], asked: newly.Asked) -> Compiled:
    """Return the CASE over the rules, which stand in deciding order."""
    plain, before, valued = _Cases(), _Cases(), _Cases()
    for number, rule in enumerate(rules):
        of, names = of_type(rule.when), of_names(rule.when)
        if values := of_values(rule.when, asked.names(rule.when)):
            before.add(of, names, number)
            valued.add(of, f"{names} AND {values}" if names else values, number)
        else:
            plain.add(of, names, number)
    none = len(rules)
    return Compiled(plain=plain.sql(none), before=before.sql(none), valued=valued.sql(none))


class _Cases:
    """One CASE for each set of resource types, of which the lowest number counts.

    A row is asked only what is about its type: ten thousand rules in one CASE took a minute for 20,000 rows.
    """

    def __init__(self) -> None:
        self._by_type: dict[str, list[str]] = {}

    def add(self, of_type: str, condition: str, number: int) -> None:
        """Add a rule; within a type, the numbers rise."""
        branch = f"WHEN {condition or 'true'} THEN {number}"
        self._by_type.setdefault(of_type, []).append(branch)

    def sql(self, none: int) -> str:
        """Return the number of the first rule that holds, or `none`."""
        cases = [
            "CASE WHEN {} THEN CASE {} ELSE {} END ELSE {} END".format(
                of_type or "true", "\n".join(branches), none, none
            )
            for of_type, branches in self._by_type.items()
        ]
        return f"least({', '.join([*cases, str(none)])})"


def _keys(connection: duckdb.DuckDBPyConnection, compiled: Compiled, digests: Sequence[str]) -> str:
    """Make the table `keys` and return the SQL that tells a row's key."""
    names = ", ".join(NAMES)
    for digest in (written.format(names=names) for written in digests):
        connection.execute(
            _KEYS.format(names=names, digest=digest, plain=compiled.plain, before=compiled.before)
        )
        clashes = connection.execute("SELECT count(*) - count(DISTINCT key) FROM keys").fetchall()
        if clashes == [(0,)]:
            break
    return digest


def _write_meaning(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, rules: Sequence[Rule]) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE meaning AS
        SELECT unnest(?::INTEGER[]) AS ord, unnest(?::VARCHAR[]) AS rule_id, unnest(?::VARCHAR[]) AS severity,
               unnest(?::VARCHAR[]) AS tier, unnest(?::BOOLEAN[]) AS says_weakened,
               unnest(?::VARCHAR[][]) AS controls
        """,
        [
            [*range(len(rules) + 1)],
            [*(rule.id for rule in rules), UNCLASSIFIED],
            [*(rule.severity for rule in rules), None],
            [*(rule.tier for rule in rules), "review"],
            [*("weakened" in (rule.when.direction or ()) for rule in rules), False],
            [*(list(rule.controls) for rule in rules), []],
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known_controls AS SELECT unnest(?::VARCHAR[]) AS name",
        [sorted(rulebook.catalogue.controls)],
    )
