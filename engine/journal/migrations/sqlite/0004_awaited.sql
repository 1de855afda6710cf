-- Which task of the parent awaits an execution.
-- Why: one whose parent was cancelled, and the process died before it was cancelled too, is found when it is read back.
-- Null: nobody awaits it. Those that were started before this column are never taken for abandoned.
-- Compatible from: first version. Duration: instant (a column with a default).

ALTER TABLE executions ADD COLUMN parent_frame INTEGER;
