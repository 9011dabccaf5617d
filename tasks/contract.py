"""The contract of the merged table: what breaks it is refused, and which expectation is said.

Two halves. Invariants of single rows are counted in SQL (`contract.sql`), whatever the size. The words,
and the completeness of what is counted, are Great Expectations' (https://docs.greatexpectations.io),
over a profile of the table: one row per combination of words, so that a million rows cost no more.
"""

import logging
from importlib import resources
from typing import TYPE_CHECKING, Any

import duckdb

from taxonomy.drift import DIRECTIONS, SEVERITIES, STATES, TIERS
from taxonomy.observation import KINDS
from taxonomy.target import LAYERS

if TYPE_CHECKING:
    import pandas as pd

PROFILE = """
SELECT c.kind, c.layer, c.direction, c.severity, c.tier, coalesce(c.drift_class, 'none') AS drift_class,
       d.severity AS drift_severity, d.tier AS drift_tier, d.state, d.remedy,
       count(*) AS changes, count(c.rule_id) AS with_rule, count(c.provider) AS with_provider
FROM (SELECT * EXCLUDE (layer), unnest(layers) AS layer FROM classified) AS c
LEFT JOIN drifts AS d USING (drift_id)
GROUP BY ALL
"""

WORDS: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "layer": LAYERS,
    "direction": DIRECTIONS,
    "severity": SEVERITIES,
    "tier": TIERS,
    "drift_class": ("A", "B", "none"),
    "drift_severity": SEVERITIES,
    "drift_tier": TIERS,
    "state": STATES,
    "remedy": ("terraform-apply", "by-hand"),
}


class ContractError(Exception):
    """The merged table breaks its contract, so nothing of it becomes evidence."""

    def __init__(self, broken: list[str]) -> None:
        """Keep the names of the expectations that were not met."""
        self.broken = tuple(broken)
        super().__init__("the merged table breaks its contract and is refused: " + "; ".join(broken))


def check(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many expectations and invariants were met; all were.

    Raises:
        ContractError: some were not, each by name.
    """
    invariants = connection.execute(
        resources.files("tasks").joinpath("contract.sql").read_text("utf-8")
    ).fetchall()
    broken = [f"{name} ({count} rows do not)" for name, count in invariants if count]
    profile = connection.execute(PROFILE).df()
    met, unmet = _expectations(profile) if len(profile) else (0, [])
    if broken or unmet:
        raise ContractError(broken + unmet)
    return {"invariants": len(invariants), "expectations": met}


def _expectations(profile: "pd.DataFrame") -> tuple[int, list[str]]:
    # Great Expectations takes 2.75 s to import, and a look that found nothing has no use for it.
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations import expectations as gxe  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("drift").add_dataframe_asset("profile")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(
        batch_parameters={"dataframe": profile}
    )
    expected: list[Any] = [
        gxe.ExpectTableColumnsToMatchSet(
            column_set=[*WORDS, "changes", "with_rule", "with_provider"], exact_match=True
        ),
        *(gxe.ExpectColumnValuesToNotBeNull(column=column) for column in WORDS),
        *(
            gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(words))
            for column, words in WORDS.items()
        ),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="changes", column_B="with_rule"),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="changes", column_B="with_provider"),
    ]
    suite = gx.ExpectationSuite(name="merged", expectations=expected)
    result = batch.validate(suite, result_format={"result_format": "SUMMARY"})
    unmet = [_named(row) for row in result.results if not row.success]
    return len(result.results), unmet


def _named(result: Any) -> str:
    config = result.expectation_config
    columns = [str(config.kwargs[key]) for key in ("column", "column_A", "column_B") if key in config.kwargs]
    found = (result.result or {}).get("partial_unexpected_list") or []
    shown = f", found {sorted({str(value) for value in found})}" if found else ""
    return f"{config.type} on {' and '.join(columns) or 'the table'}{shown}"
