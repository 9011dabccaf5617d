-- What must hold for every row before it becomes evidence, each as a count of rows that break it. A NULL
-- is neither true nor false, so each says what a NULL counts as.
--
-- in:   classified, drifts
-- out:  one row per invariant: its name and how many rows break it

SELECT 'a change names its resource' AS invariant, count(*) FILTER (coalesce(resource_id, '') = '') AS broken FROM classified
UNION ALL SELECT 'a change names its attribute', count(*) FILTER (coalesce(attribute, '') = '') FROM classified
UNION ALL SELECT 'a change names a layer', count(*) FILTER (coalesce(len(layers), 0) = 0) FROM classified
UNION ALL SELECT 'a change belongs to a drift', count(*) FROM classified ANTI JOIN drifts USING (drift_id)
UNION ALL SELECT 'a drift has a change', count(*) FROM drifts ANTI JOIN classified USING (drift_id)
UNION ALL SELECT 'a drift stands once', count(*) - count(DISTINCT drift_id) FROM drifts
UNION ALL SELECT 'a resource drifts once', count(*) - count(DISTINCT resource_id) FROM drifts
UNION ALL SELECT 'a change stands once', count(*) - count(DISTINCT hash(drift_id, attribute, kind, declared, actual)) FROM classified
UNION ALL SELECT 'both sides are JSON', count(*) FILTER (NOT coalesce(json_valid(declared) AND json_valid(actual), false)) FROM classified
UNION ALL SELECT 'the two sides differ', count(*) FILTER (declared = actual AND kind = 'changed') FROM classified
UNION ALL SELECT 'a change cites a control', count(*) FILTER (coalesce(len(controls), 0) = 0) FROM classified
UNION ALL SELECT 'a fingerprint is a digest', count(*) FILTER (NOT regexp_full_match(coalesce(fingerprint, ''), '[0-9a-f]{64}')) FROM drifts
