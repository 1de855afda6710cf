-- Which execution started another one as a part of itself (`run: workflow`).
-- Why: people go from one to the other, and runs that start themselves for ever must end.
-- Compatible from: first version. Duration: instant (columns with a default).

ALTER TABLE executions ADD COLUMN parent_id BLOB;
ALTER TABLE executions ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
