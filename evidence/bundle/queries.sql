-- 1. How many records there are of each step
SELECT step, outcome, count(DISTINCT record_id) AS records FROM records GROUP BY ALL ORDER BY ALL;

-- 2. The whole population of looks, clean ones too
SELECT target, layer, outcome, count(DISTINCT record_id) AS looks, min(occurred_at) AS first, max(occurred_at) AS last
FROM records WHERE step = 'swept' GROUP BY ALL ORDER BY ALL;

-- 3. When nobody could look, and why
SELECT DISTINCT occurred_at, target, reason FROM records
WHERE step = 'swept' AND outcome = 'could-not-look' ORDER BY ALL;

-- 4. Each drift, with how often it was found, and from when to when
SELECT drift_id, episode, any_value(resource_id) AS resource_id, any_value(severity) AS severity,
       count(DISTINCT record_id) AS times, min(occurred_at) AS first, max(occurred_at) AS last
FROM records WHERE step = 'detected' GROUP BY ALL ORDER BY first, drift_id;

-- 5. Both sides of everything that differed
SELECT DISTINCT resource_id, attribute, declared, actual, severity, rule_id FROM records
WHERE step = 'classified' ORDER BY ALL;

-- 6. Who decided what, when and why; the envelope that they signed is decisions/<decision_sha256>.json
SELECT DISTINCT occurred_at, actor, decision, reason, resource_id, preview_sha256, decision_sha256 FROM records
WHERE step = 'decided' ORDER BY ALL;

-- 7. What was accepted, and until when
SELECT DISTINCT resource_id, fingerprint, actor, reason, details->>'until' AS until FROM records
WHERE decision = 'waive' ORDER BY ALL;

-- 8. Minutes from the first sight of a drift to its end; empty where it has none
SELECT drift_id, episode, min(occurred_at) AS found, max(occurred_at) FILTER (step = 'closed') AS ended,
       date_diff('minute', min(occurred_at), max(occurred_at) FILTER (step = 'closed')) AS minutes
FROM records WHERE drift_id IS NOT NULL GROUP BY ALL ORDER BY found, drift_id;

-- 9. A sample of 25 that anybody can draw again: agree on the seed, here Q4, before you look
SELECT record_id, any_value(step) AS step, any_value(occurred_at) AS occurred_at FROM records
GROUP BY record_id ORDER BY sha256(concat('Q4', record_id)), record_id LIMIT 25;

-- 10. How many rows records.csv has that the Parquet files have not, and the other way round: 0 and 0
WITH copy AS (
    SELECT * REPLACE (epoch_us(occurred_at::TIMESTAMPTZ) AS occurred_at, episode::INTEGER AS episode)
    FROM (SELECT regexp_replace(COLUMNS(*), '^''', '') FROM read_csv('records.csv', all_varchar = true,
          header = true, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, parallel = false))
), evidence AS (SELECT * REPLACE (epoch_us(occurred_at) AS occurred_at) FROM records)
SELECT (SELECT count(*) FROM (SELECT * FROM copy EXCEPT ALL SELECT * FROM evidence)) AS only_in_csv,
       (SELECT count(*) FROM (SELECT * FROM evidence EXCEPT ALL SELECT * FROM copy)) AS only_in_parquet;
