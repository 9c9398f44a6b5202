-- What both sides of an event see of what became of it: whether it was corrected, also where the correction itself is
-- not shown to the recipient. No more of a correction than that there is one, and only to whoever sees the event.

CREATE FUNCTION event_corrected(of_provider text, of_event uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.sharing_event c WHERE c.provider = of_provider AND c.corrects = of_event
    ) AND EXISTS (
        SELECT FROM public.sharing_event e
        WHERE e.provider = of_provider AND e.id = of_event AND (
            current_setting('isa.organisation', true) IN (e.provider, '*')
            OR (e.recipient_sees AND current_setting('isa.organisation', true) = e.recipient)
        )
    )
$$;

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT isa_guard TO CURRENT_USER;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION event_corrected(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_corrected(text, uuid) TO isa_read;
GRANT CREATE ON SCHEMA public TO isa_guard;
ALTER FUNCTION event_corrected(text, uuid) OWNER TO isa_guard;
REVOKE CREATE ON SCHEMA public FROM isa_guard;

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE isa_guard FROM CURRENT_USER;
    END IF;
END
$$;
