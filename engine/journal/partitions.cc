#include "engine/journal/partitions.h"

namespace elevaite::engine {
namespace {

constexpr database::Sql kMake{"partitions.make", "SELECT make_partitions(8)"};

}  // namespace

Result<std::int64_t> MakePartitions(database::Database& db) {
  std::int64_t made = 0;
  RETURN_IF_ERROR(db.TransactAndWait([&made](database::Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const database::Rows rows, session.Query(kMake));
    made = rows[0].Int(0);
    return {};
  }));
  return made;
}

}  // namespace elevaite::engine
