#include "engine/cluster/sole_ownership.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

using database::Rows;
using database::Session;
using database::Sql;

constexpr Sql kSelect{"partition_owners.select", "SELECT epoch, owner FROM partition_owners"};
constexpr Sql kDelete{"partition_owners.delete", "DELETE FROM partition_owners"};
constexpr Sql kInsert{"partition_owners.insert",
                      "INSERT INTO partition_owners (partition, epoch, owner) VALUES (?1, ?2, 'sole')"};
constexpr Sql kGiveBack{"partition_owners.give_back_all", "UPDATE partition_owners SET owner = ''"};

}  // namespace

Result<std::vector<Tenure>> TakeAll(database::Database& db, std::uint32_t partitions) {
  std::vector<Tenure> tenures;
  RETURN_IF_ERROR(db.TransactAndWait([&](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows before, session.Query(kSelect));
    std::int64_t epoch = 1;
    bool after_crash = false;
    for (const auto& row : before) {
      epoch = std::max(epoch, row.Int(0) + 1);
      after_crash = after_crash || !row.Text(1).empty();
    }
    RETURN_IF_ERROR(session.Execute(kDelete));
    for (std::uint32_t i = 0; i < partitions; ++i) {
      RETURN_IF_ERROR(session.Execute(kInsert, i, epoch));
      tenures.push_back({.partition = i, .epoch = epoch, .after_crash = after_crash});
    }
    return {};
  }));
  return tenures;
}

Result<void> GiveBackAll(database::Database& db) {
  database::Batch batch;
  batch.Add(kGiveBack);
  RETURN_IF_ERROR(db.SubmitAndWait(std::move(batch)));
  return {};
}

}  // namespace elevaite::engine
