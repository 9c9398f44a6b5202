-- name: checks_page
-- Checks in the order of the log, as far as the reader may know them.
SELECT index, id, organisation FROM check_record WHERE index >= $1 AND index < $2 ORDER BY index LIMIT $3

-- name: names_in
-- Of these entries, which of the names each payload holds, by place. Canonical JSON spells a string in one way, so
-- looking for it as it is spelled is looking for the string. What is kept compressed is taken apart once, for all names.
SELECT p.index, ARRAY(
    SELECT name.place FROM unnest($2::text[]) WITH ORDINALITY AS name(said, place)
    WHERE strpos(whole.payload, name.said) > 0 ORDER BY name.place
) AS places
FROM payload p CROSS JOIN LATERAL (SELECT encode(p.payload, 'escape') AS payload OFFSET 0) AS whole
WHERE p.index = ANY ($1::bigint[])

-- name: newest_checks_naming
-- Of the newest checks, so many at most: how many were looked through, and how many hold the name.
WITH looked_at AS (SELECT index FROM check_record ORDER BY index DESC LIMIT $2)
SELECT count(*) AS looked_through, count(*) FILTER (WHERE strpos(encode(p.payload, 'escape'), $1) > 0) AS naming
FROM looked_at JOIN payload p USING (index)
