// History::CountVersions: what runs on which version of a workflow.
//
// Both questions have a bound, whatever the tables hold. The unfinished ones are counted from an index that
// has all that is asked of them, the oldest first: what still runs on an old version is old. How executions
// have ended is read from the rows of the latest ones.
#include <algorithm>
#include <array>
#include <memory>

#include "engine/journal/history.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

// One phase at a time, so that each comes in the order of the index.
#define ELEVAITE_UNFINISHED(of_phase)                                                                      \
  "SELECT * FROM (SELECT version, workflow, namespace, created_us, phase FROM executions WHERE account_id" \
  " = ?1 AND phase <> 6 AND phase = " of_phase " ORDER BY created_us, id LIMIT 200000) AS phase_" of_phase
// What is of other workflows is counted, too, under a version of none, so that it is known whether all was
// seen.
constexpr Sql kUnfinished{
    "executions.unfinished_by_version",
    "SELECT found, phase, count(*), min(created_us) FROM (SELECT phase, created_us, CASE WHEN workflow = ?2"
    " AND namespace = ?3 THEN version ELSE '' END AS found FROM (" ELEVAITE_UNFINISHED("0") " UNION ALL "
    ELEVAITE_UNFINISHED("1") " UNION ALL " ELEVAITE_UNFINISHED("2") " UNION ALL "
    ELEVAITE_UNFINISHED("3") ") AS unfinished) AS of_workflow GROUP BY found, phase"};

constexpr Sql kRecent{
    "executions.recent_by_version",
    "SELECT version, phase, count(*) FROM (SELECT version, phase FROM executions WHERE account_id = ?1 AND"
    " workflow <> '' AND workflow = ?2 AND namespace = ?3 AND created_us >= ?4"
    " ORDER BY created_us DESC, id DESC LIMIT 5000) AS recent GROUP BY version, phase"};
static_assert(VersionCounts::kUnfinishedMax == 200'000 && VersionCounts::kRecentMax == 5'000);

VersionCount& Of(VersionCounts& counts, std::string_view version) {
  const auto found = std::ranges::find(counts.versions, version, &VersionCount::version);
  if (found != counts.versions.end()) return *found;
  counts.versions.push_back({.version = std::string(version)});
  return counts.versions.back();
}

void AddUnfinished(VersionCounts& counts, const Rows& rows) {
  std::array<std::int64_t, 4> seen{};
  for (const auto& row : rows) {
    const std::int64_t count = row.Int(2);
    std::int64_t& of_phase = seen.at(static_cast<std::size_t>(row.Int(1)));
    of_phase += count;
    if (of_phase >= VersionCounts::kUnfinishedMax) counts.all = false;
    if (row.Text(0).empty()) continue;
    VersionCount& of = Of(counts, row.Text(0));
    of.unfinished += count;
    of.oldest_us = std::min(of.oldest_us.value_or(row.Int(3)), row.Int(3));
  }
}

void AddRecent(VersionCounts& counts, const Rows& rows) {
  for (const auto& row : rows) {
    VersionCount& of = Of(counts, row.Text(0));
    const std::int64_t count = row.Int(2);
    of.recent += count;
    switch (static_cast<Phase>(row.Int(1))) {
      case Phase::kCompleted: of.completed += count; break;
      case Phase::kFaulted: of.faulted += count; break;
      case Phase::kCancelled: of.cancelled += count; break;
      default: break;
    }
  }
}

}  // namespace

void History::CountRecent(const AccountId& account, const std::string& name_space,
                          const std::string& workflow, std::int64_t since_us, Done<VersionCounts> done) {
  db_.Query(kRecent, Params::Of(account, workflow, name_space, since_us),
            [done = std::move(done)](Result<Rows> rows) {
              if (!rows) return done(elevaite::Fail(rows.error()));
              VersionCounts counts;
              AddRecent(counts, *rows);
              done(std::move(counts));
            });
}

void History::CountVersions(const AccountId& account, const std::string& name_space,
                            const std::string& workflow, std::int64_t since_us, Done<VersionCounts> done) {
  CountRecent(account, name_space, workflow, since_us,
              [this, account, name_space, workflow, done = std::move(done)](Result<VersionCounts> recent) {
                if (!recent) return done(elevaite::Fail(recent.error()));
                db_.Query(kUnfinished, Params::Of(account, workflow, name_space),
                          [counts = *std::move(recent), done](Result<Rows> rows) mutable {
                            if (!rows) return done(elevaite::Fail(rows.error()));
                            AddUnfinished(counts, *rows);
                            done(std::move(counts));
                          });
              });
}

}  // namespace elevaite::engine
