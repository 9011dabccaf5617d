-- findings of all layers → one drift per resource.
--
-- in:   findings   one row per change of each finding (tasks/merge.py says which columns)
--       remembered  what earlier sweeps know of each attribute (tasks/sightings.py)
-- out:  resources  one row per drifted resource, with drift_id and fingerprint
--       changes    one row per (drift, attribute, kind, declared, actual), with all layers that saw it
--
-- $estate is a variable: SET VARIABLE estate = '…'.

-- Length-prefixed text: joined values can't be confused with one another. A NULL is '-'.
CREATE OR REPLACE TEMP MACRO netstring(t) AS coalesce(octet_length(encode(t)) || ':' || t, '-');

-- 1. Which ids name the same resource? Findings that share an id or an alias do, also by way of others.
CREATE OR REPLACE TEMP TABLE called AS
SELECT DISTINCT resource_id, unnest(list_append(aliases, resource_id)) AS name
FROM findings;

CREATE OR REPLACE TEMP TABLE edges AS
WITH shared AS (
    SELECT name, min(resource_id) AS hub FROM called GROUP BY name HAVING count(*) > 1
), spokes AS (
    SELECT c.resource_id, s.hub FROM called AS c JOIN shared AS s USING (name) WHERE c.resource_id <> s.hub
)
SELECT resource_id AS here, hub AS there FROM spokes
UNION
SELECT hub, resource_id FROM spokes;

CREATE OR REPLACE TEMP TABLE same AS
WITH RECURSIVE component(resource_id, root) USING KEY (resource_id) AS (
    SELECT DISTINCT here, here FROM edges
    UNION
    SELECT e.there, min(c.root)
    FROM component AS c
    JOIN edges AS e ON e.here = c.resource_id
    JOIN recurring.component AS known ON known.resource_id = e.there
    WHERE c.root < known.root
    GROUP BY e.there
)
-- Of the ids of one resource, the cloud's own name stands for it: an ARN or an Azure path before a shorthand.
SELECT resource_id,
       first_value(resource_id) OVER (
           PARTITION BY root
           ORDER BY CASE WHEN resource_id LIKE 'arn:%' OR resource_id LIKE '/%' THEN 0 ELSE 1 END, resource_id
       ) AS canonical
FROM component;

CREATE OR REPLACE TEMP VIEW told AS
SELECT f.* REPLACE (coalesce(s.canonical, f.resource_id) AS resource_id), f.resource_id AS seen_as, f.rowid AS n,
       list_position(['terraform', 'aws_config', 'azure_policy', 'inspec'], layer) AS rank
FROM findings AS f LEFT JOIN same AS s USING (resource_id);

-- 2. One row per change; the layers that saw exactly this corroborate one another. What only one look
--    saw passes as it is: folding lists costs ten times as much as passing.
CREATE OR REPLACE TEMP TABLE looks AS
SELECT n, resource_id, rank, hash(resource_id, attribute, kind, declared, actual) AS key
FROM told;

CREATE OR REPLACE TEMP TABLE again AS
SELECT n FROM looks WHERE key IN (SELECT key FROM looks GROUP BY key HAVING count(*) > 1);

CREATE OR REPLACE TEMP TABLE merged AS
SELECT resource_id, attribute, kind, declared, actual, redacted, drift_class, direction,
       [layer] AS layers, [target] AS targets, source, source_file, source_line,
       reported_severity, list_sort(reported_controls) AS reported_controls
FROM told ANTI JOIN again USING (n)
UNION ALL
SELECT resource_id, attribute, kind, declared, actual, bool_or(redacted), min(drift_class),
       arg_min(direction, list_position(['weakened', 'unknown', 'lateral', 'strengthened'], direction)),
       list_sort(list(DISTINCT layer)), list_sort(list(DISTINCT target)),
       arg_min(source, rank), arg_min(source_file, rank), arg_min(source_line, rank),
       arg_min(reported_severity, list_position(['critical', 'high', 'medium', 'low', 'info'], reported_severity)),
       list_sort(list_distinct(flatten(list(reported_controls))))
FROM told SEMI JOIN again USING (n)
GROUP BY resource_id, attribute, kind, declared, actual;

-- 3. One row per resource. Where layers know it differently, Terraform's words win.
CREATE OR REPLACE TEMP TABLE described AS
WITH best AS (
    SELECT resource_id, arg_min(n, (rank, n)) AS n FROM looks GROUP BY resource_id
), seen AS (
    SELECT resource_id, list_sort(list_distinct(list(layer))) AS layers, list_sort(list_distinct(list(target))) AS targets
    FROM told GROUP BY resource_id
), names AS (
    SELECT coalesce(s.canonical, c.resource_id) AS resource_id, list_sort(list_distinct(list(c.name))) AS aliases
    FROM called AS c LEFT JOIN same AS s USING (resource_id) GROUP BY ALL
)
SELECT b.resource_id, f.resource_type, f.address, f.provider, f.account, f.region, f.environment, f.tags,
       seen.layers, seen.targets, names.aliases
FROM best AS b
JOIN seen ON seen.resource_id = b.resource_id
JOIN names ON names.resource_id = b.resource_id
JOIN findings AS f ON f.rowid = b.n;

CREATE OR REPLACE TEMP TABLE fingerprints AS
SELECT resource_id,
       ['missing', 'unmanaged', 'changed', 'noncompliant'][
           min(list_position(['missing', 'unmanaged', 'changed', 'noncompliant'], kind))] AS kind,
       sha256(string_agg(line, chr(10) ORDER BY line)) AS fingerprint
FROM (SELECT resource_id, kind,
             netstring(attribute) || netstring(kind) || netstring(declared) || netstring(actual) AS line
      FROM merged)
GROUP BY resource_id;

CREATE OR REPLACE TABLE resources AS
SELECT substr(sha256(netstring(getvariable('estate')) || netstring(resource_id)), 1, 32) AS drift_id,
       d.*, f.kind, f.fingerprint
FROM described AS d JOIN fingerprints AS f USING (resource_id);

CREATE OR REPLACE TABLE changes AS
SELECT r.drift_id, r.resource_id, r.resource_type, r.address, r.provider, r.account, r.region, r.environment,
       r.tags, m.* EXCLUDE (resource_id, layers, targets),
       array_to_string(m.layers, '+') AS layer, m.layers, m.targets,
       coalesce(s.recurrence, 0) AS recurrence, coalesce(s.hours_open, 0) AS hours_open
FROM merged AS m
JOIN resources AS r USING (resource_id)
LEFT JOIN remembered AS s ON s.drift_id = r.drift_id AND s.attribute = m.attribute;
