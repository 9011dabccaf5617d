-- evidence → when each attribute of each drift was first seen, episode by episode: an index, never evidence.
--
-- in:   records   the evidence, as evidence/query.py shows it, all of it
-- out:  seen      drift_id, attribute, episode, first_seen

CREATE OR REPLACE TEMP TABLE seen AS
SELECT drift_id, attribute, episode, min(occurred_at) AS first_seen
FROM records
WHERE step = 'classified' AND attribute IS NOT NULL
GROUP BY drift_id, attribute, episode
