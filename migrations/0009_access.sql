-- Who may act, as working state: what one person of the business unit proposed and another has to approve, and on which
-- day somebody last made use of a role.

-- A proposal. `change` is the canonical JSON of what would be logged, and `sha256` of it; both are gone once it is
-- decided, for then the log says it, or nobody needs it. People are numbers: the entries that made them known.
-- `approved_size` is the log's size when it was approved: what came of it stands at that index or later.
CREATE TABLE access_proposal (
    id            text        PRIMARY KEY,
    organisation  text        NOT NULL,
    change        bytea,
    sha256        bytea       CHECK (octet_length(sha256) = 32),
    state         text        NOT NULL CHECK (state IN ('open', 'approved', 'logged', 'withdrawn', 'declined')),
    proposed_by   bigint      NOT NULL,
    proposed_at   timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    approved_by   bigint,
    approved_at   timestamptz,
    approved_size bigint,
    entry         bigint,
    CHECK (proposed_by <> approved_by),
    CHECK ((state IN ('open', 'approved')) = (change IS NOT NULL)),
    CHECK ((change IS NULL) = (sha256 IS NULL)),
    CHECK ((state IN ('approved', 'logged')) = (approved_by IS NOT NULL)),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL) AND (approved_by IS NULL) = (approved_size IS NULL)),
    CHECK ((state = 'logged') = (entry IS NOT NULL))
);

-- The same wish of the same person is one proposal.
CREATE UNIQUE INDEX access_proposal_once ON access_proposal (proposed_by, sha256) WHERE state = 'open';

-- The last day on which a person made use of a role: a date and nothing else, for the leavers' report alone.
CREATE TABLE person_use (
    organisation text NOT NULL,
    issuer       text NOT NULL,
    subject      text NOT NULL,
    last_on      date NOT NULL,
    PRIMARY KEY (organisation, issuer, subject)
);

-- The day since which that is noted: before it, nobody's absence means anything.
CREATE TABLE person_use_since (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    began    date    NOT NULL
);
INSERT INTO person_use_since (began) VALUES ((now() AT TIME ZONE 'Europe/London')::date);

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE access_proposal ALTER COLUMN change SET STATISTICS 0, ALTER COLUMN sha256 SET STATISTICS 0;
ALTER TABLE person_use ALTER COLUMN issuer SET STATISTICS 0, ALTER COLUMN subject SET STATISTICS 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON access_proposal, person_use TO isa_work;
GRANT SELECT ON person_use_since TO isa_work, isa_read;
GRANT SELECT ON access_proposal, person_use TO isa_read;

ALTER TABLE access_proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON access_proposal TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY everything ON access_proposal FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = '*'
);

ALTER TABLE person_use ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON person_use TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON person_use FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = organisation
);
