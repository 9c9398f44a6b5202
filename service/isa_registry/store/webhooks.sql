-- name: webhooks_of
SELECT w.id, w.organisation, w.url, w.kinds, w.state, w.added_at,
    (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN ('waiting', 'sending')) AS waiting,
    (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state = 'dead') AS dead
FROM webhook w WHERE w.organisation = $1 ORDER BY w.added_at, w.id

-- name: add
-- One more webhook, unless the body has as many as it may.
INSERT INTO webhook (id, organisation, url, kinds, state, added_at)
SELECT 'whk_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, $3, 'active', $4
WHERE (SELECT count(*) FROM webhook WHERE organisation = $1) < $5
ON CONFLICT (organisation, url) DO NOTHING RETURNING id

-- name: the_same
SELECT id FROM webhook WHERE organisation = $1 AND url = $2

-- name: change_state
UPDATE webhook SET state = $3 WHERE id = $1 AND organisation = $2

-- name: remove
DELETE FROM webhook WHERE id = $1 AND organisation = $2

-- name: announce
-- An entry, once, to every webhook that is told of its kind and was there when it happened; with $6, of that body alone.
INSERT INTO webhook_delivery (id, webhook, entry, kind, subject, happened, state, next_at)
SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), w.id, $1, $2, $3, $4, 'waiting', $5
FROM webhook w
WHERE w.state <> 'off' AND w.added_at <= $4 AND w.kinds && ARRAY[$2, split_part($2, '.', 1) || '.*']
    AND ($6::text IS NULL OR w.organisation = $6)
ORDER BY w.id
ON CONFLICT (webhook, entry) DO NOTHING

-- name: wanting
-- The bodies with a webhook that takes one of these kinds.
SELECT DISTINCT organisation FROM webhook WHERE state <> 'off' AND kinds && $1::text[]

-- name: test
INSERT INTO webhook_delivery (id, webhook, kind, subject, happened, state, next_at)
SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), w.id, $3, $4, $5, 'waiting', $5
FROM webhook w WHERE w.id = $1 AND w.organisation = $2 AND w.state = 'active' RETURNING id

-- name: take_webhook
-- A webhook to which nobody is sending, and which has something due that nothing earlier holds back.
SELECT w.id, w.organisation, w.url, d.id AS delivery
FROM webhook w CROSS JOIN LATERAL (
    SELECT d.id, d.next_at FROM webhook_delivery d
    WHERE d.webhook = w.id AND d.state IN ('waiting', 'sending') AND d.next_at <= $1
        AND NOT EXISTS (
            SELECT FROM webhook_delivery e
            WHERE e.webhook = w.id AND e.state IN ('waiting', 'sending') AND e.position < d.position
                AND e.failures < $2
        )
    ORDER BY d.position LIMIT 1
) d
WHERE w.state = 'active' AND (w.busy_until IS NULL OR w.busy_until <= $1)
ORDER BY d.next_at LIMIT 1 FOR UPDATE OF w SKIP LOCKED

-- name: hold
UPDATE webhook SET busy_until = $2 WHERE id = $1

-- name: sending
UPDATE webhook_delivery SET state = 'sending' WHERE id = $1 RETURNING id, webhook, entry, kind, subject, happened, failures

-- name: let_go
UPDATE webhook SET busy_until = NULL WHERE id = $1 AND busy_until = $2

-- name: sent
UPDATE webhook_delivery SET state = 'sent', settled_at = $2, error = NULL WHERE id = $1

-- name: fail
UPDATE webhook_delivery SET state = 'waiting', failures = failures + 1, next_at = $2, error = $3 WHERE id = $1

-- name: bury
UPDATE webhook_delivery SET state = 'dead', failures = failures + 1, settled_at = $2, error = $3 WHERE id = $1

-- name: switch_off
UPDATE webhook SET state = 'off', busy_until = NULL WHERE id = $1

-- name: bury_all
UPDATE webhook_delivery SET state = 'dead', settled_at = $2, error = $3
WHERE webhook = $1 AND state IN ('waiting', 'sending')

-- name: deliveries_of
-- Of one webhook, newest first; the dead alone where that is asked.
SELECT d.id, d.entry, d.kind, d.happened, d.state, d.failures, d.next_at, d.error, d.settled_at, d.position
FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook
WHERE w.id = $1 AND w.organisation = $2 AND (NOT $3 OR d.state = 'dead')
    AND ($4::bigint IS NULL OR d.position < $4)
ORDER BY d.position DESC LIMIT $5

-- name: redeliver
UPDATE webhook_delivery d SET state = 'waiting', failures = 0, settled_at = NULL, next_at = $4
FROM webhook w
WHERE d.id = $1 AND d.webhook = w.id AND w.id = $2 AND w.organisation = $3 AND w.state <> 'off'
    AND d.state IN ('dead', 'sent')

-- name: sweep
DELETE FROM webhook_delivery WHERE state IN ('sent', 'dead') AND settled_at < $1
