-- Erasure: what is on hold, what is announced, what was erased; and the one function that can delete a payload.
--
-- isa_guard owns that function. Nobody can log in as it or is a member of it, so its rights are had inside the
-- function alone; isa_erase may call the function and do nothing else.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'isa_guard') THEN
        BEGIN
            CREATE ROLE isa_guard NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT isa_guard TO CURRENT_USER;
    END IF;
END
$$;

-- The class that an event names decides how long it is kept, so due events are found without reading a payload.
ALTER TABLE sharing_event ADD COLUMN retention text;

CREATE INDEX check_record_by_age ON check_record USING brin (decided_at);
CREATE INDEX sharing_event_by_age ON sharing_event USING brin (decided_at);

-- One row for each payload.erased entry, from its payload. For an entry of the register, `until` is the first log size
-- at which the register no longer depended on it.
CREATE TABLE erasure (
    index  bigint PRIMARY KEY,
    by     bigint NOT NULL UNIQUE CHECK (by > index),
    reason text   NOT NULL,
    rule   text,
    until  bigint CHECK (until > index AND until <= by)
);

CREATE INDEX erasure_of_register ON erasure (index) WHERE until IS NOT NULL;

-- Legal holds, from hold.placed and hold.lifted. An empty array and a NULL narrow nothing.
CREATE TABLE legal_hold (
    hold          text        PRIMARY KEY,
    index         bigint      NOT NULL UNIQUE,
    organisations text[]      NOT NULL,
    entries       bigint[]    NOT NULL,
    since         timestamptz,
    until         timestamptz
);

CREATE TABLE legal_hold_lifted (
    hold  text   PRIMARY KEY,
    index bigint NOT NULL UNIQUE
);

-- What is left of an erased check or event: its id, so that whoever asks for it, or sends it again, is told so.
CREATE TABLE erased_record (
    index        bigint PRIMARY KEY,
    organisation text   NOT NULL,
    id           text   NOT NULL,
    readers      text[] NOT NULL,
    UNIQUE (organisation, id)
);

-- Working state: what is going to be erased, and who was told. `erase_after` is NULL while a second person is awaited.
CREATE TABLE erasure_notice (
    index        bigint      PRIMARY KEY,
    organisation text        NOT NULL,
    readers      text[]      NOT NULL,
    reason       text        NOT NULL,
    rule         text,
    requested_by bigint,
    approved_by  bigint,
    announced_at timestamptz NOT NULL,
    erase_after  timestamptz,
    CHECK (requested_by <> approved_by),
    CHECK ((rule IS NULL) = (requested_by IS NOT NULL)),
    CHECK (erase_after IS NULL OR rule IS NOT NULL OR approved_by IS NOT NULL)
);

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE payload ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN salt SET STATISTICS 0;
ALTER TABLE sharing_event ALTER COLUMN sha256 SET STATISTICS 0;
ALTER TABLE idempotency ALTER COLUMN request_sha256 SET STATISTICS 0;
ALTER TABLE register_snapshot ALTER COLUMN body SET STATISTICS 0;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = 'isa_guard'
        AND TG_TABLE_NAME IN ('payload', 'check_record', 'sharing_event')
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON check_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold_lifted
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erased_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE ALL ON payload FROM isa_erase;
DROP POLICY erased ON payload;

GRANT SELECT, INSERT ON erasure, legal_hold, legal_hold_lifted TO isa_sequence;
GRANT SELECT ON erased_record TO isa_sequence;
GRANT SELECT ON erasure, legal_hold, legal_hold_lifted, erased_record, erasure_notice TO isa_read;
GRANT SELECT ON erasure TO isa_work;
GRANT SELECT, INSERT, UPDATE, DELETE ON erasure_notice TO isa_work;

GRANT SELECT, DELETE ON payload, check_record, sharing_event, register_snapshot, erasure_notice TO isa_guard;
GRANT SELECT, UPDATE ON idempotency TO isa_guard;
GRANT SELECT ON entry, erasure, legal_hold, legal_hold_lifted TO isa_guard;
GRANT SELECT, INSERT ON erased_record TO isa_guard;

CREATE POLICY guarded ON payload TO isa_guard USING (true);
CREATE POLICY guarded ON check_record TO isa_guard USING (true);
CREATE POLICY guarded ON sharing_event TO isa_guard USING (true);

ALTER TABLE erased_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY guarded ON erased_record TO isa_guard USING (true) WITH CHECK (true);
CREATE POLICY sequenced ON erased_record TO isa_sequence USING (true);
CREATE POLICY parties ON erased_record FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = ANY (readers)
    OR current_setting('isa.organisation', true) = '*'
);

ALTER TABLE erasure_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY guarded ON erasure_notice TO isa_guard USING (true);
CREATE POLICY worked ON erasure_notice TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY parties ON erasure_notice FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = organisation
    OR current_setting('isa.organisation', true) = ANY (readers)
    OR current_setting('isa.organisation', true) = '*'
);

-- Whether a hold that was not lifted covers an entry. `parties` are the organisations that it concerns.
CREATE FUNCTION on_hold(held bigint, logged timestamptz, parties text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM public.legal_hold h
        WHERE NOT EXISTS (SELECT FROM public.legal_hold_lifted l WHERE l.hold = h.hold)
            AND (h.organisations = '{}' OR h.organisations && parties)
            AND (h.entries = '{}' OR held = ANY (h.entries))
            AND (h.since IS NULL OR logged >= h.since)
            AND (h.until IS NULL OR logged < h.until)
    )
