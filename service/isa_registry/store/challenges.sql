-- name: entries_of
-- Every entry of a challenge, in order, as far as the reader may know.
SELECT index, challenge, organisation, other, by_body, event, code, stage, at, partnership
FROM challenge_entry WHERE challenge = $1 ORDER BY index

-- name: entries_before
-- The entries of the challenges that were raised before a log position, the newest first raised; of one side or both,
-- and only of those that are open, or only of those that are closed, where that is asked for.
SELECT index, challenge, organisation, other, by_body, event, code, stage, at, partnership
FROM challenge_entry
WHERE challenge IN (
    SELECT r.challenge FROM challenge_entry r
    WHERE r.event = 'raised' AND r.index < $1
        AND ($2::text IS NULL OR r.organisation = $2) AND ($3::text IS NULL OR r.other = $3)
        AND ($4::boolean IS NULL OR $4 = NOT EXISTS (
            SELECT FROM challenge_entry c WHERE c.challenge = r.challenge AND c.event = 'closed'
        ))
    ORDER BY r.index DESC LIMIT $5
)
ORDER BY index

-- name: entries_until
-- The entries of every challenge that was not closed before a moment: what figures of a period from there on need.
SELECT index, challenge, organisation, other, by_body, event, code, stage, at, partnership
FROM challenge_entry e
WHERE e.at < $2 AND NOT EXISTS (
    SELECT FROM challenge_entry c WHERE c.challenge = e.challenge AND c.event = 'closed' AND c.at < $1
)
ORDER BY index

-- name: logged_between
-- The entries of challenges in a stretch of the log, with when each was logged.
SELECT c.index, c.challenge, c.organisation, c.other, c.by_body, c.event, c.code, c.stage, c.at, c.partnership,
    e.at AS logged_at
FROM challenge_entry c JOIN entry e USING (index)
WHERE c.index >= $1 AND c.index < $2 ORDER BY c.index

-- name: entries_of_open
-- Every entry of the challenges that are not closed.
SELECT index, challenge, organisation, other, by_body, event, code, stage, at, partnership
FROM challenge_entry e
WHERE NOT EXISTS (SELECT FROM challenge_entry c WHERE c.challenge = e.challenge AND c.event = 'closed')
ORDER BY index

-- name: due
-- The first entries of challenges that each organisation raised and that were closed before its own moment, and that
-- nothing was announced of.
SELECT c.index, c.organisation, p.readers, p.kind, e.at
FROM challenge_entry c
JOIN unnest($1::text[], $2::timestamptz[]) AS due(organisation, before) USING (organisation)
JOIN challenge_entry closing ON closing.challenge = c.challenge AND closing.event = 'closed'
JOIN payload p ON p.index = c.index JOIN entry e ON e.index = c.index
WHERE c.event = 'raised' AND closing.at < due.before
    AND NOT EXISTS (SELECT FROM erasure_notice n WHERE n.index = c.index)
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.index = c.index)
ORDER BY c.index LIMIT $3

-- name: closing_of
-- Who raised the challenge that an entry is of, and when it was closed.
SELECT closing.organisation, closing.at
FROM challenge_entry c JOIN challenge_entry closing ON closing.challenge = c.challenge AND closing.event = 'closed'
WHERE c.index = $1

-- name: life_of
-- The entries that are there of the challenge that an entry is of, in order, with when each was logged.
SELECT c.index, e.at, c.challenge
FROM challenge_entry c JOIN entry e USING (index)
WHERE c.challenge = (SELECT challenge FROM challenge_entry WHERE index = $1) ORDER BY c.index
