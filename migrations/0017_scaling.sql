-- Numbers from 0 to 10 that people give in the Signs of Safety frame of a quarterly report. Working state: an opinion,
-- which binds nobody and proves nothing, so that it is not in the log.

CREATE TABLE safety_scaling (
    partnership  text        NOT NULL,
    organisation text        NOT NULL,
    quarter      text        NOT NULL,
    question     text        NOT NULL,
    value        smallint    NOT NULL CHECK (value BETWEEN 0 AND 10),
    said_by      text        NOT NULL,
    said_at      timestamptz NOT NULL,
    PRIMARY KEY (partnership, organisation, quarter, question)
);

GRANT SELECT ON safety_scaling TO isa_read;
GRANT SELECT, INSERT, UPDATE ON safety_scaling TO isa_work;

ALTER TABLE safety_scaling ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON safety_scaling TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON safety_scaling FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);
