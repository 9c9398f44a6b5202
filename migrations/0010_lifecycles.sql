-- The lives of agreements, attestations, drafts and invitations: the same truth as isa_registry.domain.lifecycles, held by
-- the database itself.

-- Which state follows from which event. A test compares it with the code's table, and fsck does where it is deployed.
CREATE TABLE lifecycle_step (
    machine  text NOT NULL,
    state    text NOT NULL,
    event    text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (machine, state, event)
);
INSERT INTO lifecycle_step (machine, state, event, to_state) VALUES
    ('draft', 'none', 'begin', 'drafting'),
    ('draft', 'drafting', 'revise', 'drafting'),
    ('draft', 'drafting', 'submit', 'in-review'),
    ('draft', 'drafting', 'discard', 'discarded'),
    ('draft', 'in-review', 'return', 'drafting'),
    ('draft', 'in-review', 'pass', 'quality-checked'),
    ('draft', 'in-review', 'discard', 'discarded'),
    ('draft', 'quality-checked', 'return', 'drafting'),
    ('draft', 'quality-checked', 'publish', 'published'),
    ('draft', 'quality-checked', 'discard', 'discarded'),
    ('agreement', 'none', 'publish', 'published'),
    ('agreement', 'published', 'open', 'open'),
    ('agreement', 'published', 'come-into-force', 'in-force'),
    ('agreement', 'published', 'withdraw', 'withdrawn'),
    ('agreement', 'open', 'come-into-force', 'in-force'),
    ('agreement', 'open', 'withdraw', 'withdrawn'),
    ('agreement', 'in-force', 'review', 'in-force'),
    ('agreement', 'in-force', 'suspend', 'suspended'),
    ('agreement', 'in-force', 'withdraw', 'withdrawn'),
    ('agreement', 'suspended', 'review', 'suspended'),
    ('agreement', 'suspended', 'resume', 'in-force'),
    ('agreement', 'suspended', 'withdraw', 'withdrawn'),
    ('invitation', 'none', 'ask-to-join', 'asked'),
    ('invitation', 'none', 'invite', 'invited'),
    ('invitation', 'asked', 'invite', 'invited'),
    ('invitation', 'asked', 'turn-down', 'turned-down'),
    ('invitation', 'turned-down', 'ask-to-join', 'asked'),
    ('invitation', 'turned-down', 'invite', 'invited'),
    ('invitation', 'invited', 'view', 'viewed'),
    ('invitation', 'invited', 'query', 'queried'),
    ('invitation', 'viewed', 'query', 'queried'),
    ('invitation', 'queried', 'query', 'queried'),
    ('invitation', 'queried', 'answer', 'queried'),
    ('invitation', 'queried', 'settle', 'viewed'),
    ('attestation', 'none', 'attest', 'attested'),
    ('attestation', 'none', 'decline', 'declined'),
    ('attestation', 'declined', 'attest', 'attested'),
    ('attestation', 'attested', 'withdraw', 'withdrawn'),
    ('attestation', 'withdrawn', 'attest', 'attested'),
    ('attestation', 'withdrawn', 'decline', 'declined');

-- What happened in the lives that are logged: one row for each such entry, from its payload. `thing` is of a version
-- "agreement version", of an attestation "agreement version organisation". `state` is what the table says follows.
CREATE TABLE lifecycle_event (
    index   bigint PRIMARY KEY,
    machine text   NOT NULL,
    thing   text   NOT NULL,
    event   text   NOT NULL,
    state   text   NOT NULL
);
CREATE INDEX lifecycle_event_of_thing ON lifecycle_event (machine, thing, index DESC);

-- For what is logged: the event follows from the last of the same thing, and the state is filled in.
CREATE FUNCTION follow_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before record;
BEGIN
    SELECT e.index, e.state INTO before FROM lifecycle_event e
    WHERE e.machine = NEW.machine AND e.thing = NEW.thing ORDER BY e.index DESC LIMIT 1;
    IF before.index >= NEW.index THEN
        RAISE EXCEPTION 'lifecycle: an event comes after those before it' USING ERRCODE = 'raise_exception';
    END IF;
    SELECT s.to_state INTO NEW.state FROM lifecycle_step s
    WHERE s.machine = NEW.machine AND s.state = coalesce(before.state, 'none') AND s.event = NEW.event;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lifecycle: % does not happen in state %', NEW.event, coalesce(before.state, 'none')
            USING ERRCODE = 'raise_exception';
    END IF;
    RETURN NEW;
END
$$;

-- For working state: a table with the columns `state` and `event`, the last event, whose machine is the trigger's
-- argument. A change that leaves both as they are is none of a life's.
CREATE FUNCTION hold_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := 'none';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.state, NEW.event) = (OLD.state, OLD.event) THEN
            RETURN NEW;
        END IF;
        before := OLD.state;
    END IF;
    PERFORM FROM lifecycle_step s
    WHERE s.machine = TG_ARGV[0] AND s.state = before AND s.event = NEW.event AND s.to_state = NEW.state;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lifecycle: % does not lead from % to %', NEW.event, before, NEW.state
            USING ERRCODE = 'raise_exception';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER follows BEFORE INSERT ON lifecycle_event FOR EACH ROW EXECUTE FUNCTION follow_lifecycle();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lifecycle_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lifecycle_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a log that is there already says. An attestation names its version and its body in the signed document.
