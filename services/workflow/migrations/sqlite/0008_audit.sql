-- Audit: who has done what to which object of an account, and why.
-- Why: acts on executions stand in their journals, others nowhere; somebody who asks wants one list.
-- Compatible from: this version. Duration: instant.

CREATE TABLE audit (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,              -- begins with its time
  who         TEXT    NOT NULL,
  act         TEXT    NOT NULL,
  object_kind TEXT    NOT NULL,
  object_id   TEXT    NOT NULL,
  note        TEXT    NOT NULL,              -- why; empty: nothing was said
  request_id  TEXT    NOT NULL,
  time_us     INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX audit_by_object ON audit (account_id, object_id, id);
CREATE INDEX audit_by_who ON audit (account_id, who, id);
