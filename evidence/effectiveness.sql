-- How well each control worked, month by month; docs/evidence.md defines each number.
--
-- in:   records, told, drifts, as_of     evidence/views.sql
-- out:  effectiveness                    one row per framework, control and month. Events count in the month in which
--                                        they happened and minutes are cut at its ends, so months add up to periods,
--                                        all but the two that say how it stood at the end.

CREATE VIEW effectiveness AS
WITH months AS (
    SELECT strftime(begins, '%Y-%m') AS month, begins, begins + INTERVAL 1 MONTH AS ends
    FROM (SELECT unnest(generate_series(date_trunc('month', min(occurred_at)), max(occurred_at), INTERVAL 1 MONTH)) AS begins
          FROM records)
), looks AS (
    SELECT framework, control_id, month,
           count(*) FILTER (outcome <> 'could-not-look') AS looked,
           count(*) FILTER (outcome = 'could-not-look')  AS could_not_look,
           count(*) FILTER (outcome = 'drifted')         AS found_drift
    FROM records WHERE step = 'swept' GROUP BY ALL
), seeing AS (
    SELECT DISTINCT target, occurred_at FROM records WHERE step = 'swept' AND outcome <> 'could-not-look'
), unseen AS (
    -- the longest that an episode can have gone unseen: since the last look before at one of its targets
    SELECT e.drift_id, e.episode, min(s.occurred_at) AS since
    FROM (SELECT drift_id, episode, first_seen, unnest(string_split(target, '+')) AS target FROM drifts) AS e
    ASOF JOIN seeing AS s ON e.target = s.target AND e.first_seen > s.occurred_at
    GROUP BY ALL
), monthly AS (
    SELECT drift_id, episode, month,
           max_by(moved, (occurred_at, record_id)) FILTER (moved IS NOT NULL)                           AS moved,
           max_by(fingerprint, (occurred_at, record_id))                                                AS fingerprint,
           max_by({until: (details->>'until')::TIMESTAMPTZ, fingerprint: fingerprint}, occurred_at)
               FILTER (decision = 'waive' AND step <> 'refused')                                        AS signed,
           max_by(coalesce((details->>'waived_until')::TIMESTAMPTZ, '-infinity'), (occurred_at, record_id))
               FILTER (step = 'detected')                                                               AS filed
    FROM told GROUP BY ALL
), alive AS (
    SELECT d.*, m.month, m.begins, least(m.ends, as_of) AS ends, since,
           d.ended_at IS NULL OR d.ended_at >= m.ends                                                   AS lasts,
           last_value(n.moved IGNORE NULLS) OVER life                                                   AS moved,
           last_value(n.fingerprint IGNORE NULLS) OVER life                                             AS last_fingerprint,
           last_value(n.signed IGNORE NULLS) OVER life                                                  AS signed,
           last_value(n.filed IGNORE NULLS) OVER life                                                   AS filed
    FROM drifts AS d CROSS JOIN as_of
    JOIN months AS m ON d.first_seen < m.ends AND coalesce(d.ended_at, as_of) >= m.begins
    LEFT JOIN monthly AS n USING (drift_id, episode, month) LEFT JOIN unseen USING (drift_id, episode)
    WINDOW life AS (PARTITION BY d.drift_id, d.episode ORDER BY m.month)
), judged AS (
    SELECT *, lasts AND coalesce(filed > ends OR moved = 'waived' AND signed.fingerprint = last_fingerprint
                                 AND signed.until > ends, false)                                        AS accepted
    FROM alive
), drifting AS (
    SELECT split_part(control, ':', 1) AS framework, substr(control, strpos(control, ':') + 1) AS control_id, month,
           count(*) FILTER (first_seen >= begins)                                                       AS drifted,
           count(*) FILTER (auto_restored AND NOT lasts)                                                AS auto_restored,
           count(*) FILTER (ended_as = 'restored' AND NOT lasts)                                        AS restored,
           count(*) FILTER (ended_as = 'gone' AND NOT lasts)                                            AS gone,
           count(*) FILTER (strftime(reviewed_at, '%Y-%m') = month)                                     AS reviewed,
           count(*) FILTER (strftime(rejected_at, '%Y-%m') = month)                                     AS rejected,
           count(*) FILTER (strftime(waived_at, '%Y-%m') = month)                                       AS waived,
           count(*) FILTER (breached AND strftime(answer_due, '%Y-%m') = month)                         AS sla_breached,
           sum(date_diff('microsecond', greatest(first_seen, begins), least(coalesce(ended_at, ends), ends))) / 60e6
                                                                                                        AS exposure_minutes,
           count(since) FILTER (first_seen >= begins)                                                   AS detected,
           sum(date_diff('microsecond', since, first_seen)) FILTER (first_seen >= begins) / 60e6        AS detect_minutes,
           sum(date_diff('microsecond', first_seen, ended_at)) FILTER (NOT lasts) / 60e6                AS restore_minutes,
           count(*) FILTER (lasts AND NOT accepted)                                                     AS open_at_end,
           count(*) FILTER (accepted)                                                                   AS waived_at_end
    FROM (SELECT *, unnest(controls) AS control FROM judged) GROUP BY ALL
)
SELECT framework, control_id, month,
       coalesce(looked, 0) AS looked, coalesce(could_not_look, 0) AS could_not_look,
       coalesce(found_drift, 0) AS found_drift, coalesce(drifted, 0) AS drifted,
       coalesce(auto_restored, 0) AS auto_restored, coalesce(restored, 0) AS restored, coalesce(gone, 0) AS gone,
       coalesce(reviewed, 0) AS reviewed, coalesce(rejected, 0) AS rejected, coalesce(waived, 0) AS waived,
       coalesce(sla_breached, 0) AS sla_breached, round(coalesce(exposure_minutes, 0), 3) AS exposure_minutes,
       coalesce(detected, 0) AS detected, round(coalesce(detect_minutes, 0), 3) AS detect_minutes,
       round(detect_minutes / nullif(detected, 0), 3) AS mttd_minutes,
       round(coalesce(restore_minutes, 0), 3) AS restore_minutes,
       round(restore_minutes / nullif(restored + gone, 0), 3) AS mttr_minutes,
       coalesce(open_at_end, 0) AS open_at_end, coalesce(waived_at_end, 0) AS waived_at_end
FROM looks FULL JOIN drifting USING (framework, control_id, month)
ORDER BY ALL;
