-- name: counts
-- What happened from one moment until another, as far as a log size shows it, of these bodies: by body, measure and code.
-- A decision that was corrected counts as the correction says, except where the question is what became of it.
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT * FROM check_record
    WHERE decided_at >= $1 AND decided_at < $2 AND index < $3 AND organisation = ANY ($4::text[])
), decided AS MATERIALIZED (
    SELECT e.*, c.decision AS corrected_to
    FROM sharing_event e LEFT JOIN sharing_event c
        ON c.provider = e.provider AND c.corrects = e.id AND c.index < $3
    WHERE e.decided_at >= $1 AND e.decided_at < $2 AND e.index < $3 AND e.provider = ANY ($4::text[])
), standing AS (
    SELECT * FROM decided WHERE corrected_to IS NULL
), withheld AS (
    -- Each decision as it was first recorded, followed through its corrections to what it is now.
    SELECT provider, id AS first, id, decision, 0 AS corrections FROM decided
    WHERE decision IN ('not-shared', 'deferred') AND corrects IS NULL
    UNION ALL
    SELECT w.provider, w.first, c.id, c.decision, w.corrections + 1
    FROM withheld w JOIN sharing_event c ON c.provider = w.provider AND c.corrects = w.id AND c.index < $3
), became AS (
    SELECT DISTINCT ON (provider, first) provider, first, decision, corrections
    FROM withheld ORDER BY provider, first, corrections DESC
), receipted AS (
    SELECT s.provider, a.matches
    FROM standing s LEFT JOIN LATERAL (
        SELECT matches FROM acknowledgement a
        WHERE a.provider = s.provider AND a.event = s.id AND a.index < $3 ORDER BY a.index DESC LIMIT 1
    ) AS a ON true
    WHERE s.recipient_sees
)
SELECT organisation AS body, 'checks' AS measure, outcome AS code, count(*) AS count FROM asked GROUP BY 1, 3
UNION ALL
SELECT organisation, 'checks-by-basis', basis, count(*) FROM asked GROUP BY 1, 3
UNION ALL
SELECT provider, 'decisions', decision, count(*) FROM standing GROUP BY 1, 3
UNION ALL
SELECT provider, 'shared-by-basis', basis, count(*) FROM standing
WHERE decision IN ('shared', 'part-shared') GROUP BY 1, 3
UNION ALL
SELECT provider, 'not-shared',
    CASE WHEN corrections = 0 THEN 'stands'
        WHEN decision IN ('shared', 'part-shared') THEN 'shared-since' ELSE 'changed-otherwise' END, count(*)
FROM became GROUP BY 1, 3
UNION ALL
SELECT provider, 'flags', flag, count(*) FROM standing, unnest(flags) AS flag GROUP BY 1, 3
UNION ALL
SELECT provider, 'acknowledgements',
    CASE WHEN matches THEN 'matched' WHEN NOT matches THEN 'disputed' ELSE 'unmatched' END, count(*)
FROM receipted GROUP BY 1, 3
UNION ALL
SELECT provider, 'late-entries', 'late', count(*) FROM standing WHERE late_entry GROUP BY 1
UNION ALL
SELECT organisation, 'consents', event, count(*) FROM consent_entry
WHERE at >= $1 AND at < $2 AND index < $3 AND organisation = ANY ($4::text[]) GROUP BY 1, 3

-- name: times
-- Minutes from a recorded answer to the decision that names it: how many, the middle one, and the one that nine of ten
-- stay below; of each body, and of all under no name.
SELECT coalesce(e.provider, '') AS body, count(*) AS count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.decided_at - c.decided_at) / 60) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM e.decided_at - c.decided_at) / 60) AS ninth
FROM sharing_event e JOIN check_record c ON c.id = e.check_id AND c.organisation = e.provider
WHERE e.decided_at >= $1 AND e.decided_at < $2 AND e.index < $3 AND e.provider = ANY ($4::text[])
    AND e.corrects IS NULL AND e.decided_at >= c.decided_at
GROUP BY GROUPING SETS ((e.provider), ())

-- name: put_scaling
-- One number of a body for a quarter and a question: said again, it takes the place of the one before.
INSERT INTO safety_scaling (partnership, organisation, quarter, question, value, said_by, said_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (partnership, organisation, quarter, question)
DO UPDATE SET value = excluded.value, said_by = excluded.said_by, said_at = excluded.said_at

-- name: scalings
SELECT organisation, question, value, said_at FROM safety_scaling
WHERE partnership = $1 AND quarter = $2 ORDER BY organisation, question
