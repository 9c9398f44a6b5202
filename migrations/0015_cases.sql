-- Consents, challenges, acknowledgements and searches: index tables over the record kinds, like those of 0002; and what
-- checks and events rest on, for figures. Every row is a function of its entry's payload, and goes with it.

ALTER TABLE check_record
    ADD COLUMN purpose text, ADD COLUMN urgency text, ADD COLUMN outcome text, ADD COLUMN basis text;
ALTER TABLE sharing_event
    ADD COLUMN urgency text, ADD COLUMN basis text, ADD COLUMN check_id text, ADD COLUMN corrects uuid,
    ADD COLUMN late_entry boolean;

-- The provider's own references in an event, by which it finds the event again.
CREATE TABLE event_reference (
    index        bigint NOT NULL,
    organisation text   NOT NULL,
    reference    text   NOT NULL,
    PRIMARY KEY (index, reference)
);

CREATE INDEX event_reference_by_reference ON event_reference (organisation, reference, index DESC);

-- What an event's recipient said of it; of several, the latest counts.
CREATE TABLE acknowledgement (
    index        bigint      PRIMARY KEY,
    provider     text        NOT NULL,
    event        uuid        NOT NULL,
    recipient    text        NOT NULL,
    event_sha256 bytea       NOT NULL CHECK (octet_length(event_sha256) = 32),
    matches      boolean     NOT NULL,
    received_at  timestamptz NOT NULL
);

CREATE INDEX acknowledgement_by_event ON acknowledgement (provider, event, index DESC);

-- One row for each entry in a consent's life. The person's reference is where it began: given or refused.
CREATE TABLE consent_entry (
    index        bigint      PRIMARY KEY,
    consent      text        NOT NULL,
    organisation text        NOT NULL,
    subject      text,
    event        text        NOT NULL CHECK (event IN ('given', 'refused', 'renewed', 'withdrawn', 'invalidated')),
    at           timestamptz NOT NULL,
    CHECK ((subject IS NOT NULL) = (event IN ('given', 'refused')))
);

CREATE INDEX consent_entry_by_consent ON consent_entry (organisation, consent, index);
CREATE INDEX consent_entry_by_subject ON consent_entry (organisation, subject) WHERE subject IS NOT NULL;

CREATE TABLE challenge_entry (
    index        bigint      PRIMARY KEY,
    challenge    text        NOT NULL,
    organisation text        NOT NULL,
    other        text        NOT NULL,
    by_body      text        NOT NULL CHECK (by_body IN (organisation, other)),
    event        text        NOT NULL CHECK (event IN ('raised', 'moved', 'closed')),
    stage        text,
    at           timestamptz NOT NULL,
    CHECK ((stage IS NULL) = (event = 'closed'))
);

CREATE INDEX challenge_entry_by_challenge ON challenge_entry (challenge, index);
CREATE INDEX challenge_entry_by_organisation ON challenge_entry (organisation, index DESC);
CREATE INDEX challenge_entry_by_other ON challenge_entry (other, index DESC);

CREATE TABLE search_record (
    index        bigint PRIMARY KEY,
    organisation text   NOT NULL,
    what         text   NOT NULL
);

-- Which entries are about the same thing (isa_registry.ledger.threads): the sequencer holds drafts against it, and
-- nobody else reads it.
CREATE TABLE thread (
    thread text   NOT NULL,
    index  bigint NOT NULL,
    PRIMARY KEY (thread, index)
);

CREATE INDEX thread_by_index ON thread (index);

