-- name: checks_naming
-- Checks in the order of the log, as far as the reader may know them, each with those of the names that its payload
-- holds. Canonical JSON spells a string in one way, so looking for its bytes is looking for the string.
SELECT c.index, c.id, c.organisation, ARRAY(
    SELECT name.place FROM unnest($3::bytea[]) WITH ORDINALITY AS name(bytes, place)
    WHERE position(name.bytes IN p.payload) > 0 ORDER BY name.place
) AS places
FROM check_record c JOIN payload p USING (index)
WHERE c.index >= $1 AND c.index < $2 ORDER BY c.index LIMIT $4

-- name: newest_checks_naming
-- Of the newest checks, so many at most: how many were looked through, and how many hold the name.
WITH looked_at AS (SELECT index FROM check_record ORDER BY index DESC LIMIT $2)
SELECT count(*) AS looked_through, count(*) FILTER (WHERE position($1::bytea IN p.payload) > 0) AS naming
FROM looked_at JOIN payload p USING (index)
