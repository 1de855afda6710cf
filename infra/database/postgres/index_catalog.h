// Tables and indexes of a schema, as the server's catalog has them. Private to infra/database/postgres.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "infra/database/migrate.h"
#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

struct CatalogIndex {
  std::string name;
  std::string what;  // "UNIQUE USING btree (account_id, id) WHERE ...": equal for those that do the same
  bool is_unique = false;
  bool is_partitioned = false;
  bool is_btree = false;
  bool is_valid = false;
  bool is_being_made = false;  // by somebody, right now
  std::string parent;          // the index of the partitioned table that it is a part of; empty: of none
};

struct CatalogTable {
  std::string parent;  // of a partition
  bool is_partitioned = false;
  std::vector<CatalogIndex> indexes;

  const CatalogIndex* Find(const std::string& what) const;
};

using Catalog = std::map<std::string, CatalogTable>;

Result<Catalog> ReadCatalog(Connection& connection, const std::string& schema);

// What the migrations make of an empty schema. Nothing of it stays. kUnavailable: our role may make none.
Result<Catalog> CatalogMadeBy(Connection& connection, const std::string& schema,
                              std::span<const Migration> migrations);

// What that says of one table, which may be of a week of which it has none.
const CatalogTable* Expected(const Catalog& made, const std::string& name, const CatalogTable& table);
// The name in it, for the table of another week.
std::string NameFor(const CatalogIndex& index, const std::string& table);

std::string Quoted(const std::string& name);

}  // namespace elevaite::database::postgres
