-- The versions that an execution was on before the one it is on now.
-- Why: its events before a move belong to the program of another version than those after it.
-- [[number of the event that moved it, version before], ...]; null: it has never been moved.
-- Compatible from: first version. Duration: instant (a column with a default).

ALTER TABLE executions ADD COLUMN migrations TEXT;
