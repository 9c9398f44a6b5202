-- A body's own consents about some people, in one exchange with the database: for whom is read is said, read and taken
-- back within one statement, which is a transaction by itself. Whoever may call this may set that by hand as well; what
-- is shown is what row-level security shows to the body.
CREATE FUNCTION consents_about(reader text, people text[])
RETURNS TABLE (
    size bigint, subject text, index bigint, at timestamptz, leaf bytea, kind text, payload bytea, salt bytea
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    before text := current_setting('isa.organisation', true);
BEGIN
    PERFORM set_config('isa.organisation', reader, true);
    -- How far the log reached, and every entry of these consents in its order, at the very same moment.
    RETURN QUERY
    WITH tail AS (SELECT coalesce(max(e.index) + 1, 0) AS size FROM public.entry e),
    found AS (
        SELECT begun.subject, e.index, e.at, e.leaf, p.kind, p.payload, p.salt
        FROM public.consent_entry begun
        JOIN public.consent_entry c USING (organisation, consent)
        JOIN public.entry e ON e.index = c.index
        JOIN public.payload p ON p.index = c.index
        WHERE begun.organisation = reader AND begun.subject = ANY (people)
    )
    SELECT tail.size, found.subject, found.index, found.at, found.leaf, found.kind, found.payload, found.salt
    FROM tail LEFT JOIN found ON true ORDER BY found.index;
    PERFORM set_config('isa.organisation', coalesce(before, ''), true);
END
$$;

REVOKE ALL ON FUNCTION consents_about(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION consents_about(text, text[]) TO isa_read;
