-- classified changes → one classified drift per resource: the worst attribute decides for the whole.
--
-- in:   resources, classified     tasks/merge.sql, taxonomy/classify.py
--       rules                     (rule_id, because, remedy): the texts of the taxonomy
--       history                   (drift_id, episode, state): what the evidence remembers
--       waivings                  (id, expires …): what has waived the changes that bear its id in waived_by
--       shared                    (resource_id, why): what stands in two states of the estate
-- out:  drifts                    one row per drifted resource

CREATE OR REPLACE TABLE drifts AS
WITH waived AS (
    SELECT drift_id, bool_and(c.waived_by IS NOT NULL) AS whole, min(w.expires) AS until,
           string_agg(DISTINCT w.id, ', ' ORDER BY w.id) AS ids
    FROM classified AS c LEFT JOIN waivings AS w ON w.id = c.waived_by AND w.waived > 0
    WHERE drift_id IN (SELECT drift_id FROM classified WHERE waived_by IS NOT NULL)
    GROUP BY drift_id
), ranked AS (
    SELECT c.*,
           list_position(['critical', 'high', 'medium', 'low', 'info'], c.severity)                  AS badness,
           list_position(['review', 'record', 'auto'], c.tier)                                       AS ceremony,
           list_position(['weakened', 'unknown', 'lateral', 'strengthened'], c.direction)            AS turn,
           -- What is waived decides nothing beside what is not.
           c.waived_by IS NULL OR w.whole                                                            AS decides,
           list_contains(c.layers, 'terraform')                                                      AS in_code,
           c.drift_class = 'A' AND r.remedy = 'terraform-apply'                                      AS applicable
    FROM classified AS c LEFT JOIN rules AS r USING (rule_id) LEFT JOIN waived AS w USING (drift_id)
), worst AS (
    SELECT drift_id,
           ['critical', 'high', 'medium', 'low', 'info'][min(badness) FILTER (decides)]              AS severity,
           ['review', 'record', 'auto'][min(ceremony) FILTER (decides)]                              AS tier,
           ['weakened', 'unknown', 'lateral', 'strengthened'][min(turn) FILTER (decides)]            AS direction,
           arg_min(rule_id, (badness, ceremony, rule_id)) FILTER (decides)                           AS rule_id,
           bool_or(in_code) AND bool_and(NOT in_code OR coalesce(applicable, false))                 AS applicable
    FROM ranked GROUP BY drift_id
), cited AS (
    SELECT drift_id, list_sort(list(control)) AS controls
    FROM (SELECT DISTINCT drift_id, unnest(controls) AS control FROM classified)
    GROUP BY drift_id
)
SELECT r.*, coalesce(h.episode, 1) AS episode,
       CASE WHEN v.whole THEN 'waived' ELSE coalesce(h.state, 'open') END AS state,
       CASE WHEN v.whole THEN v.until END AS waived_until,
       w.severity,
       -- What an apply can't put right, what another state's apply would undo, and what it would undo that a
       -- person has waived, is never put right by itself.
       CASE WHEN w.tier = 'auto' AND (NOT w.applicable OR s.why IS NOT NULL OR v.ids IS NOT NULL) THEN 'review'
            ELSE w.tier END AS tier,
       w.direction, w.rule_id,
       coalesce(s.why || ' ', '') ||
       CASE WHEN NOT v.whole THEN 'A part of it is waived (' || v.ids || '), and a remedy would undo that too. '
            ELSE '' END ||
       coalesce(t.because, 'No rule of the taxonomy speaks of this, so a person judges it.')         AS because,
       CASE WHEN w.applicable THEN 'terraform-apply' ELSE 'by-hand' END                              AS remedy,
       c.controls
FROM resources AS r
JOIN worst AS w USING (drift_id)
JOIN cited AS c USING (drift_id)
LEFT JOIN rules AS t USING (rule_id)
LEFT JOIN shared AS s USING (resource_id)
LEFT JOIN history AS h USING (drift_id)
LEFT JOIN waived AS v USING (drift_id);
