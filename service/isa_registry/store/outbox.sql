-- name: take_sweep
-- One worker at a time makes notices; the lock ends with the transaction.
SELECT pg_try_advisory_xact_lock(7305)

-- name: begin_cursor
-- Where the telling begins: nobody is told of what was logged before it first ran.
INSERT INTO notice_cursor (size) VALUES ($1) ON CONFLICT DO NOTHING

-- name: cursor
SELECT size, looked_on FROM notice_cursor

-- name: move_cursor
UPDATE notice_cursor SET size = $1, looked_on = $2

-- name: told_of
-- The entries that somebody may be told of, in order.
SELECT e.index, e.at, p.payload
FROM entry e JOIN payload p USING (index)
WHERE e.kind = ANY ($3::text[]) AND e.index >= $1 AND e.index < $2
ORDER BY e.index LIMIT $4

-- name: shared
-- The events in a stretch of the log that a body is told of: shared with one of these, or flagged.
SELECT s.index, e.at, s.provider, s.id, CASE WHEN s.recipient_sees THEN s.recipient END AS recipient, s.flags
FROM sharing_event s JOIN entry e USING (index)
WHERE s.index >= $1 AND s.index < $2
    AND (s.flags <> '{}' OR (s.recipient_sees AND s.recipient = ANY ($3::text[])))
ORDER BY s.index LIMIT $4

-- name: acknowledged
-- The acknowledgements in a stretch of the log of what these bodies shared.
SELECT a.index, e.at, a.provider, a.event, a.recipient
FROM acknowledgement a JOIN entry e USING (index)
WHERE a.index >= $1 AND a.index < $2 AND a.provider = ANY ($3::text[])
ORDER BY a.index LIMIT $4

-- name: made
-- Which of these notices are there already.
SELECT key FROM notice WHERE key = ANY ($1::text[])

-- name: made_at
-- When those of these notices that are there were made.
SELECT key, made_at FROM notice WHERE key = ANY ($1::text[])

-- name: make
-- Notices, each once for ever. Nothing comes back for one that was made before. Roles come with commas between, since
-- unnest flattens arrays of arrays.
INSERT INTO notice (id, key, template, organisation, roles, parameters, about, made_at, addressed)
SELECT 'ntc_' || replace(gen_random_uuid()::text, '-', ''), key, template, organisation, string_to_array(roles, ','),
    parameters, about, $8, addressed
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
    AS n(key, template, organisation, roles, parameters, about, addressed)
ON CONFLICT (key) DO NOTHING RETURNING key, id

-- name: unaddressed
-- What nobody could be told so far, for as long as it is worth telling.
SELECT id, template, organisation, roles, parameters, about FROM notice
WHERE NOT addressed AND made_at > $1 ORDER BY made_at, id LIMIT 500

-- name: addressed
UPDATE notice SET addressed = true WHERE id = ANY ($1::text[])

-- name: deliver
-- To addresses that bodies keep.
INSERT INTO notice_delivery (id, notice, kept, state, next_at)
SELECT 'ntd_' || replace(gen_random_uuid()::text, '-', ''), notice, kept, 'waiting', $3
FROM unnest($1::text[], $2::text[]) AS d(notice, kept)

-- name: deliver_to
-- To an address of its own.
INSERT INTO notice_delivery (id, notice, address, secret, state, next_at)
VALUES ('ntd_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, $3, 'waiting', $4)

-- name: claim
-- One delivery that is due, or that a worker held which is gone. Committed before anything is sent.
UPDATE notice_delivery d SET state = 'sending', tries = tries + 1, next_at = $2
FROM notice n
WHERE d.id = (
    SELECT id FROM notice_delivery WHERE state IN ('waiting', 'sending') AND next_at <= $1
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
) AND n.id = d.notice
RETURNING d.id, d.tries, d.failures, d.secret, n.template, n.organisation, n.roles, n.parameters, n.about,
    coalesce(d.address, (SELECT a.address FROM notice_address a WHERE a.id = d.kept)) AS address

-- name: settle
-- Sent, or not to be sent any more: the address and the link's secret are forgotten.
UPDATE notice_delivery
SET state = $3, settled_at = $4, error = $5, address = NULL, secret = NULL, kept = NULL
WHERE id = $1 AND state = 'sending' AND tries = $2

-- name: fail
-- Another try later.
UPDATE notice_delivery SET state = 'waiting', failures = failures + 1, next_at = $3, error = $4
WHERE id = $1 AND state = 'sending' AND tries = $2

-- name: bury
-- No try any more, until somebody asks for one.
UPDATE notice_delivery SET state = 'dead', failures = failures + 1, settled_at = $3, error = $4
WHERE id = $1 AND state = 'sending' AND tries = $2

-- name: redrive
-- Tried again from the beginning, if there is still an address.
UPDATE notice_delivery SET state = 'waiting', failures = 0, tries = least(tries, 1), settled_at = NULL, next_at = $2
WHERE id = $1 AND state = 'dead' AND (kept IS NOT NULL OR address IS NOT NULL)

-- name: next_due
-- When the next delivery is due.
SELECT min(next_at) FROM notice_delivery WHERE state IN ('waiting', 'sending')

-- name: listed
-- What was told, newest first, with how each delivery stands; never an address, and nothing of a case ($6).
SELECT n.id, n.template, n.organisation, n.roles, n.parameters, n.about, n.made_at,
    coalesce(array_agg(d.id || ' ' || d.state || ' ' || coalesce(d.error, '-') ORDER BY d.id)
        FILTER (WHERE d.id IS NOT NULL), '{}') AS deliveries
FROM notice n LEFT JOIN notice_delivery d ON d.notice = n.id
WHERE ($1::text IS NULL OR (n.made_at, n.id) < (SELECT b.made_at, b.id FROM notice b WHERE b.id = $1))
    AND n.template <> ALL ($6::text[])
    AND n.made_at > $4 AND (NOT $2 OR (NOT n.addressed AND n.made_at > $5) OR EXISTS (
        SELECT FROM notice_delivery f WHERE f.notice = n.id AND f.state = 'dead'
    ))
GROUP BY n.id ORDER BY n.made_at DESC, n.id DESC LIMIT $3

-- name: standing
-- Figures for whoever keeps the service running.
SELECT
    (SELECT count(*) FROM notice_delivery WHERE state IN ('waiting', 'sending')) AS waiting,
    (SELECT min(next_at) FROM notice_delivery WHERE state IN ('waiting', 'sending')) AS oldest,
    (SELECT count(*) FROM notice_delivery WHERE state = 'dead') AS dead,
    (SELECT count(*) FROM notice WHERE NOT addressed AND made_at > $1) AS untold,
    (SELECT count(*) FROM webhook_delivery WHERE state = 'dead' AND entry IS NOT NULL) AS webhooks_dead

-- name: give_up
-- Invitations that reached nobody: their address and their secret are not kept for ever.
UPDATE notice_delivery SET state = 'dropped', settled_at = $2, address = NULL, secret = NULL, kept = NULL
WHERE state = 'dead' AND address IS NOT NULL AND settled_at < $1

-- name: sweep
-- What was settled long ago: that the notice was made stays for ever, so that it is never made again.
DELETE FROM notice_delivery WHERE state <> 'waiting' AND state <> 'sending' AND settled_at < $1
