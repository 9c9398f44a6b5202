-- Working state: whom to tell at which address, what they were told, and what is still to be sent. Nothing here is in the
-- log, and nothing of a case is here.

-- An address of a body for one of its roles: a post's mailbox, better than a person's.
CREATE TABLE notice_address (
    id           text        PRIMARY KEY CHECK (id ~ '^nad_[0-9a-f]{32}$'),
    organisation text        NOT NULL,
    role         text        NOT NULL CHECK (role ~ '^[a-z-]{1,40}$'),
    address      text        NOT NULL CHECK (length(address) <= 254),
    added_at     timestamptz NOT NULL,
    UNIQUE (organisation, role, address)
);

-- What a body is told, once for ever: `key` is the thing and the body. Ids, codes and days alone.
CREATE TABLE notice (
    id           text        PRIMARY KEY CHECK (id ~ '^ntc_[0-9a-f]{32}$'),
    key          text        NOT NULL UNIQUE,
    template     text        NOT NULL,
    organisation text        NOT NULL,
    roles        text[]      NOT NULL,
    parameters   text        NOT NULL,
    about        text        NOT NULL,
    made_at      timestamptz NOT NULL,
    addressed    boolean     NOT NULL
);
CREATE INDEX notice_unaddressed ON notice (made_at) WHERE NOT addressed;
CREATE INDEX notice_by_time ON notice (made_at, id);

-- One notice to one mailbox. The address is that of the body's own table, or, for somebody who is not in it, its own, kept
-- like the secret of its link until it is sent. State comes before sending: `sending` is written and committed first.
CREATE TABLE notice_delivery (
    id          text        PRIMARY KEY CHECK (id ~ '^ntd_[0-9a-f]{32}$'),
    notice      text        NOT NULL REFERENCES notice,
    kept        text        REFERENCES notice_address ON DELETE SET NULL,
    address     text        CHECK (length(address) <= 254),
    secret      text,
    state       text        NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')),
    tries       integer     NOT NULL DEFAULT 0,
    failures    integer     NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    error       text        CHECK (error ~ '^[a-z0-9-]{1,40}$'),
    settled_at  timestamptz,
    UNIQUE (notice, kept),
    CHECK ((state IN ('sent', 'dead', 'dropped')) = (settled_at IS NOT NULL)),
    CHECK (state NOT IN ('sent', 'dropped') OR (address IS NULL AND secret IS NULL AND kept IS NULL))
);
CREATE INDEX notice_delivery_due ON notice_delivery (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX notice_delivery_dead ON notice_delivery (settled_at) WHERE state = 'dead';
CREATE INDEX notice_delivery_of ON notice_delivery (notice);
CREATE INDEX notice_delivery_kept ON notice_delivery (kept) WHERE kept IS NOT NULL;

-- An address of a body's system that is told of entries of the log, and of which kinds.
CREATE TABLE webhook (
    id           text        PRIMARY KEY CHECK (id ~ '^whk_[0-9a-f]{32}$'),
    organisation text        NOT NULL,
    url          text        NOT NULL CHECK (length(url) <= 500),
    kinds        text[]      NOT NULL,
    state        text        NOT NULL CHECK (state IN ('active', 'paused', 'off')),
    added_at     timestamptz NOT NULL,
    busy_until   timestamptz,
    UNIQUE (organisation, url)
);

-- One entry to one webhook, once; a test has none. The event is made from the row each time it is sent.
CREATE TABLE webhook_delivery (
    id         text        PRIMARY KEY CHECK (id ~ '^msg_[0-9a-f]{32}$'),
    webhook    text        NOT NULL REFERENCES webhook ON DELETE CASCADE,
    entry      bigint,
    kind       text        NOT NULL,
    subject    text        NOT NULL,
    happened   timestamptz NOT NULL,
    state      text        NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead')),
    failures   integer     NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL,
    error      text        CHECK (error ~ '^[a-z0-9-]{1,40}$'),
    settled_at timestamptz,
    position   bigint      GENERATED ALWAYS AS IDENTITY,
    UNIQUE (webhook, entry),
    CHECK ((state IN ('sent', 'dead')) = (settled_at IS NOT NULL))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, position) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_delivery_by_position ON webhook_delivery (webhook, position);

-- Up to which entry of the log everybody has been told, and on which day in London the dates were last looked at. Of what
-- was logged before the first look nobody is told.
CREATE TABLE notice_cursor (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    size      bigint  NOT NULL,
    looked_on text    NOT NULL DEFAULT ''
);

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE notice_address ALTER COLUMN address SET STATISTICS 0;
ALTER TABLE notice_delivery ALTER COLUMN address SET STATISTICS 0, ALTER COLUMN secret SET STATISTICS 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON notice_address, notice, notice_delivery, webhook, webhook_delivery, notice_cursor
    TO isa_work;
GRANT SELECT ON notice_address, webhook, webhook_delivery TO isa_read;

ALTER TABLE notice_address ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON notice_address TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON notice_address FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = organisation
);

ALTER TABLE webhook ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON webhook TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON webhook FOR SELECT TO isa_read USING (current_setting('isa.organisation', true) = organisation);

ALTER TABLE webhook_delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON webhook_delivery TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON webhook_delivery FOR SELECT TO isa_read USING (
    EXISTS (
        SELECT FROM webhook
        WHERE webhook.id = webhook_delivery.webhook
            AND webhook.organisation = current_setting('isa.organisation', true)
    )
);
