-- Who makes the calls to a host where fewer may be made at once than there are nodes.
-- Why: a part of one place cannot be had, so nodes take turns.
-- Compatible from: this version. Duration: instant (new table).

CREATE TABLE host_places (
  account_id TEXT COLLATE "C" NOT NULL,
  host       TEXT COLLATE "C" NOT NULL,     -- as calls know it: api.example.com:8443
  place      BIGINT NOT NULL,               -- 0 ... limit - 1
  node       TEXT COLLATE "C" NOT NULL,
  until_us   BIGINT NOT NULL,               -- when it is free, if the node is not heard of
  PRIMARY KEY (account_id, host, place)
);

ALTER TABLE host_places ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON host_places USING (account_id = current_setting('elevaite.account', true));
