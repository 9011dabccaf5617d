"""Classify the table `changes` by a rulebook: one SQL CASE in which predicates over names are columns.

Names (type, attribute, direction …) repeat over many rows, so which rules fit is found once for each
distinct name, as bits of the columns that `taxonomy.columns` joins. What fits all names of a row is their &,
and the CASE looks at values only where a rule that asks for some is among that. A CASE that compares the
names themselves took ten times as long, and a join with a table of rules twenty times.

What no rule can loosen: a change goes to a person, and not to the auto tier, where the remedy
would weaken what is live (`strengthened`), where nobody judged it (`unknown`), where the rule does not
itself name `weakened`, where something is missing, unmanaged or noncompliant, and where applying the
code would not undo it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import duckdb

from taxonomy import newly
from taxonomy.columns import JOINS, WORD, Columns, words
from taxonomy.condition import of_values, quoted
from taxonomy.controls import UNMAPPED
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Severity
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

UNMATCHED_SEVERITY: Severity = "medium"
"""How bad a change is that no rule matches and no tool has graded."""

# whether a rule's tier stands depends on names with few values, so each verdict is made once
_VERDICTS = """
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH cited AS MATERIALIZED (
    SELECT reported_controls,
           list_intersect(reported_controls, (SELECT list(name) FROM known_controls)) AS known
    FROM (SELECT DISTINCT reported_controls FROM circumstances)
)
SELECT k.circumstance, m.ord, m.rule_id,
       CASE WHEN m.severity IS NOT NULL THEN m.severity
            WHEN k.reported_severity IN ({severities}) THEN k.reported_severity
            ELSE '{unmatched}' END AS severity,
       CASE WHEN m.tier = 'auto' AND NOT coalesce(
                k.kind = 'changed' AND k.drift_class = 'A'
                AND (k.direction = 'lateral' OR (k.direction = 'weakened' AND m.says_weakened)), false)
            THEN 'review' ELSE m.tier END AS tier,
       CASE WHEN len(m.controls) + coalesce(len(c.known), 0) = 0 THEN ['{unmapped}']
            ELSE list_sort(list_distinct(list_concat(m.controls, c.known))) END AS controls
FROM circumstances AS k
JOIN cited AS c ON c.reported_controls IS NOT DISTINCT FROM k.reported_controls
JOIN meaning AS m ON m.bit IS NULL OR (m.bit & [{words}][m.word]) <> 0
"""

_NEWLY = """
LEFT JOIN newly AS w ON w.of_declared IS NOT DISTINCT FROM c.declared
    AND w.of_actual IS NOT DISTINCT FROM c.actual AND w.of_account IS NOT DISTINCT FROM c.account
"""

_CLASSIFIED = """
CREATE OR REPLACE TABLE classified AS
WITH named AS (SELECT c.*, k.circumstance, {fits}{answers} FROM changes AS c {names} {newly}),
decided AS (SELECT *, {case} AS ord FROM named)
SELECT d.* EXCLUDE (circumstance, ord, {words}{answers}), v.rule_id, v.severity, v.tier, v.controls
FROM decided AS d JOIN verdicts AS v ON v.circumstance = d.circumstance AND v.ord = d.ord
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
    connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, rules: Sequence[Rule], asked: newly.Asked
) -> None:
    """Do what `classify` promises, the table `newly` being there.

    Args:
        connection: holds `changes` and `newly`.
        rulebook: what decides.
        rules: those of it that may hold, in deciding order.
        asked: what `newly.answer` said.
    """
    columns = Columns(rules)
    columns.write(connection)
    _write_meaning(connection, rulebook, rules)
    connection.execute(
        _VERDICTS.format(
            severities=", ".join(quoted(severity) for severity in SEVERITIES),
            unmatched=UNMATCHED_SEVERITY,
            unmapped=UNMAPPED,
            words=", ".join(f"k.{name}" for name in columns.names),
        )
    )
    connection.execute(
        _CLASSIFIED.format(
            fits=columns.fits,
            names=JOINS,
            words=", ".join(columns.names),
            answers="".join(f", {name}" for name in asked.columns.values()),
            newly=_NEWLY if asked.columns else "",
            case=compile_rules(rules, asked),
        )
    )


def compile_rules(rules: Sequence[Rule], asked: newly.Asked) -> str:
    """Return the CASE over the columns: the number of the first rule that holds; of none, their count."""
    plain, valued = 0, dict[int, str]()
    for number, rule in enumerate(rules):
        if values := of_values(rule.when, asked.names(rule.when)):
            valued[number] = values
        else:
            plain |= 1 << number
    return f"least({', '.join([_first(plain, len(rules)), *_valued(valued, len(rules))])})"


def _first(rules: int, none: int) -> str:
    """Return the number of the first of these rules, told as bits, that fits; else `none`."""
    branches = "".join(
        # the bits below the lowest that is set, counted
        f"WHEN (fits_{word} & {bits}) <> 0 "
        f"THEN {WORD * word - 1} + bit_count(xor(fits_{word} & {bits}, (fits_{word} & {bits}) - 1))::INTEGER "
        for word, bits in enumerate(f"{bits}::UBIGINT" for bits in words(rules, -(-none // WORD)))
    )
    return f"CASE {branches}ELSE {none} END" if branches else str(none)


def _valued(rules: Mapping[int, str], none: int) -> Iterator[str]:
    """Yield for each column the first rule whose values hold too; values are asked of few rows."""
    for word, numbers in groupby(rules, lambda number: number // WORD):
        ours = list(numbers)
        any_of = sum(1 << number % WORD for number in ours)
        branches = " ".join(
            f"WHEN (fits_{word} & {1 << number % WORD}::UBIGINT) <> 0 AND {rules[number]} THEN {number}"
            for number in ours
        )
        yield (
            f"CASE WHEN (fits_{word} & {any_of}::UBIGINT) <> 0 THEN CASE {branches} ELSE {none} END "
            f"ELSE {none} END"
        )


def _write_meaning(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, rules: Sequence[Rule]) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE meaning AS
        SELECT unnest(?::INTEGER[]) AS ord, unnest(?::VARCHAR[]) AS rule_id, unnest(?::VARCHAR[]) AS severity,
               unnest(?::VARCHAR[]) AS tier, unnest(?::BOOLEAN[]) AS says_weakened,
               unnest(?::VARCHAR[][]) AS controls, unnest(?::INTEGER[]) AS word, unnest(?::UBIGINT[]) AS bit
        """,
        [
            [*range(len(rules) + 1)],
            [*(rule.id for rule in rules), UNCLASSIFIED],
            [*(rule.severity for rule in rules), None],
            [*(rule.tier for rule in rules), "review"],
            [*("weakened" in (rule.when.direction or ()) for rule in rules), False],
            [*(list(rule.controls) for rule in rules), []],
            # lists of SQL count from one
            [*(1 + number // WORD for number in range(len(rules))), None],
            [*(1 << number % WORD for number in range(len(rules))), None],
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known_controls AS SELECT unnest(?::VARCHAR[]) AS name",
        [sorted(rulebook.catalogue.controls)],
    )
