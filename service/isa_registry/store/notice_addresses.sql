-- name: addresses_of
SELECT id, organisation, role, address FROM notice_address WHERE organisation = ANY ($1::text[])
ORDER BY organisation, role, added_at, id

-- name: add
-- One more address, unless the body has as many as it may.
INSERT INTO notice_address (id, organisation, role, address, added_at)
SELECT 'nad_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, $3, $4
WHERE (SELECT count(*) FROM notice_address WHERE organisation = $1 AND role = $2) < $5
ON CONFLICT (organisation, role, address) DO NOTHING RETURNING id

-- name: the_same
SELECT id FROM notice_address WHERE organisation = $1 AND role = $2 AND address = $3

-- name: drop_deliveries
-- What was on its way there goes nowhere.
UPDATE notice_delivery SET state = 'dropped', settled_at = $2, error = 'address-deleted', kept = NULL, address = NULL,
    secret = NULL
WHERE kept = $1 AND state IN ('waiting', 'sending', 'dead')

-- name: hold
SELECT id FROM notice_address WHERE id = $1 AND organisation = $2 AND role = ANY ($3::text[]) FOR UPDATE

-- name: remove
DELETE FROM notice_address WHERE id = $1
