// Makes indexes anew while others write. Private to infra/database/postgres.
//
// Nothing here keeps a writer waiting for longer than half a second: what is long is CONCURRENTLY, what is
// not asks for its lock for so long and then gives up.
#pragma once

#include "infra/database/postgres/index_catalog.h"

namespace elevaite::database::postgres {

class IndexMaker {
 public:
  IndexMaker(Connection& connection, const std::string& schema) : connection_(connection), schema_(schema) {}

  // `what` on a table that has none such. Of a partitioned table: on all that are parts of it, too.
  Result<void> Make(const std::string& table, const std::string& name, const std::string& what);
  // One that is there; of a partitioned table: the parts that it lacks.
  Result<void> Remake(const std::string& table, const CatalogIndex& index);

 private:
  Result<void> MakeParts(const std::string& table, const std::string& index, const std::string& what);
  Result<void> MakeConcurrently(const std::string& table, const std::string& name, const std::string& what);
  Result<void> Briefly(const std::string& text);
  Result<void> Concurrently(const std::string& text);

  Connection& connection_;
  const std::string& schema_;
};

}  // namespace elevaite::database::postgres
