-- name: lately
-- Every entry of the consents of which something was logged last, in the log's order.
WITH newest AS (
    SELECT consent FROM consent_entry WHERE organisation = $1
    GROUP BY consent ORDER BY max(index) DESC LIMIT $2
)
SELECT e.index, e.at, e.leaf, p.kind, p.payload, p.salt
FROM consent_entry c
JOIN newest USING (consent)
JOIN entry e ON e.index = c.index
JOIN payload p ON p.index = c.index
WHERE c.organisation = $1 ORDER BY e.index
