-- records → what the evidence says of each target and each drift, as it stood at the end of the period.
--
-- in:   scoped     the rows that were asked for, up to the end of the period, and whether they lie in it
--       as_of      a variable: the end of what is exported
-- out:  results    one row per drift, and per target and kind of look: verdict, controls, and what it rests on
--
-- verdict: passed (looked at, clean) · failed · unknown (could not look) · waived · settled (drift restored or gone)
-- The states of a drift are those of evidence/state.sql.

CREATE TABLE told AS
SELECT DISTINCT record_id, drift_id, coalesce(episode, 1) AS episode, step, occurred_at, actor, actor_kind, decision,
       reason, outcome, snapshot_sha256, preview_sha256, decision_sha256, fingerprint, inside,
       CASE WHEN decision = 'waive' THEN (details->>'until')::TIMESTAMPTZ END AS until,
       state_after(step, outcome, decision) AS state
FROM scoped
WHERE drift_id IS NOT NULL AND step <> 'classified' AND attribute IS NULL;

CREATE TABLE episodes AS
SELECT drift_id, episode, bool_or(inside) AS inside,
       coalesce(max_by(state, (occurred_at, record_id)) FILTER (state IS NOT NULL), 'open') AS state,
       min(occurred_at) AS first_at, max(occurred_at) AS last_at,
       count(*) FILTER (step = 'detected') AS times,
       max_by(record_id, (occurred_at, record_id)) AS record_id,
       max_by(fingerprint, (occurred_at, record_id)) AS fingerprint,
       max_by(until, occurred_at) FILTER (until IS NOT NULL) AS until,
       max_by(fingerprint, occurred_at) FILTER (until IS NOT NULL) AS waived_fingerprint,
       list({record_id: record_id, step: step, occurred_at: occurred_at, actor: actor, actor_kind: actor_kind,
             decision: decision, reason: reason, outcome: outcome, until: until, snapshot_sha256: snapshot_sha256,
             preview_sha256: preview_sha256, decision_sha256: decision_sha256} ORDER BY occurred_at, record_id)
           FILTER (step <> 'detected') AS steps
FROM told GROUP BY drift_id, episode;

CREATE TABLE described AS
SELECT drift_id, coalesce(episode, 1) AS episode,
       max_by({target: target, layer: layer, provider: provider, account: account, region: region,
               resource_id: resource_id, resource_type: resource_type, address: address, kind: kind,
               severity: severity, tier: tier, rule_id: rule_id}, (occurred_at, record_id)) AS last,
       max_by(author, (occurred_at, record_id)) FILTER (author IS NOT NULL) AS author,
       max_by(details, (occurred_at, record_id)) FILTER (step = 'detected') AS details,
       list(DISTINCT control ORDER BY control) AS controls
FROM scoped WHERE drift_id IS NOT NULL AND step <> 'classified' GROUP BY ALL;

CREATE TABLE changed AS
WITH newest AS (
    SELECT drift_id, coalesce(episode, 1) AS episode, max_by(record_id, (occurred_at, record_id)) AS record_id
    FROM scoped WHERE step = 'classified' GROUP BY ALL
), distinct_changes AS (
    SELECT DISTINCT n.drift_id, n.episode, s.attribute, s.kind, s.declared, s.actual, s.severity, s.rule_id,
           s.details->>'direction' AS direction, s.source, s.details->>'source_file' AS file,
           (s.details->>'source_line')::INTEGER AS line
    FROM scoped AS s JOIN newest AS n USING (record_id)
)
SELECT drift_id, episode,
       list({attribute: attribute, kind: kind, declared: declared, actual: actual, severity: severity, rule_id: rule_id,
             direction: direction, source: source, file: file, line: line}
            ORDER BY attribute, kind, declared, actual, source) AS changes
FROM distinct_changes GROUP BY drift_id, episode;

CREATE TABLE drifted AS
SELECT CASE WHEN e.state IN ('restored', 'gone') THEN 'settled'
            WHEN e.state = 'waived' AND e.waived_fingerprint = e.fingerprint AND e.until > getvariable('as_of')
                THEN 'waived'
            ELSE 'failed' END AS verdict,
       e.*, d.last, d.author, d.details, d.controls, c.changes
FROM episodes AS e JOIN described AS d USING (drift_id, episode) LEFT JOIN changed AS c USING (drift_id, episode)
-- what was settled before the period is no part of it; what was open all through it is
WHERE e.inside OR e.state NOT IN ('restored', 'gone');

CREATE TABLE looked AS
WITH counted AS (
    SELECT control, target, layer, outcome, count(DISTINCT record_id) AS times,
           min(occurred_at) AS first_at, max(occurred_at) AS last_at,
           max_by({record_id: record_id, reason: reason, details: details, snapshot_sha256: snapshot_sha256},
                  (occurred_at, record_id)) AS last
    FROM scoped WHERE step = 'swept' AND inside GROUP BY ALL
), told_by_drift AS (
    SELECT DISTINCT unnest(string_split(last.target, '+')) AS target, control
    FROM (SELECT last, unnest(controls) AS control FROM drifted)
)
SELECT CASE c.outcome WHEN 'clean' THEN 'passed' WHEN 'drifted' THEN 'failed' ELSE 'unknown' END AS verdict,
       c.target, c.layer, c.outcome, c.times, c.first_at, c.last_at, c.last,
       list(c.control ORDER BY c.control) AS controls
FROM counted AS c LEFT JOIN told_by_drift AS t USING (target, control)
-- a look that found drift is told drift by drift; where no drift is in the selection the look itself fails
WHERE c.outcome IS DISTINCT FROM 'drifted' OR t.target IS NULL
GROUP BY ALL;

CREATE TABLE results AS
SELECT 'drift' AS subject, verdict, state, controls, last.target AS target, last.layer AS layer, times, first_at, last_at,
       record_id, details, drift_id, episode, fingerprint, last.provider AS provider, last.account AS account,
       last.region AS region, last.resource_id AS resource_id, last.resource_type AS resource_type,
       last.address AS address, last.kind AS kind, last.severity AS severity, last.tier AS tier,
       last.rule_id AS rule_id, author, NULL::VARCHAR AS reason, until, changes, steps
FROM drifted
UNION ALL BY NAME
SELECT 'look' AS subject, verdict, outcome AS state, controls, target, layer, times, first_at, last_at,
       last.record_id AS record_id, last.details AS details, last.reason AS reason
FROM looked;
