-- Rotation of the log's keys: who may read what a rotation says, and what a witness has said of the keys to follow.

CREATE INDEX entry_log_key_rotations ON entry (index) WHERE kind = 'log-key.rotated';

-- Public, as docs/formats/key-rotation.md says; of all payloads it is the only kind that the checkpointer may read, since
-- it alone says which key signs what. The view is its owner's, so that the table itself stays closed.
CREATE VIEW log_key_rotation WITH (security_barrier) AS
    SELECT e.index, e.at, e.leaf, p.payload, p.salt, e.kind
    FROM entry e LEFT JOIN payload p ON p.index = e.index AND p.kind = e.kind
    WHERE e.kind = 'log-key.rotated';

GRANT SELECT ON log_key_rotation TO isa_checkpoint, isa_read, isa_sequence;

-- Whether the witness accepts the keys that are to follow; null where none are, or it has not been asked.
ALTER TABLE witness ADD COLUMN accepts_following boolean;
