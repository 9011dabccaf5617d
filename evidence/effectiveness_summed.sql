-- One control's months of a period, and all of them together: events and minutes add up, and how it stood at the end is
-- how it stood at the end of the last month.
WITH asked AS (
    SELECT * FROM effectiveness
    WHERE framework = getvariable('framework') AND control_id = getvariable('control_id')
      AND month BETWEEN getvariable('first') AND getvariable('last')
), summed AS (
    SELECT framework, control_id, getvariable('first') || ' to ' || getvariable('last') AS month,
           sum(COLUMNS(lambda c: c NOT IN ('framework', 'control_id', 'month', 'mttd_minutes', 'mttr_minutes', 'open_at_end',
                                      'waived_at_end'))),
           sum(detect_minutes) / nullif(sum(detected), 0) AS mttd_minutes,
           sum(restore_minutes) / nullif(sum(restored + gone), 0) AS mttr_minutes,
           max_by(open_at_end, month) AS open_at_end, max_by(waived_at_end, month) AS waived_at_end
    FROM asked GROUP BY framework, control_id
)
SELECT month, looked::BIGINT AS looked, could_not_look::BIGINT AS could_not_look, found_drift::BIGINT AS found_drift,
       drifted::BIGINT AS drifted, auto_restored::BIGINT AS auto_restored, restored::BIGINT AS restored,
       gone::BIGINT AS gone, reviewed::BIGINT AS reviewed, rejected::BIGINT AS rejected, waived::BIGINT AS waived,
       sla_breached::BIGINT AS sla_breached, round(exposure_minutes, 3) AS exposure_minutes,
       round(mttd_minutes, 3) AS mttd_minutes, round(mttr_minutes, 3) AS mttr_minutes, open_at_end, waived_at_end
FROM (SELECT * FROM asked UNION ALL BY NAME SELECT * FROM summed)
ORDER BY length(month), month
