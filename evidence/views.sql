-- What auditors ask for, as views over `records`; docs/evidence.md says what each number is.
--
-- No view reads a clock: what stands "now" stands at the last record of the evidence (`as_of`).

CREATE VIEW as_of AS SELECT max(occurred_at) AS as_of FROM records;

-- one row per record in the life of a drift, whatever number of controls it concerns
CREATE VIEW told AS
SELECT record_id, any_value(drift_id) AS drift_id, any_value(coalesce(episode, 1)) AS episode, any_value(step) AS step,
       any_value(occurred_at) AS occurred_at, any_value(month) AS month, any_value(fingerprint) AS fingerprint,
       any_value(actor) AS actor, any_value(actor_kind) AS actor_kind, any_value(decision) AS decision,
       any_value(outcome) AS outcome, any_value(reason) AS reason, any_value(run_id) AS run_id,
       any_value(preview_sha256) AS preview_sha256, any_value(decision_sha256) AS decision_sha256,
       any_value(details) AS details, state_after(any_value(step), any_value(outcome), any_value(decision)) AS moved
FROM records WHERE drift_id IS NOT NULL AND attribute IS NULL AND step <> 'classified'
GROUP BY record_id;

-- one row per drift and episode
CREATE VIEW drifts AS
WITH concerned AS (
    SELECT drift_id, coalesce(episode, 1) AS episode,
           list(DISTINCT framework || ':' || control_id ORDER BY framework || ':' || control_id) AS controls,
           max_by({target: target, layer: layer, provider: provider, account: account, region: region,
                   resource_id: resource_id, resource_type: resource_type, address: address, kind: kind,
                   severity: severity, tier: tier, rule_id: rule_id}, (occurred_at, record_id)) AS last
    FROM records WHERE drift_id IS NOT NULL AND attribute IS NULL AND step <> 'classified' GROUP BY ALL
), lived AS (
    SELECT drift_id, episode,
           min(occurred_at)                                                           AS first_seen,
           max(occurred_at) FILTER (step = 'detected')                                AS last_seen,
           count(*) FILTER (step = 'detected')                                        AS times,
           min(occurred_at) FILTER (step = 'closed')                                  AS ended_at,
           max_by(outcome, occurred_at) FILTER (step = 'closed')                      AS ended_as,
           max_by(moved, (occurred_at, record_id)) FILTER (moved IS NOT NULL)         AS moved,
           max_by(fingerprint, (occurred_at, record_id))                              AS fingerprint,
           min(occurred_at) FILTER (step = 'asked')                                   AS asked_at,
           min((details->'question'->>'expires_at')::TIMESTAMPTZ) FILTER (step = 'asked') AS answer_due,
           min(occurred_at) FILTER (step = 'decided' AND actor_kind = 'person')       AS reviewed_at,
           -- the answer that made a quorum whole, or ended it: an approval that is not the last is asked on
           min(occurred_at) FILTER (step = 'decided' AND outcome = 'rejected')        AS rejected_at,
           min(occurred_at) FILTER (decision = 'waive' AND step <> 'refused' OR step = 'detected'
                                    AND details->>'state' = 'waived')                 AS waived_at,
           max_by((details->>'until')::TIMESTAMPTZ, occurred_at)
               FILTER (decision = 'waive' AND step <> 'refused')                      AS signed_until,
           max_by(fingerprint, occurred_at)
               FILTER (decision = 'waive' AND step <> 'refused')                      AS signed_fingerprint,
           nullif(max_by(coalesce(details->>'waived_until', ''), (occurred_at, record_id))
               FILTER (step = 'detected'), '')::TIMESTAMPTZ                           AS filed_until,
           list(DISTINCT actor ORDER BY actor) FILTER (step = 'decided' AND decision = 'approve') AS approvers
    FROM told GROUP BY drift_id, episode
), answered AS (
    -- a question is answered in time if no later round of its run had to be asked, nor its end be recorded, first
    SELECT drift_id, episode, max_by(step, (occurred_at, record_id)) AS last_step
    FROM told JOIN lived USING (drift_id, episode)
    WHERE step IN ('asked', 'decided', 'closed', 'remediated') AND occurred_at <= answer_due
    GROUP BY drift_id, episode
)
SELECT drift_id, episode,
       CASE WHEN ended_at IS NULL AND filed_until > as_of
                 AND coalesce(moved, 'open') IN ('open', 'waiting', 'approved', 'rejected', 'waived') THEN 'waived'
            WHEN moved = 'waived' AND NOT coalesce(signed_fingerprint = fingerprint AND signed_until > as_of, false)
                THEN 'open'
            ELSE coalesce(moved, 'open') END                                          AS state,
       last.severity AS severity, last.tier AS tier, last.rule_id AS rule_id, last.kind AS kind,
       last.resource_id AS resource_id, last.resource_type AS resource_type, last.address AS address,
       last.target AS target, last.layer AS layer, last.provider AS provider, last.account AS account,
       last.region AS region, controls, fingerprint, first_seen, last_seen, times, ended_at, ended_as,
       date_diff('microsecond', first_seen, coalesce(ended_at, as_of)) / 60e6         AS exposure_minutes,
       asked_at, answer_due,
       coalesce(answer_due < as_of AND last_step = 'asked', false)                    AS breached,
       reviewed_at, rejected_at, waived_at,
       CASE WHEN signed_until IS NOT NULL OR filed_until IS NOT NULL
            THEN greatest(signed_until, filed_until) END                              AS waived_until,
       coalesce(ended_as = 'restored' AND reviewed_at IS NULL, false)                 AS auto_restored,
       coalesce(approvers, [])                                                        AS approvers
FROM lived JOIN concerned USING (drift_id, episode) LEFT JOIN answered USING (drift_id, episode) CROSS JOIN as_of;

-- one row per answer, with whether it counted; the envelope that was signed is decisions/<decision_sha256>.json
CREATE VIEW decisions AS
SELECT t.record_id, t.occurred_at, t.drift_id, t.episode, d.resource_id, d.severity, d.controls, t.actor, t.actor_kind,
       t.decision, t.step = 'decided' AS counted, t.outcome, t.reason, t.details->>'role' AS role,
       (t.details->>'until')::TIMESTAMPTZ AS until, d.asked_at, d.answer_due, t.fingerprint, t.run_id, t.preview_sha256,
       t.decision_sha256
FROM told AS t JOIN drifts AS d USING (drift_id, episode)
WHERE t.step IN ('decided', 'waived') OR t.step = 'refused' AND t.outcome = 'unauthorised';