-- What was recorded before has its rows from what it says. The log's tables refuse every change, this one apart.
CREATE FUNCTION rests_on_then(basis jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN basis -> 'article_6' ? 'art6-1-a' THEN 'consent' ELSE coalesce(
        (SELECT CASE point.value
            WHEN 'art6-1-c' THEN 'duty' WHEN 'art6-1-d' THEN 'vital-interests' WHEN 'art6-1-e' THEN 'public-task'
            ELSE 'legitimate-interests' END
         FROM jsonb_array_elements_text(basis -> 'article_6') WITH ORDINALITY AS point(value, place)
         WHERE point.value IN ('art6-1-c', 'art6-1-d', 'art6-1-e', 'art6-1-ea', 'art6-1-f')
         ORDER BY point.place LIMIT 1),
        CASE WHEN jsonb_array_length(basis -> 'part_3') > 0 THEN 'law-enforcement' ELSE 'none' END) END
$$;

CREATE FUNCTION signed_claims(payload bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_from(decode(body || repeat('=', (4 - length(body) % 4) % 4), 'base64'), 'UTF8')::jsonb
    FROM (SELECT translate(split_part(convert_from(payload, 'UTF8')::jsonb ->> 'jws', '.', 2), '-_', '+/')) AS jws(body)
$$;

ALTER TABLE check_record DISABLE TRIGGER append_only;
ALTER TABLE sharing_event DISABLE TRIGGER append_only;

UPDATE check_record SET
    purpose = said -> 'question' ->> 'purpose',
    urgency = coalesce(said -> 'question' ->> 'urgency', 'routine'),
    outcome = said -> 'answer' ->> 'outcome',
    basis = rests_on_then(said -> 'answer' -> 'basis')
FROM (SELECT index AS entry, convert_from(payload, 'UTF8')::jsonb AS said FROM payload WHERE kind = 'check.answered') p
WHERE index = entry;

UPDATE sharing_event SET
    urgency = said ->> 'urgency',
    basis = rests_on_then(said -> 'basis'),
    check_id = said ->> 'check',
    corrects = (said ->> 'corrects')::uuid,
    late_entry = (said ->> 'late_entry')::boolean
FROM (SELECT index AS entry, signed_claims(payload) AS said FROM payload WHERE kind = 'sharing-event.recorded') p
WHERE index = entry;

INSERT INTO event_reference (index, organisation, reference)
SELECT DISTINCT p.index, p.said ->> 'provider', named.reference
FROM (SELECT index, signed_claims(payload) AS said FROM payload WHERE kind = 'sharing-event.recorded') AS p,
    LATERAL (
        SELECT subject ->> 'ref' FROM jsonb_array_elements(p.said -> 'subjects') AS subject
        UNION SELECT p.said ->> 'case_record' UNION SELECT p.said ->> 'request'
    ) AS named(reference)
WHERE named.reference IS NOT NULL;

INSERT INTO thread (thread, index)
SELECT 'event ' || provider || ' ' || corrects::text, index FROM sharing_event WHERE corrects IS NOT NULL;

ALTER TABLE check_record ENABLE TRIGGER append_only;
ALTER TABLE sharing_event ENABLE TRIGGER append_only;
DROP FUNCTION rests_on_then(jsonb), signed_claims(bytea);

ALTER TABLE check_record
    ALTER COLUMN purpose SET NOT NULL, ALTER COLUMN urgency SET NOT NULL, ALTER COLUMN outcome SET NOT NULL,
    ALTER COLUMN basis SET NOT NULL;
ALTER TABLE sharing_event
    ALTER COLUMN urgency SET NOT NULL, ALTER COLUMN basis SET NOT NULL, ALTER COLUMN late_entry SET NOT NULL;

CREATE INDEX sharing_event_by_correction ON sharing_event (provider, corrects) WHERE corrects IS NOT NULL;

-- --- who may do what ---------------------------------------------------------------------------------------------

DO $$
DECLARE
    named text;
BEGIN
    FOREACH named IN ARRAY ARRAY[
        'event_reference', 'acknowledgement', 'consent_entry', 'challenge_entry', 'search_record', 'thread'
    ] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', named);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO isa_sequence', named);
        EXECUTE format('GRANT SELECT, DELETE ON %I TO isa_guard', named);
        -- Readers have no right to threads at all, so that there is nothing to tell apart.
        CONTINUE WHEN named = 'thread';
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', named);
        EXECUTE format('CREATE POLICY sequenced ON %I TO isa_sequence USING (true) WITH CHECK (true)', named);
        EXECUTE format('CREATE POLICY guarded ON %I TO isa_guard USING (true)', named);
    END LOOP;
END
$$;

GRANT SELECT ON event_reference, acknowledgement, consent_entry, challenge_entry, search_record TO isa_read;

CREATE POLICY own ON event_reference FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);
CREATE POLICY parties ON acknowledgement FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (provider, recipient, '*')
);
CREATE POLICY own ON consent_entry FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);
CREATE POLICY parties ON challenge_entry FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, other, '*')
);
CREATE POLICY own ON search_record FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE event_reference ALTER COLUMN reference SET STATISTICS 0;
ALTER TABLE consent_entry ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE thread ALTER COLUMN thread SET STATISTICS 0;
ALTER TABLE acknowledgement ALTER COLUMN event_sha256 SET STATISTICS 0;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = 'isa_guard'
        AND TG_TABLE_NAME IN (
            'payload', 'check_record', 'sharing_event', 'event_reference', 'acknowledgement', 'consent_entry',
            'challenge_entry', 'search_record', 'thread'
        )
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT isa_guard TO CURRENT_USER;
    END IF;
END
$$;

-- As in 0005, with the tables above. One more refusal, consent-first: what follows in a consent's life goes after what it
-- follows, so that no consent ever stands without its withdrawal.
CREATE OR REPLACE FUNCTION erase_payload(erased bigint, named_by bigint) RETURNS void
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
    IF EXISTS (
        SELECT FROM public.consent_entry c JOIN public.consent_entry earlier USING (organisation, consent)
        WHERE c.index = erased AND earlier.index < erased
    ) THEN
        RAISE EXCEPTION 'consent-first' USING ERRCODE = 'raise_exception';
    END IF;

    INSERT INTO public.erased_record (index, organisation, id, readers)
    SELECT c.index, c.organisation, c.id, p.readers
    FROM public.check_record c JOIN public.payload p USING (index) WHERE c.index = erased
    UNION ALL
    SELECT s.index, s.provider, s.id::text, p.readers
    FROM public.sharing_event s JOIN public.payload p USING (index) WHERE s.index = erased
    UNION ALL
    SELECT c.index, c.organisation, c.consent, p.readers
    FROM public.consent_entry c JOIN public.payload p USING (index) WHERE c.index = erased AND c.subject IS NOT NULL
    UNION ALL
    SELECT c.index, c.organisation, c.challenge, p.readers
    FROM public.challenge_entry c JOIN public.payload p USING (index) WHERE c.index = erased AND c.event = 'raised';
    DELETE FROM public.check_record WHERE index = erased;
    DELETE FROM public.sharing_event WHERE index = erased;
    DELETE FROM public.event_reference WHERE index = erased;
    DELETE FROM public.acknowledgement WHERE index = erased;
    DELETE FROM public.consent_entry WHERE index = erased;
    DELETE FROM public.challenge_entry WHERE index = erased;
    DELETE FROM public.search_record WHERE index = erased;
    DELETE FROM public.thread WHERE index = erased;
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

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE isa_guard FROM CURRENT_USER;
    END IF;
END
$$;
