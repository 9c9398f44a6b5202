-- name: note_use
-- At most one write per person and day, whichever worker comes first.
INSERT INTO person_use AS known (organisation, issuer, subject, last_on)
SELECT organisation, issuer, subject, $4
FROM unnest($1::text[], $2::text[], $3::text[]) AS used(organisation, issuer, subject)
ON CONFLICT (organisation, issuer, subject) DO UPDATE SET last_on = excluded.last_on
WHERE known.last_on < excluded.last_on

-- name: people_used
-- As far as the reader may know.
SELECT issuer, subject, last_on FROM person_use WHERE organisation = $1

-- name: used_since
SELECT began FROM person_use_since

-- name: everybody_used
SELECT organisation, issuer, subject FROM person_use

-- name: forget_use
DELETE FROM person_use known
USING unnest($1::text[], $2::text[], $3::text[]) AS gone(organisation, issuer, subject)
WHERE (known.organisation, known.issuer, known.subject) = (gone.organisation, gone.issuer, gone.subject)

-- name: granted_at
-- When entries were logged.
SELECT index, at FROM entry WHERE index = ANY ($1::bigint[])
