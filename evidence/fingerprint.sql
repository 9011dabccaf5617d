-- The content address of what drifted, over the rows of one drift at one step:
--   SELECT fingerprint(attribute, kind, declared, actual) FROM records WHERE record_id = '…';
-- Every part stands behind its length in UTF-8 bytes ('-' for NULL); the lines are distinct, in the
-- order of their bytes, joined by a line feed, and hashed. Rows of one change under several controls
-- therefore count once.
CREATE MACRO netstring(part) AS
    CASE WHEN part IS NULL THEN '-' ELSE concat(strlen(part), ':', part) END;
CREATE MACRO fingerprint(attribute, kind, declared, actual) AS
    sha256(coalesce(array_to_string(list_sort(list(DISTINCT
        concat(netstring(attribute), netstring(kind), netstring(declared), netstring(actual)))), chr(10)), ''));
