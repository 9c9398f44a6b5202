-- The checkpointer has a role of its own: it reads the log, never a payload, and alone records what was signed.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'isa_checkpoint') THEN
        BEGIN
            CREATE ROLE isa_checkpoint NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
END
$$;

-- Lines of witnesses under a checkpoint, as they stand in the note. A later one by the same key takes its place there.
CREATE TABLE cosignature (
    size   bigint      NOT NULL CHECK (size >= 0),
    name   text        NOT NULL,
    key_id bytea       NOT NULL CHECK (octet_length(key_id) = 4),
    at     timestamptz NOT NULL,
    line   text        NOT NULL,
    PRIMARY KEY (size, name, key_id, at)
);

-- The checkpoints that met the policy, each after the one before: the newest is what /log/checkpoint shows.
CREATE TABLE publication (
    size         bigint      PRIMARY KEY CHECK (size >= 0),
    previous     bigint      NOT NULL UNIQUE CHECK (previous < size),
    published_at timestamptz NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON publication
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Working state, one row: what the checkpointer last found of the log's history, and when.
CREATE TABLE checkpointer (
    only_one boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
    state    text        NOT NULL CHECK (state IN ('normal', 'alarmed', 'checks-only')),
    reasons  text[]      NOT NULL,
    said_at  timestamptz NOT NULL
);

REVOKE INSERT ON checkpoint FROM isa_sequence;
GRANT SELECT ON entry, tile, checkpoint, cosignature, publication, checkpointer TO isa_checkpoint;
GRANT INSERT ON checkpoint, cosignature, publication TO isa_checkpoint;
GRANT INSERT, UPDATE ON checkpointer TO isa_checkpoint;
GRANT SELECT ON cosignature, publication, checkpointer TO isa_read, isa_sequence;
