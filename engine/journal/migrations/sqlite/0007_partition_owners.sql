-- Who owns the partitions of the engine: the one process that has this file.
-- Why: whether the owner before has given a partition back or died with it. The same table as in PostgreSQL, where several processes
-- own a part each.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE partition_owners (
  partition INTEGER PRIMARY KEY,
  epoch     INTEGER NOT NULL,               -- grows with each owner
  owner     TEXT    NOT NULL                -- '': the last one has given it back
) STRICT;
