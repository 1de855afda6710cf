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

Result<std::int64_t> PlacePast(database::Database& db) {
  constexpr database::Sql kMisplaced{"partitions.misplaced", "SELECT name FROM misplaced_rows()"};
  constexpr database::Sql kMove{"partitions.move", "SELECT move_to_week(?1)"};
  std::int64_t moved = 0;
  ASSIGN_OR_RETURN(const database::Rows weeks, db.QueryAndWait(kMisplaced));
  for (const auto& week : weeks) {
    RETURN_IF_ERROR(db.TransactAndWait([&](database::Session& session) -> Result<void> {
      ASSIGN_OR_RETURN(const database::Rows rows, session.Query(kMove, week.Text(0)));
      moved += rows[0].Int(0);
      return {};
    }));
  }
  return moved;
}

}  // namespace elevaite::engine
