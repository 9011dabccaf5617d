"""A rule's `when` as SQL, in two halves: what the names of a change tell, and what its values tell.

Names (type, attribute, layer, kind, direction …) repeat over many rows and are asked once for each
distinct combination. Values, tags, the account and what is remembered are asked of single rows.
"""

from collections.abc import Iterable, Sequence

from taxonomy.when import NumberTest, ValueTest, When, canonical

NUMBER = '"?-?[0-9]{1,30}([.][0-9]{1,30})?([eE][+-]?[0-9]{1,2})?"?'
"""What counts as a number: a JSON number, or text that is one, for clouds write them so."""

NOTHING = ("null", '""', "[]", "{}")
"""Canonical JSON of what is no thing."""


def of_type(when: When, *, lowered: str = "lowered") -> str:
    """Return the condition over the resource type, in lower case; empty where the rule names none."""
    return _among_globs(lowered, when.resource_type or ())


def of_names(when: When) -> str:
    """Return the condition over the other names of a change; empty where the rule asks for none."""
    return _all([_attribute(when), of_circumstances(when)])


def of_circumstances(when: When) -> str:
    """Return the condition over the names that have few values each: all but type and attribute."""
    return _all(
        [
            _any(f"contains(layer, {quoted(layer)})" for layer in when.layer or ()),
            _among_globs("provider", when.provider or ()),
            _among("kind", when.kind or ()),
            _among("direction", when.direction or ()),
            _among_globs("environment", when.environment or ()),
            _among("reported_severity", when.reported_severity or ()),
        ]
    )


def named(when: When) -> str:
    """Return the condition over `resource_type` and `attribute` alone; empty where the rule names neither."""
    return _all([of_type(when, lowered="lower(resource_type)"), _attribute(when)])


def of_values(when: When, newly: Sequence[str]) -> str:
    """Return the condition over single rows; empty where the rule asks for nothing but names.

    Args:
        when: of a rule.
        newly: the columns of the table `newly` that hold what it asks there.
    """
    return _all(
        [
            _among_globs("account", when.account or ()),
            *_value("declared", when.declared),
            *_value("actual", when.actual),
            _became_null() if when.became_null else "",
            *newly,
            *_number("recurrence", when.recurrence),
            *_number("hours_open", when.hours_open),
            *(_among_globs(_tag(key), globs) for key, globs in (when.tags or {}).items()),
        ]
    )


def _attribute(when: When) -> str:
    return _among_globs("attribute", attributes(when))


def attributes(when: When) -> tuple[str, ...]:
    """Return the globs over attributes; ``x.*`` is ``x`` too."""
    return tuple(_with_parents(when.attribute or ()))


def quoted(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(part for part in conditions if part)


def _any(conditions: Iterable[str]) -> str:
    found = list(dict.fromkeys(conditions))
    return f"({' OR '.join(found)})" if len(found) > 1 else "".join(found)


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(quoted(word) for word in words)})" if words else ""


def _among_globs(column: str, globs: tuple[str, ...]) -> str:
    """Return that some glob fits.

    Not by IN: DuckDB makes a join of each long one, and those of many rules fill any memory.
    """
    if "*" in globs:
        return f"{column} IS NOT NULL"
    return _any(f"{column} {'GLOB' if '*' in glob else '='} {quoted(glob)}" for glob in globs)


def _with_parents(globs: tuple[str, ...]) -> Iterable[str]:
    for glob in globs:
        yield glob
        if glob.endswith(".*"):
            yield glob.removesuffix(".*")


def _value(column: str, test: ValueTest | None) -> Iterable[str]:
    """Both NULL and the JSON null say that nothing stands there."""
    if test is None:
        return
    text = f"coalesce({column}, 'null')"
    if test.equals is not None:
        yield f"{text} = {quoted(canonical(test.equals))}"
    if test.one_of is not None:
        yield _among(text, tuple(canonical(value) for value in test.one_of))
    if test.contains is not None:
        yield _any(f"contains({text}, {quoted(part)})" for part in test.contains)
    if test.null is not None:
        yield f"{text} {'=' if test.null else '<>'} 'null'"
    number = f"CASE WHEN regexp_full_match({text}, {quoted(NUMBER)}) THEN trim({text}, '\"')::DOUBLE END"
    yield from _compared(number, test.above, test.below)


def _number(column: str, test: NumberTest | None) -> Iterable[str]:
    if test is not None:
        yield from _compared(f"{column}::DOUBLE", test.above, test.below)


def _compared(number: str, above: float | None, below: float | None) -> Iterable[str]:
    if above is not None:
        yield f"{number} > {float(above)!r}::DOUBLE"
    if below is not None:
        yield f"{number} < {float(below)!r}::DOUBLE"


def _became_null() -> str:
    declared, actual = (f"coalesce({side}, 'null')" for side in ("declared", "actual"))
    return f"NOT {_among(declared, NOTHING)} AND {_among(actual, NOTHING)}"


def _tag(key: str) -> str:
    pointer = key.replace("~", "~0").replace("/", "~1")
    return f"json_extract_string(tags, {quoted('/' + pointer)})"
