-- classified changes → one classified drift per resource: the worst attribute decides for the whole.
--
-- in:   resources, classified     tasks/merge.sql, taxonomy/classify.py
--       rules                     (rule_id, because, remedy): the texts of the taxonomy
--       history                   (drift_id, episode, state, waived_fingerprint): what the evidence remembers
--       shared                    (resource_id, why): what stands in two states of the estate
-- out:  drifts                    one row per drifted resource

CREATE OR REPLACE TABLE drifts AS
WITH ranked AS (
    SELECT c.*,
           list_position(['critical', 'high', 'medium', 'low', 'info'], c.severity)                  AS badness,
           list_position(['review', 'record', 'auto'], c.tier)                                       AS ceremony,
           list_position(['weakened', 'unknown', 'lateral', 'strengthened'], c.direction)            AS turn,
           list_contains(c.layers, 'terraform')                                                      AS in_code,
           c.drift_class = 'A' AND r.remedy = 'terraform-apply'                                      AS applicable
    FROM classified AS c LEFT JOIN rules AS r USING (rule_id)
), worst AS (
    SELECT drift_id,
           ['critical', 'high', 'medium', 'low', 'info'][min(badness)]                               AS severity,
           ['review', 'record', 'auto'][min(ceremony)]                                               AS tier,
           ['weakened', 'unknown', 'lateral', 'strengthened'][min(turn)]                             AS direction,
           arg_min(rule_id, (badness, ceremony, rule_id))                                            AS rule_id,
           bool_or(in_code) AND bool_and(NOT in_code OR coalesce(applicable, false))                 AS applicable
    FROM ranked GROUP BY drift_id
), cited AS (
    SELECT drift_id, list_sort(list(control)) AS controls
    FROM (SELECT DISTINCT drift_id, unnest(controls) AS control FROM classified)
    GROUP BY drift_id
)
SELECT r.*, coalesce(h.episode, 1) AS episode, 
       -- A waiver accepts what it was given for, and nothing else.
       CASE WHEN h.state = 'waived' AND h.waived_fingerprint IS DISTINCT FROM r.fingerprint THEN 'open'
            ELSE coalesce(h.state, 'open') END AS state,
       w.severity,
       -- What an apply can't put right, or another state's apply would undo, is never put right by itself.
       CASE WHEN w.tier = 'auto' AND (NOT w.applicable OR s.why IS NOT NULL) THEN 'review' ELSE w.tier END AS tier,
       w.direction, w.rule_id,
       coalesce(s.why || ' ', '') ||
       coalesce(t.because, 'No rule of the taxonomy speaks of this, so a person judges it.')         AS because,
       CASE WHEN w.applicable THEN 'terraform-apply' ELSE 'by-hand' END                              AS remedy,
       c.controls
FROM resources AS r
JOIN worst AS w USING (drift_id)
JOIN cited AS c USING (drift_id)
LEFT JOIN rules AS t USING (rule_id)
LEFT JOIN shared AS s USING (resource_id)
LEFT JOIN history AS h USING (drift_id);
