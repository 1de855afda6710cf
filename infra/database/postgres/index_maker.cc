#include "infra/database/postgres/index_maker.h"

#include <fmt/format.h>

namespace elevaite::database::postgres {
namespace {

constexpr std::string_view kUnique = "UNIQUE ";
constexpr std::size_t kNameMax = 63;

// CREATE [UNIQUE] INDEX [CONCURRENTLY] name ON [ONLY] table USING ...
std::string Create(const char* how, const std::string& name, const char* only, const std::string& table,
                   const std::string& what) {
  const bool is_unique = what.starts_with(kUnique);
  return fmt::format("CREATE {}INDEX {}{} ON {}{} {}", is_unique ? kUnique : "", how, Quoted(name), only,
                     Quoted(table), is_unique ? what.substr(kUnique.size()) : what);
}

// What an end in the middle of REINDEX CONCURRENTLY leaves.
bool IsLeftOver(const std::string& name) {
  const std::string without = name.substr(0, name.find_last_not_of("0123456789") + 1);
  return without.ends_with("_ccnew") || without.ends_with("_ccold");
}

}  // namespace

Result<void> IndexMaker::Make(const std::string& table, const std::string& name, const std::string& what) {
  ASSIGN_OR_RETURN(const Catalog catalog, ReadCatalog(connection_, schema_));
  const auto found = catalog.find(table);
  if (found == catalog.end()) return {};  // its week has been dropped
  if (!found->second.is_partitioned) return MakeConcurrently(table, name, what);
  RETURN_IF_ERROR(Briefly(Create("", name, "ONLY ", table, what)));
  return MakeParts(table, name, what);
}

Result<void> IndexMaker::Remake(const std::string& table, const CatalogIndex& index) {
  if (index.is_partitioned) return MakeParts(table, index.name, index.what);
  return Concurrently(fmt::format("{} INDEX CONCURRENTLY {}", IsLeftOver(index.name) ? "DROP" : "REINDEX",
                                  Quoted(index.name)));
}

// The index of the table becomes valid with the last part that is attached.
Result<void> IndexMaker::MakeParts(const std::string& table, const std::string& index,
                                   const std::string& what) {
  ASSIGN_OR_RETURN(const Catalog catalog, ReadCatalog(connection_, schema_));
  for (const auto& [name, part] : catalog) {
    if (part.parent != table) continue;
    const CatalogIndex* there = part.Find(what);
    if (there != nullptr && there->parent == index && there->is_valid) continue;
    const std::string part_index =
        there != nullptr ? there->name : fmt::format("{}_{}", name, index).substr(0, kNameMax);
    if (there == nullptr) {
      RETURN_IF_ERROR(Make(name, part_index, what));
    } else if (!there->is_valid) {
      RETURN_IF_ERROR(Remake(name, *there));
    }
    if (there == nullptr || there->parent != index)
      RETURN_IF_ERROR(
          Briefly(fmt::format("ALTER INDEX {} ATTACH PARTITION {}", Quoted(index), Quoted(part_index))));
  }
  return {};
}

Result<void> IndexMaker::MakeConcurrently(const std::string& table, const std::string& name,
                                          const std::string& what) {
  const auto made = Concurrently(Create("CONCURRENTLY ", name, "", table, what));
  if (!made && !connection_.lost())
    (void)Concurrently("DROP INDEX CONCURRENTLY IF EXISTS " + Quoted(name));  // not valid, but written to
  return made;
}

Result<void> IndexMaker::Briefly(const std::string& text) {
  RETURN_IF_ERROR(connection_.Control({"indexes.lock_timeout", "SET lock_timeout TO 500"}));
  return connection_.Control({"indexes.make", text.c_str()});
}

// It waits for the transactions that have begun before it, and nobody waits for it.
Result<void> IndexMaker::Concurrently(const std::string& text) {
  RETURN_IF_ERROR(connection_.Control({"indexes.lock_timeout", "SET lock_timeout TO 60000"}));
  return connection_.Control({"indexes.make", text.c_str()});
}

}  // namespace elevaite::database::postgres
