#include "infra/database/indexes.h"

namespace elevaite::database {

Result<IndexReport> CheckIndexes(Database& db, const IndexCheck& check) {
  auto* indexed = dynamic_cast<IndexedDatabase*>(&db);
  CHECK(indexed != nullptr);
  return indexed->CheckIndexes(check);
}

}  // namespace elevaite::database
