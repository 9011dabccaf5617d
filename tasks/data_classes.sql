-- tags of drifted resources → the classes of data that they are said to hold.
--
-- in:   resources, classified, data_class_tags (key, lower-case)
-- out:  data_classes   one row per drift that has any: classes, lower-case, in order
--
-- Both sides of a tag that drifted count, or whoever takes a tag away would lower the ceremony of it.

CREATE OR REPLACE TEMP TABLE data_classes AS
WITH telling AS (
    -- many resources have the same tags, and few name a class
    SELECT tags FROM (SELECT DISTINCT tags FROM resources)
    WHERE list_has_any(list_transform(json_keys(tags), lambda k: lower(k)), (SELECT list(key) FROM data_class_tags))
), objects AS (
    SELECT drift_id, tags AS object FROM resources SEMI JOIN telling USING (tags)
    UNION ALL
    SELECT drift_id, unnest([declared, actual]) FROM classified WHERE attribute IN ('tags', 'tags_all')
    UNION ALL
    SELECT drift_id, unnest([side->'$.tags', side->'$.tags_all'])::VARCHAR
    FROM (SELECT drift_id, unnest([declared, actual]) AS side FROM classified WHERE kind IN ('missing', 'unmanaged'))
), tagged AS (
    SELECT drift_id, key, json_extract_string(object, '/' || replace(replace(key, '~', '~0'), '/', '~1')) AS value
    FROM (SELECT drift_id, object, unnest(json_keys(object)) AS key FROM objects WHERE json_type(object) = 'OBJECT')
    UNION ALL
    SELECT drift_id, regexp_replace(attribute, '^tags(_all)?\.', ''), unnest([declared->>'$', actual->>'$'])
    FROM classified WHERE starts_with(attribute, 'tags.') OR starts_with(attribute, 'tags_all.')
)
SELECT drift_id, list_sort(list(DISTINCT lower(trim(value)))) AS classes
FROM tagged JOIN data_class_tags AS k ON k.key = lower(tagged.key)
WHERE value IS NOT NULL
GROUP BY drift_id;
