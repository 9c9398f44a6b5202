-- name: received_events
-- Those that were shared with a body under this id, with their documents: ids are unique for a provider only.
SELECT s.provider, e.index, e.at, p.kind, e.leaf, p.payload, p.salt
FROM sharing_event s JOIN entry e USING (index) JOIN payload p USING (index)
WHERE s.id = $1 AND s.recipient = $2 AND s.recipient_sees ORDER BY s.index

-- name: acknowledgements_of
-- What an event's recipient said of it, oldest first.
SELECT a.index, e.at, a.recipient, a.matches, e.leaf, p.payload, p.salt
FROM acknowledgement a JOIN entry e USING (index) JOIN payload p USING (index)
WHERE a.provider = $1 AND a.event = $2 ORDER BY a.index

-- name: newest_acknowledgement
SELECT max(index) FROM acknowledgement WHERE provider = $1 AND event = $2

-- name: correction_of
-- What corrects an event and what it corrects, as far as the reader sees them, and whether anything does.
SELECT event_corrected($1, $2) AS corrected,
    (SELECT c.id FROM sharing_event c WHERE c.provider = $1 AND c.corrects = $2) AS corrected_by,
    (SELECT b.id FROM sharing_event b WHERE b.provider = $1 AND b.id = $3) AS corrects

-- name: events_by_state
-- Newest first, from a log position down, of one side or both: among the $4 newest, those in the state $5 and of the
-- decision $7, or all.
SELECT f.* FROM (
    SELECT e.*, CASE
        WHEN NOT e.recipient_sees THEN NULL
        WHEN event_corrected(e.provider, e.id) THEN 'corrected'
        WHEN a.matches IS NULL THEN 'unmatched'
        WHEN a.matches THEN 'matched'
        ELSE 'disputed'
    END AS state
    FROM (
        SELECT provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at,
            flags, retention, urgency, basis, check_id, corrects, late_entry
        FROM sharing_event
        WHERE index < $1 AND ($2::text IS NULL OR provider = $2) AND ($3::text IS NULL OR recipient = $3)
        ORDER BY index DESC LIMIT $4
    ) e LEFT JOIN LATERAL (
        SELECT said.matches FROM acknowledgement said
        WHERE said.provider = e.provider AND said.event = e.id ORDER BY said.index DESC LIMIT 1
    ) a ON true
) f WHERE ($5::text IS NULL OR f.state = $5) AND ($7::text IS NULL OR f.decision = $7)
ORDER BY f.index DESC LIMIT $6

-- name: reached
-- The last of the $4 newest from a log position down; none where there are fewer.
SELECT index FROM sharing_event
WHERE index < $1 AND ($2::text IS NULL OR provider = $2) AND ($3::text IS NULL OR recipient = $3)
ORDER BY index DESC OFFSET $4 - 1 LIMIT 1
