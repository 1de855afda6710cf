-- What a published version refers to by address (functions of catalogs, schemas), as it was when the version was published.
-- Why: a version means the same for ever, also when the far side changes or is gone.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE resources (
  account_id TEXT NOT NULL,
  namespace  TEXT NOT NULL,
  name       TEXT NOT NULL,
  version    TEXT NOT NULL,
  uri        TEXT NOT NULL,
  text       TEXT NOT NULL,
  PRIMARY KEY (account_id, name, namespace, version, uri)
) WITHOUT ROWID;
