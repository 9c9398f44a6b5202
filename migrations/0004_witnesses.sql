-- How each witness of the policy stands: the checkpointer writes, every worker shows it. The cosignatures themselves, and
-- whether they meet the policy, are elsewhere: nothing is decided by this table.

CREATE TABLE witness (
    name        text        PRIMARY KEY,
    position    integer     NOT NULL CHECK (position >= 0),
    vkey        text        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('not-asked', 'healthy', 'failing', 'ahead', 'disagrees')),
    size        bigint      CHECK (size >= 0),
    cosigned_at timestamptz,
    error       text,
    told_at     timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON witness TO isa_checkpoint;
GRANT SELECT ON witness TO isa_read;
