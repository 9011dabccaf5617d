-- what one sweep found → rows of evidence: one row per (record, attribute, control).
--
-- in:   drifts, classified; variables estate, now, sweep, taxonomy_digest, run_id; slice of slices (tasks/record.py)
-- out:  a SELECT of the contract's columns; `detected` speaks of a whole drift, `classified` of its attributes

WITH records AS (
    SELECT *, uuidv7()::VARCHAR AS detected_id, uuidv7()::VARCHAR AS classified_id FROM drifts
    WHERE hash(drift_id) % getvariable('slices') = getvariable('slice')
), said AS (
    SELECT detected_id AS record_id, 'detected' AS step, drift_id, episode, fingerprint, provider, account, region,
           resource_id, resource_type, address, kind,
           NULL AS attribute, NULL AS declared, NULL AS actual, severity, tier, rule_id,
           array_to_string(targets, '+') AS target, array_to_string(layers, '+') AS layer,
           NULL AS source, unnest(controls) AS control,
           to_json({'aliases': aliases, 'because': because, 'direction': direction, 'environment': environment,
                    'layers': layers, 'remedy': remedy, 'sweep_id': getvariable('sweep'), 'tags': tags::JSON,
                    'targets': targets})::VARCHAR AS details
    FROM records
    UNION ALL
    SELECT r.classified_id, 'classified', c.drift_id, r.episode, r.fingerprint, c.provider, c.account, c.region,
           c.resource_id, c.resource_type, c.address, c.kind,
           c.attribute, c.declared, c.actual, c.severity, c.tier, c.rule_id,
           array_to_string(c.targets, '+'), c.layer,
           c.source, unnest(c.controls),
           to_json({'class': c.drift_class, 'controls': c.controls, 'direction': c.direction, 'redacted': c.redacted,
                    'source_file': c.source_file, 'source_line': c.source_line,
                    'recurrence': c.recurrence, 'hours_open': c.hours_open,
                    'sweep_id': getvariable('sweep')})::VARCHAR
    FROM classified AS c JOIN records AS r USING (drift_id)
)
SELECT record_id, step, getvariable('now')::TIMESTAMPTZ AS occurred_at, getvariable('estate') AS estate, target, layer,
       drift_id, episode, fingerprint, provider, account, region, resource_id, resource_type, address, kind,
       attribute, declared, actual, severity, tier, rule_id, getvariable('taxonomy_digest') AS taxonomy_digest,
       'holdfast' AS actor, 'holdfast' AS actor_kind, NULL::VARCHAR AS author, 'unknown' AS author_confidence,
       NULL::VARCHAR AS decision, NULL::VARCHAR AS reason, 'drifted' AS outcome,
       NULL::VARCHAR AS snapshot_sha256, NULL::VARCHAR AS preview_sha256, NULL::VARCHAR AS decision_sha256,
       getvariable('run_id') AS run_id, source, details,
       split_part(control, ':', 1) AS framework, substr(control, strpos(control, ':') + 1) AS control_id,
       strftime(getvariable('now')::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m') AS month
FROM said
