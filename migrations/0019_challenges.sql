-- What a challenge's entry says by code (its ground, its step, its outcome), and whose stages it goes through: for lists
-- and figures. Functions of the payload, as the other columns are.

ALTER TABLE challenge_entry ADD COLUMN code text, ADD COLUMN partnership text;

-- What was recorded before has its codes from what it says. The log's tables refuse every change, this one apart.
ALTER TABLE challenge_entry DISABLE TRIGGER append_only;
UPDATE challenge_entry SET
    code = coalesce(said ->> 'ground', said ->> 'step', said ->> 'outcome'),
    partnership = said ->> 'partnership'
FROM (
    SELECT index AS entry, convert_from(payload, 'UTF8')::jsonb AS said FROM payload WHERE kind LIKE 'challenge.%'
) p
WHERE index = entry;
ALTER TABLE challenge_entry ENABLE TRIGGER append_only;

ALTER TABLE challenge_entry
    ALTER COLUMN code SET NOT NULL,
    ADD CHECK ((partnership IS NOT NULL) = (event = 'raised'));

-- Telling the two bodies of a challenge: the service itself reads, for nobody's eyes, which there are. No payload.
CREATE POLICY told ON challenge_entry FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = '@telling'
);
