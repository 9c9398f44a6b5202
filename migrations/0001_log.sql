-- The log: entries, their payloads, full tiles, checkpoints; and the roles that may touch them.
--
-- isa_sequence appends and nothing else; isa_read reads, an organisation at a time; isa_work keeps working state;
-- isa_erase removes payloads whose retention has ended. None can log in: the service's login is a member of them.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['isa_sequence', 'isa_read', 'isa_work', 'isa_erase'] LOOP
        -- Looked for first: an owner that may not create roles can have them made for it.
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
END
$$;

CREATE TABLE entry (
    index     bigint      PRIMARY KEY CHECK (index >= 0),
    kind      text        NOT NULL,
    at        timestamptz NOT NULL,
    leaf      bytea       NOT NULL CHECK (octet_length(leaf) BETWEEN 1 AND 65535),
    leaf_hash bytea       NOT NULL CHECK (octet_length(leaf_hash) = 32)
);

-- The register's kinds are few among many records: the fold finds them here.
CREATE INDEX entry_register_kinds ON entry (index) WHERE kind <> 'record';

-- No foreign key to entry: one statement pair in one transaction writes both, and fsck compares them. `readers` are
-- the organisations that may see a payload; NULL is everybody that may see the register.
CREATE TABLE payload (
    index   bigint PRIMARY KEY,
    kind    text   NOT NULL,
    readers text[],
    payload bytea  NOT NULL,
    salt    bytea  NOT NULL CHECK (octet_length(salt) = 32)
);

-- Full tiles only. A partial tile is the stored leaf hashes, or the roots of the full tiles below it.
CREATE TABLE tile (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    number bigint   NOT NULL CHECK (number >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) = 8192),
    root   bytea    NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, number)
);

CREATE TABLE checkpoint (
    size      bigint      PRIMARY KEY CHECK (size >= 0),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      bytea       NOT NULL,
    signed_at timestamptz NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'payload' AND TG_OP = 'DELETE' AND current_user = 'isa_erase' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payload
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON entry, payload, tile, checkpoint TO isa_sequence;
GRANT SELECT ON entry, payload, tile, checkpoint TO isa_read;
GRANT SELECT, DELETE ON payload TO isa_erase;

-- A reader says for whom it reads in the setting isa.organisation: an id, '*' for an auditor, nothing for nobody.
ALTER TABLE payload ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON payload TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY erased ON payload TO isa_erase USING (true);
CREATE POLICY parties_read ON payload FOR SELECT TO isa_read USING (
    readers IS NULL
    OR current_setting('isa.organisation', true) = ANY (readers)
    OR current_setting('isa.organisation', true) = '*'
);
