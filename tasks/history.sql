-- evidence → what is known of each drift today: an index, rebuilt at will, never evidence.
--
-- in:   records   the evidence, as evidence/query.py shows it; state_after of evidence/state.sql
-- out:  history   one row per drift ever seen, with the episode that a new look belongs to

CREATE OR REPLACE TEMP TABLE history AS
WITH steps AS (
    SELECT DISTINCT record_id, drift_id, episode, step, outcome, decision, occurred_at, run_id, fingerprint,
           (details->>'until')::TIMESTAMPTZ AS until, actor, reason, details->>'waived_until' AS filed_until
    FROM records
    WHERE drift_id IS NOT NULL AND attribute IS NULL
), told AS (
    SELECT *, state_after(step, outcome, decision) AS state
    FROM steps
), last AS (
    SELECT drift_id, max(episode) AS episode FROM steps GROUP BY drift_id
), now AS (
    SELECT t.drift_id,
           bool_or(t.step = 'closed')                                                     AS closed,
           arg_max(t.state, (t.occurred_at, t.record_id)) FILTER (t.state IS NOT NULL)    AS state,
           -- a branch that a person ended is over too: the next one bears another number
           count(DISTINCT t.run_id) FILTER (t.state IN ('open', 'rejected', 'waived'))    AS ended,
           coalesce(bool_or(t.outcome = 'over-limit'), false) AND NOT bool_or(t.step = 'closed') AS over_limit,
           arg_max(t.run_id, (t.occurred_at, t.record_id)) FILTER (t.step = 'asked')      AS asked_run,
           arg_max(t.fingerprint, (t.occurred_at, t.record_id))                           AS fingerprint,
           min(t.occurred_at)                                                             AS first_seen,
           max(t.occurred_at) FILTER (t.step = 'decided' AND t.outcome = 'rejected')      AS rejected_at,
           arg_max(t.fingerprint, t.occurred_at) FILTER (t.step = 'decided' AND t.outcome = 'rejected')
                                                                                          AS rejected_fingerprint,
           arg_max(t.until, t.occurred_at) FILTER (t.decision = 'waive')                  AS waived_until,
           arg_max(t.fingerprint, t.occurred_at) FILTER (t.decision = 'waive')            AS waived_fingerprint,
           arg_max(t.actor, t.occurred_at) FILTER (t.decision = 'waive')                  AS waived_by,
           arg_max(t.reason, t.occurred_at) FILTER (t.decision = 'waive')                 AS waived_reason,
           -- what the last look says of files counts alone: a waiver taken out of its file waives nothing
           nullif(arg_max(coalesce(t.filed_until, ''), (t.occurred_at, t.record_id)) FILTER (t.step = 'detected'), '')
                                                                                          AS filed_until
    FROM told AS t JOIN last USING (drift_id, episode)
    GROUP BY t.drift_id
)
SELECT l.drift_id,
       CASE WHEN n.closed THEN l.episode + 1 ELSE l.episode END                           AS episode,
       CASE WHEN n.closed THEN 'open' ELSE coalesce(n.state, 'open') END                  AS state,
       CASE WHEN n.closed THEN 1 ELSE n.ended + 1 END                                     AS attempt,
       n.closed,
       coalesce(n.state, 'open')                                                          AS last_state,
       n.asked_run, n.fingerprint, n.first_seen, n.rejected_at, n.rejected_fingerprint,
       n.waived_until, n.waived_fingerprint, n.over_limit, n.waived_by, n.waived_reason,
       CASE WHEN NOT n.closed THEN n.filed_until::TIMESTAMPTZ END                         AS filed_until
FROM last AS l JOIN now AS n USING (drift_id);