$$;

-- The organisations that an entry concerns, by what stands beside it and in it.
CREATE FUNCTION parties_of(concerned bigint) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT party), '{}')
    FROM (
        SELECT unnest(p.readers) FROM public.payload p WHERE p.index = concerned
        UNION
        SELECT convert_from(p.payload, 'UTF8')::jsonb ->> 'organisation'
        FROM public.payload p WHERE p.index = concerned AND p.readers IS NULL
        UNION
        SELECT s.recipient FROM public.sharing_event s WHERE s.index = concerned
    ) AS concerns(party)
    WHERE party IS NOT NULL
$$;

-- Deletes the payload and the salt of entry `erased`, and whatever else holds content of it, if entry `named_by` of the
-- log says so and no hold covers it. Done before, it does nothing. Its refusals are codes: erasure-not-logged, on-hold,
-- event-first.
CREATE FUNCTION erase_payload(erased bigint, named_by bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    naming jsonb;
    target record;
    record_kind text;
BEGIN
    -- The sequencer's turn: a hold that is being logged is waited for.
    PERFORM pg_advisory_xact_lock(7302);
    SELECT convert_from(p.payload, 'UTF8')::jsonb INTO naming
    FROM public.payload p JOIN public.erasure x ON x.by = p.index
    WHERE p.index = named_by AND x.index = erased;
    IF naming IS NULL OR naming ->> 'kind' <> 'payload.erased' OR (naming ->> 'index')::bigint <> erased THEN
        RAISE EXCEPTION 'erasure-not-logged' USING ERRCODE = 'raise_exception';
    END IF;
    SELECT e.kind, e.at INTO STRICT target FROM public.entry e WHERE e.index = erased;
    IF public.on_hold(erased, target.at, public.parties_of(erased)) THEN
        RAISE EXCEPTION 'on-hold' USING ERRCODE = 'raise_exception';
    END IF;

    SELECT p.kind INTO record_kind FROM public.payload p WHERE p.index = erased;
    -- An event's row speaks of the entries that follow it and belong to it.
    IF record_kind IN ('sharing-event.withheld', 'sharing-event.flagged') AND EXISTS (
        SELECT FROM public.sharing_event s
        WHERE s.index BETWEEN erased - 2 AND erased - 1 AND (
            s.index = erased - 1 OR EXISTS (
                SELECT FROM public.payload p
                WHERE p.index = erased - 1 AND p.kind IN ('sharing-event.withheld', 'sharing-event.flagged')
            )
        )
    ) THEN
        RAISE EXCEPTION 'event-first' USING ERRCODE = 'raise_exception';
    END IF;

    INSERT INTO public.erased_record (index, organisation, id, readers)
    SELECT c.index, c.organisation, c.id, p.readers
    FROM public.check_record c JOIN public.payload p USING (index) WHERE c.index = erased
    UNION ALL
    SELECT s.index, s.provider, s.id::text, p.readers
    FROM public.sharing_event s JOIN public.payload p USING (index) WHERE s.index = erased;
    DELETE FROM public.check_record WHERE index = erased;
    DELETE FROM public.sharing_event WHERE index = erased;
    DELETE FROM public.payload WHERE index = erased;
    -- A request's hash could be guessed from; all zeros say that its answer was erased.
    UPDATE public.idempotency SET request_sha256 = decode(repeat('00', 32), 'hex') WHERE index = erased;
    DELETE FROM public.erasure_notice WHERE index = erased;
    IF target.kind <> 'record' THEN
        -- A snapshot that is being kept at this moment is waited for, and goes too.
        LOCK TABLE public.register_snapshot IN SHARE ROW EXCLUSIVE MODE;
        DELETE FROM public.register_snapshot WHERE size > erased;
    END IF;
END
$$;

-- Which of these entries have a payload and no hold on it, with the entry's leaf hash: what the journal of erasures is
-- held against, also by the checkpointer, which sees no payload.
CREATE FUNCTION payloads_present(asked bigint[]) RETURNS TABLE (index bigint, leaf_hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.index, e.leaf_hash FROM public.entry e JOIN public.payload p ON p.index = e.index
    WHERE e.index = ANY (asked) AND NOT public.on_hold(e.index, e.at, public.parties_of(e.index))
$$;

REVOKE ALL ON FUNCTION erase_payload(bigint, bigint), payloads_present(bigint[]), on_hold(bigint, timestamptz, text[]), parties_of(bigint)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_payload(bigint, bigint) TO isa_erase;
GRANT EXECUTE ON FUNCTION payloads_present(bigint[]) TO isa_read, isa_checkpoint;
GRANT EXECUTE ON FUNCTION on_hold(bigint, timestamptz, text[]), parties_of(bigint) TO isa_guard, isa_read;

GRANT CREATE ON SCHEMA public TO isa_guard;
ALTER FUNCTION erase_payload(bigint, bigint) OWNER TO isa_guard;
ALTER FUNCTION payloads_present(bigint[]) OWNER TO isa_guard;
REVOKE CREATE ON SCHEMA public FROM isa_guard;

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE isa_guard FROM CURRENT_USER;
    END IF;
END
$$;
