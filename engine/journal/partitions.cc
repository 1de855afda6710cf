#include "engine/journal/partitions.h"

namespace elevaite::engine {
namespace {

constexpr database::Sql kMissing{"partitions.missing", "SELECT * FROM missing_weeks(8)"};
constexpr database::Sql kMake{"partitions.make", "SELECT make_week(?1)"};
constexpr std::chrono::seconds kPatience{2};  // with the rows of `*_rest`, which are looked through

}  // namespace

Result<MadePartitions> MakePartitions(database::Database& db, database::Upkeep& upkeep) {
  MadePartitions partitions;
  ASSIGN_OR_RETURN(const database::Rows missing, db.QueryAndWait(kMissing));
  for (const auto& week : missing) {
    const auto made = upkeep.Run(kMake, database::Params::Of(week.Text(0)), kPatience);
    if (!made && made.error().code != ErrorCode::kTimeout) return Fail(made.error());
    ++(made && (*made)[0].Bool(0) ? partitions.made : partitions.missing);
  }
  return partitions;
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
