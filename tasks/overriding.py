"""Let surroundings change what rules have decided, in the table `classified`.

Each distinct combination is asked once of `taxonomy.overrides`; there are few, however many rows.
"""

from importlib import resources
from typing import Any

import duckdb

from taxonomy.overrides import Overrides, override

_COMBINATIONS = """
SELECT DISTINCT c.severity, c.tier, c.environment, c.direction, coalesce(d.classes, [])
FROM classified AS c LEFT JOIN data_classes AS d USING (drift_id)
"""

_OVERRIDDEN = """
CREATE OR REPLACE TEMP TABLE overridden (
    severity VARCHAR, tier VARCHAR, environment VARCHAR, direction VARCHAR, classes VARCHAR[],
    new_severity VARCHAR, new_tier VARCHAR, overridden_by VARCHAR[])
"""

_OVERRIDE = """
UPDATE classified AS c SET severity = o.new_severity, tier = o.new_tier, overridden_by = o.overridden_by
FROM resources AS r LEFT JOIN data_classes AS d USING (drift_id), overridden AS o
WHERE r.drift_id = c.drift_id AND coalesce(d.classes, []) = o.classes
  AND c.severity = o.severity AND c.tier = o.tier AND c.direction = o.direction
  AND c.environment IS NOT DISTINCT FROM o.environment
"""


def override_all(connection: duckdb.DuckDBPyConnection, overrides: Overrides) -> None:
    """Write severity, tier and `overridden_by` of `classified` as the overrides make them.

    `overridden_by` is NULL where no override has moved anything.

    Args:
        connection: with `resources` of tasks/merge.sql and `classified`.
        overrides: of the taxonomy's directories.
    """
    connection.execute("ALTER TABLE classified ADD COLUMN overridden_by VARCHAR[]")
    if not overrides.overrides:
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE data_class_tags AS SELECT unnest(?::VARCHAR[]) AS key",
        [sorted(overrides.data_class_tags)],
    )
    connection.execute(resources.files("tasks").joinpath("data_classes.sql").read_text("utf-8"))
    found = connection.execute(_COMBINATIONS).fetchall()
    rows = [row for combination in found if (row := _row(overrides, combination)) is not None]
    if rows:
        connection.execute(_OVERRIDDEN)
        connection.executemany("INSERT INTO overridden VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(_OVERRIDE)


def _row(overrides: Overrides, combination: tuple[Any, ...]) -> tuple[Any, ...] | None:
    severity, tier, environment, direction, classes = combination
    after = override(
        overrides.overrides,
        severity=severity,
        tier=tier,
        environment=environment,
        direction=direction,
        data_classes=classes,
    )
    return (*combination, after.severity, after.tier, list(after.by)) if after.by else None
