-- name: due_checks
-- Checks of each organisation that were answered before its own moment, and that nothing was announced of.
SELECT c.index, c.organisation, p.readers, p.kind, e.at
FROM check_record c
JOIN unnest($1::text[], $2::timestamptz[]) AS due(organisation, before) USING (organisation)
JOIN payload p USING (index) JOIN entry e USING (index)
WHERE c.decided_at < due.before AND NOT EXISTS (SELECT FROM erasure_notice n WHERE n.index = c.index)
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.index = c.index)
ORDER BY c.index LIMIT $3

-- name: due_events
-- The same for events, by provider and by the class that the event names (an empty one: that it names none).
SELECT s.index, s.provider AS organisation, p.readers, p.kind, e.at
FROM sharing_event s
JOIN unnest($1::text[], $2::text[], $3::timestamptz[]) AS due(provider, class, before)
    ON s.provider = due.provider AND coalesce(s.retention, '') = due.class
JOIN payload p USING (index) JOIN entry e USING (index)
WHERE s.decided_at < due.before AND NOT EXISTS (SELECT FROM erasure_notice n WHERE n.index = s.index)
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.index = s.index)
ORDER BY s.index LIMIT $4

-- name: due_consents
-- The same for consents, by organisation, the kind of their first entry and the class that it names: each by its first
-- entry, once the last thing in its life was said before the moment. A payload that is not JSON any more names no class,
-- and does not keep the others from being found; whoever reads one holds it against the log.
SELECT c.index, c.organisation, p.readers, p.kind, e.at
FROM consent_entry c JOIN payload p USING (index) JOIN entry e USING (index)
JOIN unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS due(organisation, kind, class, before)
    ON c.organisation = due.organisation AND p.kind = due.kind
    AND coalesce(substring(encode(p.payload, 'escape') FROM '"retention":"([^"]*)"'), '') = due.class
WHERE c.subject IS NOT NULL AND c.at < due.before AND NOT EXISTS (
    SELECT FROM consent_entry later
    WHERE later.organisation = c.organisation AND later.consent = c.consent AND later.at >= due.before
)
    AND NOT EXISTS (SELECT FROM erasure_notice n WHERE n.index = c.index)
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.index = c.index)
ORDER BY c.index LIMIT $5

-- name: whole_consent
-- Every entry of the life that an entry is of, with when what it says was said, from the first that is still there.
SELECT life.index, e.at, life.organisation, life.consent, life.at AS said_at, life.subject IS NOT NULL AS begins
FROM consent_entry one JOIN consent_entry life USING (organisation, consent) JOIN entry e ON e.index = life.index
WHERE one.index = $1 ORDER BY life.index

-- name: due_searches
-- The same for searches, by the day on which each was made.
SELECT q.index, q.organisation, p.readers, p.kind, e.at
FROM search_record q
JOIN unnest($1::text[], $2::timestamptz[]) AS due(organisation, before) USING (organisation)
JOIN payload p USING (index) JOIN entry e USING (index)
WHERE e.at < due.before AND NOT EXISTS (SELECT FROM erasure_notice n WHERE n.index = q.index)
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.index = q.index)
ORDER BY q.index LIMIT $3
