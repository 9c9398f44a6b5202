-- Summaries and translations are for everybody: what the register shows to every body has one kind more.
CREATE OR REPLACE FUNCTION shown_to_all(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind IN (
        'registry.opened', 'partnership.registered', 'partnership.changed', 'organisation.registered',
        'organisation.changed', 'agreement.published', 'agreement.opened', 'agreement.in-force',
        'agreement.suspended', 'agreement.resumed', 'agreement.withdrawn', 'agreement.reviewed', 'companion.published',
        'attestation.made', 'attestation.declined', 'attestation.withdrawn', 'catalogue.changed', 'law.verified',
        'law.verification-withdrawn', 'retention.changed', 'log-key.rotated', 'log.continued', 'payload.erased'
    )
$$;
