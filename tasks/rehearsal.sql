-- evidence → the changes that were recorded, as they can be classified again.
--
-- in:   records   the evidence, as evidence/query.py shows it; one parameter: since when
-- out:  changes   one row per change of each drift and episode, as the last sweep of the period recorded it;
--                 was_* is what it was classified as

CREATE OR REPLACE TEMP TABLE changes AS
WITH seen AS (
    SELECT drift_id, episode, arg_max(details, (occurred_at, record_id)) AS details
    FROM records
    WHERE step = 'detected' AND occurred_at >= ?
    GROUP BY drift_id, episode
), last AS (
    SELECT drift_id, episode, details->>'sweep_id' AS sweep_id, details->>'environment' AS environment,
           coalesce(details->>'tags', '{}') AS tags
    FROM seen
)
SELECT DISTINCT c.drift_id, l.episode, c.resource_id, c.layer, c.provider, c.account, c.resource_type, c.attribute,
       c.kind, l.environment, c.declared, c.actual, c.details->>'direction' AS direction,
       c.details->>'class' AS drift_class,
       CASE WHEN json_array_length(c.details->'overridden_by') > 0 THEN NULL ELSE c.severity END AS reported_severity,
       (c.details->'controls')::VARCHAR[] AS reported_controls, l.tags,
       (c.details->>'recurrence')::DOUBLE AS recurrence, (c.details->>'hours_open')::DOUBLE AS hours_open,
       c.rule_id AS was_rule_id, c.severity AS was_severity, c.tier AS was_tier
FROM records AS c
JOIN last AS l ON c.drift_id = l.drift_id AND c.details->>'sweep_id' = l.sweep_id
WHERE c.step = 'classified' AND c.attribute IS NOT NULL