INSERT INTO lifecycle_event (index, machine, thing, event)
SELECT p.index, split_part(p.kind, '.', 1),
    concat_ws(' ', said ->> 'agreement', said ->> 'version', said ->> 'organisation'),
    CASE p.kind
        WHEN 'agreement.published' THEN 'publish'
        WHEN 'agreement.opened' THEN 'open'
        WHEN 'agreement.in-force' THEN 'come-into-force'
        WHEN 'agreement.suspended' THEN 'suspend'
        WHEN 'agreement.resumed' THEN 'resume'
        WHEN 'agreement.withdrawn' THEN 'withdraw'
        WHEN 'agreement.reviewed' THEN 'review'
        WHEN 'attestation.made' THEN 'attest'
        WHEN 'attestation.declined' THEN 'decline'
        WHEN 'attestation.withdrawn' THEN 'withdraw'
    END
FROM payload p CROSS JOIN LATERAL (SELECT convert_from(p.payload, 'UTF8')::jsonb AS whole) w
CROSS JOIN LATERAL (
    SELECT CASE WHEN p.kind = 'attestation.made' THEN convert_from(
        decode(rpad(body, (length(body) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb ELSE whole END AS said
    FROM (SELECT translate(split_part(whole ->> 'jws', '.', 2), '-_', '+/') AS body) b
) s
WHERE p.kind IN ('agreement.published', 'agreement.opened', 'agreement.in-force', 'agreement.suspended',
    'agreement.resumed', 'agreement.withdrawn', 'agreement.reviewed', 'attestation.made', 'attestation.declined',
    'attestation.withdrawn')
ORDER BY p.index;

-- Words that are not published yet, as they were sent, and what became of them. People are numbers: the entries that made
-- them known; `written_by` sent the words as they stand. `reason` is the code with which they were last returned. Words
-- and schedule are gone once they are published, for then the log has them, or discarded.
CREATE TABLE agreement_draft (
    id              text        PRIMARY KEY,
    organisation    text        NOT NULL,
    partnership     text,
    agreement       text        NOT NULL,
    version         text        NOT NULL,
    words           bytea,
    schedule        bytea,
    text_sha256     bytea       NOT NULL CHECK (octet_length(text_sha256) = 32),
    schedule_sha256 bytea       NOT NULL CHECK (octet_length(schedule_sha256) = 32),
    state           text        NOT NULL,
    event           text        NOT NULL,
    reason          text,
    begun_at        timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    written_by      bigint      NOT NULL,
    submitted_by    bigint,
    passed_by       bigint,
    entry           bigint,
    CHECK (passed_by <> written_by AND passed_by <> submitted_by),
    CHECK ((state IN ('published', 'discarded')) = (words IS NULL) AND (words IS NULL) = (schedule IS NULL)),
    CHECK (state NOT IN ('in-review', 'quality-checked', 'published') OR submitted_by IS NOT NULL),
    CHECK ((state IN ('quality-checked', 'published')) = (passed_by IS NOT NULL)),
    CHECK ((state = 'published') = (entry IS NOT NULL)),
    CHECK (words IS NULL OR (sha256(words) = text_sha256 AND sha256(schedule) = schedule_sha256))
);

-- One draft of a version at a time.
CREATE UNIQUE INDEX agreement_draft_once ON agreement_draft (organisation, agreement, version)
    WHERE state NOT IN ('published', 'discarded');

-- Words change while they are being drafted, and at no other time: what was checked is what was sent.
CREATE FUNCTION hold_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.text_sha256, NEW.schedule_sha256) IS DISTINCT FROM (OLD.text_sha256, OLD.schedule_sha256)
        AND NOT (OLD.state = 'drafting' AND NEW.state = 'drafting')
    THEN
        RAISE EXCEPTION 'lifecycle: words change while they are being drafted alone' USING ERRCODE = 'raise_exception';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER lives BEFORE INSERT OR UPDATE ON agreement_draft
    FOR EACH ROW EXECUTE FUNCTION hold_lifecycle('draft');
CREATE TRIGGER words_stay BEFORE UPDATE ON agreement_draft FOR EACH ROW EXECUTE FUNCTION hold_words();

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE agreement_draft ALTER COLUMN words SET STATISTICS 0, ALTER COLUMN schedule SET STATISTICS 0;

GRANT SELECT ON lifecycle_step TO isa_sequence, isa_work;
GRANT SELECT, INSERT ON lifecycle_event TO isa_sequence;
GRANT SELECT, INSERT, UPDATE, DELETE ON agreement_draft TO isa_work;
GRANT SELECT ON agreement_draft TO isa_read;

ALTER TABLE agreement_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON agreement_draft TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON agreement_draft FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);

-- What the register shows to every body has three kinds more.
CREATE OR REPLACE FUNCTION shown_to_all(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind IN (
        'registry.opened', 'partnership.registered', 'partnership.changed', 'organisation.registered',
        'organisation.changed', 'agreement.published', 'agreement.opened', 'agreement.in-force',
        'agreement.suspended', 'agreement.resumed', 'agreement.withdrawn', 'agreement.reviewed', 'attestation.made',
        'attestation.declined', 'attestation.withdrawn', 'catalogue.changed', 'retention.changed', 'log-key.rotated',
        'log.continued', 'payload.erased'
    )
$$;
