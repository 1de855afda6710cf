#include "infra/database/postgres/index_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace elevaite::database::postgres {
namespace {

constexpr Sql kTables{
    "indexes.tables",
    "SELECT c.relname, CAST(c.relkind = 'p' AS BOOLEAN), p.relname FROM pg_class c LEFT JOIN"
    " pg_inherits h ON h.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = h.inhparent"
    " WHERE c.relnamespace = to_regnamespace(CAST(?1 AS TEXT)) AND c.relkind IN ('r', 'p')"};
constexpr Sql kIndexes{
    "indexes.list",
    "SELECT t.relname, c.relname, substring(pg_get_indexdef(c.oid) FROM ' (USING .*)$'), i.indisunique,"
    " c.relkind = 'I', m.amname = 'btree', i.indisvalid AND i.indisready AND i.indislive,"
    " EXISTS (SELECT 1 FROM pg_stat_progress_create_index g WHERE g.index_relid = c.oid AND g.datname = "
    "current_database()), p.relname"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
    " JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_inherits h ON h.inhrelid = c.oid"
    " LEFT JOIN pg_class p ON p.oid = h.inhparent"
    " WHERE t.relnamespace = to_regnamespace(CAST(?1 AS TEXT)) ORDER BY t.relname, c.relname"};

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kWeekDigits = 8;

Result<Rows> Fetch(Connection& connection, const Sql& sql, const Params& params) {
  return connection.Fetch(sql, params, QueryOptions{}, std::chrono::steady_clock::now() + kPatience);
}

Result<void> Control(Connection& connection, const std::string& text) {
  return connection.Control({"indexes.scratch", text.c_str()});
}

Result<void> Apply(Connection& connection, const std::string& schema, std::span<const Migration> migrations) {
  if (!Control(connection, "CREATE SCHEMA " + schema))
    return Fail(ErrorCode::kUnavailable, "our role may not make schemas in this database",
                "GRANT CREATE ON DATABASE to the role in database.url");
  RETURN_IF_ERROR(Control(connection, "SET LOCAL search_path TO " + schema));
  for (const Migration& migration : migrations)
    RETURN_IF_ERROR(connection.RunScript(migration.name, migration.sql));
  return {};
}

Result<Catalog> MadeInScratch(Connection& connection, const std::string& schema,
                              std::span<const Migration> migrations) {
  const std::string scratch = fmt::format("{}_check_{}", schema, connection.server_process());
  RETURN_IF_ERROR(Control(connection, "BEGIN"));
  const auto applied = Apply(connection, scratch, migrations);
  auto catalog = applied ? ReadCatalog(connection, scratch) : elevaite::Fail(applied.error());
  RETURN_IF_ERROR(Control(connection, "ROLLBACK"));
  return catalog;
}

// "executions_20261123"
bool IsOfWeek(const std::string& table) {
  if (table.size() <= kWeekDigits || table[table.size() - kWeekDigits - 1] != '_') return false;
  return std::ranges::all_of(table.substr(table.size() - kWeekDigits),
                             [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const CatalogIndex* CatalogTable::Find(const std::string& what) const {
  const auto found = std::ranges::find(indexes, what, &CatalogIndex::what);
  return found == indexes.end() ? nullptr : &*found;
}

Result<Catalog> ReadCatalog(Connection& connection, const std::string& schema) {
  Catalog catalog;
  ASSIGN_OR_RETURN(const Rows tables, Fetch(connection, kTables, Params::Of(schema)));
  for (const auto& row : tables)
    catalog[std::string(row.Text(0))] = {.parent = std::string(row.OptionalText(2).value_or("")),
                                         .is_partitioned = row.Bool(1),
                                         .indexes = {}};
  ASSIGN_OR_RETURN(const Rows indexes, Fetch(connection, kIndexes, Params::Of(schema)));
  for (const auto& row : indexes)
    catalog[std::string(row.Text(0))].indexes.push_back(
        {.name = std::string(row.Text(1)),
         .what = fmt::format("{}{}", row.Bool(3) ? "UNIQUE " : "", row.Text(2)),
         .is_unique = row.Bool(3),
         .is_partitioned = row.Bool(4),
         .is_btree = row.Bool(5),
         .is_valid = row.Bool(6),
         .is_being_made = row.Bool(7),
         .parent = std::string(row.OptionalText(8).value_or(""))});
  return catalog;
}

// It takes a second or two, and is the same for as long as the process lives.
Result<Catalog> CatalogMadeBy(Connection& connection, const std::string& schema,
                              std::span<const Migration> migrations) {
  static std::mutex mutex;
  static std::map<const Migration*, Catalog> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(migrations.data()); found != known.end()) return found->second;
  auto made = MadeInScratch(connection, schema, migrations);
  if (made) known.emplace(migrations.data(), *made);
  return made;
}

const CatalogTable* Expected(const Catalog& made, const std::string& name, const CatalogTable& table) {
  if (const auto found = made.find(name); found != made.end()) return &found->second;
  if (!IsOfWeek(name)) return nullptr;
  const std::string without = name.substr(0, name.size() - kWeekDigits);
  for (const auto& [other, expected] : made) {
    if (IsOfWeek(other) && other.substr(0, other.size() - kWeekDigits) == without &&
        expected.parent == table.parent)
      return &expected;
  }
  return nullptr;
}

std::string NameFor(const CatalogIndex& index, const std::string& table) {
  if (!IsOfWeek(table)) return index.name;
  const std::string without = table.substr(0, table.size() - kWeekDigits);
  if (!index.name.starts_with(without)) return index.name;
  return table + index.name.substr(std::min(table.size(), index.name.size()));
}

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace elevaite::database::postgres
