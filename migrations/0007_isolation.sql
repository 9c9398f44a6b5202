-- Isolation: every table whose rows belong to bodies shows a reader only that body's, register entries included.
--
-- For whom isa_read reads stands in the setting isa.organisation: the id of an organisation; '*' for an auditor or an
-- erasure; '@register' for the service itself, which folds the whole register and reads no record; nothing for nobody,
-- who sees what every body sees. No organisation's id has such a sign in it.

-- What the register shows to every body (isa_registry.ledger.concerns), and which of its entries are erased. A kind that is
-- not named is shown to the body that it names alone.
CREATE FUNCTION shown_to_all(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind IN (
        'registry.opened', 'organisation.registered', 'organisation.changed', 'agreement.published', 'agreement.opened',
        'agreement.in-force', 'agreement.suspended', 'agreement.withdrawn', 'agreement.reviewed', 'attestation.made',
        'attestation.declined', 'attestation.withdrawn', 'catalogue.changed', 'retention.changed', 'log-key.rotated',
        'log.continued', 'payload.erased'
    )
$$;

-- The organisation that a payload names. One that somebody damaged names none, and does not break a reading.
CREATE FUNCTION organisation_of(payload bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN convert_from(payload, 'UTF8')::jsonb ->> 'organisation';
EXCEPTION
    WHEN data_exception OR untranslatable_character OR character_not_in_repertoire THEN RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION shown_to_all(text), organisation_of(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shown_to_all(text), organisation_of(bytea) TO isa_read;

-- In this order: a payload is looked into only where nothing else decides.
DROP POLICY parties_read ON payload;
CREATE POLICY parties_read ON payload FOR SELECT TO isa_read USING (
    CASE
        WHEN current_setting('isa.organisation', true) = '*' THEN true
        WHEN readers IS NOT NULL THEN current_setting('isa.organisation', true) = ANY (readers)
        WHEN shown_to_all(kind) THEN true
        WHEN current_setting('isa.organisation', true) = '@register' THEN true
        ELSE current_setting('isa.organisation', true) = organisation_of(payload)
    END
);

-- What was erased of the register is for everybody who folds it or sees it; of a case, for those who could see the case.
ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON erasure TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY worked ON erasure FOR SELECT TO isa_work USING (true);
CREATE POLICY guarded ON erasure FOR SELECT TO isa_guard USING (true);
CREATE POLICY parties ON erasure FOR SELECT TO isa_read USING (
    until IS NOT NULL
    OR current_setting('isa.organisation', true) = '*'
    OR EXISTS (SELECT FROM erased_record r WHERE r.index = erasure.index)
);

-- A hold says that somebody looks into something: for auditors and erasures alone.
ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON legal_hold TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY guarded ON legal_hold FOR SELECT TO isa_guard USING (true);
CREATE POLICY auditors ON legal_hold FOR SELECT TO isa_read USING (current_setting('isa.organisation', true) = '*');

ALTER TABLE legal_hold_lifted ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON legal_hold_lifted TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY guarded ON legal_hold_lifted FOR SELECT TO isa_guard USING (true);
CREATE POLICY auditors ON legal_hold_lifted FOR SELECT TO isa_read
    USING (current_setting('isa.organisation', true) = '*');
