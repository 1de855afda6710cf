-- Who makes the calls to a host where fewer may be made at once than there are nodes.
-- Why: a part of one place cannot be had, so nodes take turns. (A process on SQLite is alone: the table stays empty.)
-- Compatible from: this version. Duration: instant (new table).

CREATE TABLE host_places (
  account_id TEXT    NOT NULL,
  host       TEXT    NOT NULL,               -- as calls know it: api.example.com:8443
  place      INTEGER NOT NULL,               -- 0 ... limit - 1
  node       TEXT    NOT NULL,
  until_us   INTEGER NOT NULL,               -- when it is free, if the node is not heard of
  PRIMARY KEY (account_id, host, place)
) WITHOUT ROWID;
