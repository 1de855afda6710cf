-- Whether somebody has listened for an event: those that expire without are counted.
-- Why: what never correlates is a mistake of a sender or of a workflow, and nobody would see it.
-- Compatible from: first version; of events that were there before nothing is known, so they count as heard. Takes a short exclusive lock
-- of the table. Duration: instant.

ALTER TABLE events ADD COLUMN heard SMALLINT NOT NULL DEFAULT 1;
