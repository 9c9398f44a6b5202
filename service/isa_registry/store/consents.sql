-- name: about
-- Every entry of a body's own consents about these people, in the log's order, and how far the log reached at that very
-- moment: read for that body, whoever the connection reads for (migration 0022).
SELECT * FROM consents_about($1, $2)

-- name: of_consent
-- Every entry of one consent, in the log's order, and how far the log reached at that very moment.
WITH tail AS (SELECT coalesce(max(index) + 1, 0) AS size FROM entry),
found AS (
    SELECT NULL::text AS subject, e.index, e.at, e.leaf, p.kind, p.payload, p.salt
    FROM consent_entry c
    JOIN entry e ON e.index = c.index
    JOIN payload p ON p.index = c.index
    WHERE c.organisation = coalesce($1, c.organisation) AND c.consent = $2
)
SELECT tail.size, found.* FROM tail LEFT JOIN found ON true ORDER BY found.index
