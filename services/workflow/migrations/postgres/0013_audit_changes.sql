-- What an act has changed: as it was, and as it is.
-- Why: that a limit was changed says little without what it was.
-- Compatible from: first version. Lock: of the table, for an instant.

ALTER TABLE audit ADD COLUMN change TEXT;  -- JSON: {before, after}; NULL: nothing is said
