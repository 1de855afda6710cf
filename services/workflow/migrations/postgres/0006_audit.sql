-- Audit: who has done what to which object of an account, and why.
-- Why: acts on executions stand in their journals, others nowhere; somebody who asks wants one list.
-- Compatible from: this version. Duration: instant.

CREATE TABLE audit (
  account_id  TEXT COLLATE "C" NOT NULL,
  id          BYTEA  NOT NULL,               -- begins with its time
  who         TEXT COLLATE "C" NOT NULL,
  act         TEXT COLLATE "C" NOT NULL,
  object_kind TEXT COLLATE "C" NOT NULL,
  object_id   TEXT COLLATE "C" NOT NULL,
  note        TEXT   NOT NULL,               -- why; empty: nothing was said
  request_id  TEXT   NOT NULL,
  time_us     BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX audit_by_object ON audit (account_id, object_id, id);
CREATE INDEX audit_by_who ON audit (account_id, who, id);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON audit USING (account_id = current_setting('elevaite.account', true));
