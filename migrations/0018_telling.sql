-- Telling bodies of events: the service itself reads, for nobody's eyes, which events there are that somebody is told of,
-- between which bodies, and with which flags. No payload, and no event that was not shared and has no flag.

CREATE POLICY told ON sharing_event FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = '@telling' AND (recipient_sees OR flags <> '{}')
);
CREATE POLICY told ON acknowledgement FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = '@telling'
);

-- A body's own decisions that are marked, which are few, for the page that lists them.
CREATE INDEX sharing_event_flagged ON sharing_event (provider, index DESC) WHERE flags <> '{}';
