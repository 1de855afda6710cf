-- Who owns which partition of the engine, and the processes that share this database.
-- Why: several processes (nodes) own a part of the partitions each. A commit of a partition reads its row here FOR SHARE and expects the
-- epoch under which it was taken; whoever takes it over raises the epoch, not while a commit holds the row, and makes all later ones of the
-- owner before fail. Renewals touch `nodes` only, so that they never wait for a commit.
-- Events say which node wrote them and in which order: a node writes through one connection, whose transactions follow one another, so
-- that what has a greater `arrival` never shows before what has a smaller one. That is how the other nodes read on without missing any.
-- Times are this server's clock.
-- Compatible from: first version. Lock: `events` while its rows (a day's) are written anew.

CREATE TABLE partition_owners (
  partition INTEGER PRIMARY KEY,            -- as many rows as the cluster has partitions: changes only while no node lives
  epoch     BIGINT NOT NULL,                -- grows with each owner
  owner     TEXT   NOT NULL                 -- the node; '': the last one has given it back
) WITH (fillfactor = 50);

CREATE TABLE nodes (
  id              TEXT PRIMARY KEY,         -- of one life of a process
  address         TEXT    NOT NULL,         -- where the other nodes reach it
  writer          BIGINT  NOT NULL,         -- its number: of its events
  lane            INTEGER NOT NULL UNIQUE,  -- the remainder that the positions of its events leave
  alive_until_us  BIGINT  NOT NULL,
  leaving         BOOLEAN NOT NULL,         -- takes nothing more
  wants_lifecycle BOOLEAN NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- For the successor of a node that died: what is awaited by tasks that are gone.
CREATE INDEX ON executions_live (parent_id) WHERE parent_frame IS NOT NULL;

CREATE SEQUENCE nodes_writer;

CREATE SEQUENCE events_arrival;
ALTER TABLE events ADD COLUMN writer BIGINT NOT NULL DEFAULT 0, ADD COLUMN arrival BIGINT NOT NULL DEFAULT nextval('events_arrival');
CREATE INDEX events_by_writer ON events (writer, arrival) WHERE writer > 0;

CREATE FUNCTION now_us() RETURNS BIGINT LANGUAGE sql VOLATILE AS 'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT';
