-- What a step makes of its drift's state; null where it moves nothing. Nothing else says so.
-- An unauthorised or forged answer moves nothing; a branch that ended without an outcome leaves the drift open.
CREATE OR REPLACE MACRO state_after(step, outcome, decision) AS CASE
    WHEN step = 'asked' THEN 'waiting'
    WHEN step IN ('decided', 'waived') AND decision = 'waive' THEN 'waived'
    WHEN step = 'decided' AND outcome IN ('approved', 'rejected') THEN outcome
    WHEN step IN ('verified', 'closed') AND outcome IN ('restored', 'gone') THEN outcome
    WHEN step IN ('refused', 'remediated', 'verified', 'closed')
         AND outcome IN ('stale', 'expired', 'failed', 'over-limit') THEN 'open'
END;
