-- What one person proposed and what another approved each carry a mark under a key that the database never holds, so
-- that a row in somebody's name is that person's own word. Where nothing is marked with, both stay empty.
ALTER TABLE access_proposal
    ADD COLUMN proposed_mark text,
    ADD COLUMN approved_mark text,
    ADD CONSTRAINT access_proposal_marked_while_it_waits
        CHECK (change IS NOT NULL OR (proposed_mark IS NULL AND approved_mark IS NULL));

-- What waits now has no mark, and would be in the way of the same wish with one: it is proposed anew.
DELETE FROM access_proposal WHERE state IN ('open', 'approved');
