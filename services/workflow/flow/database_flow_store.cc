#include "services/workflow/flow/database_flow_store.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "infra/database/awaitable.h"

namespace elevaite::flow {
namespace {

using database::Batch;
using database::Params;
using database::Row;
using database::Rows;
using database::Sql;

constexpr Sql kBegin{"flow_keeper.begin", "UPDATE flow_keeper SET epoch = epoch + 1 WHERE id = 1"};
constexpr Sql kEpoch{"flow_keeper.epoch", "SELECT epoch FROM flow_keeper WHERE id = 1"};
constexpr Sql kFence{"flow_keeper.fence", "UPDATE flow_keeper SET epoch = ?1 WHERE id = 1 AND epoch = ?1"};

#define ELEVAITE_FLOW_COLUMNS                                                                      \
  "account_id, id, state, seq, workflow, version, trigger, correlation, keys, arrival, priority, " \
  "created_us, due_us, items, reason, became, past"
constexpr std::size_t kInputColumn = 17;
constexpr Sql kAdd{
    "flow_runs.add",
    "INSERT INTO flow_runs (" ELEVAITE_FLOW_COLUMNS
    ", input) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
    " ON CONFLICT (account_id, id) DO NOTHING"};
constexpr Sql kState{"flow_runs.state",
                     "UPDATE flow_runs SET state = ?3, due_us = ?4, reason = ?5, became = ?6"
                     " WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kPriority{"flow_runs.priority",
                        "UPDATE flow_runs SET priority = ?3 WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kErase{"flow_runs.erase", "DELETE FROM flow_runs WHERE account_id = ?1 AND id = ?2"};
#define ELEVAITE_FLOW_OLD                                                                             \
  "(SELECT id FROM flow_runs WHERE account_id = ?1 AND state = ?2 AND due_us < ?3 ORDER BY seq LIMIT" \
  " 1000)"
constexpr Sql kEraseOld{"flow_runs.erase_old",
                        "DELETE FROM flow_runs WHERE account_id = ?1 AND id IN " ELEVAITE_FLOW_OLD};
constexpr Sql kEraseOldCollected{
    "flow_collected.erase_old",
    "DELETE FROM flow_collected WHERE account_id = ?1 AND run_id IN " ELEVAITE_FLOW_OLD};
constexpr Sql kEraseCollected{"flow_collected.erase",
                              "DELETE FROM flow_collected WHERE account_id = ?1 AND run_id = ?2"};
constexpr Sql kInput{"flow_runs.input",
                     "UPDATE flow_runs SET input = ?3, due_us = ?4 WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kCollect{
    "flow_collected.add",
    "INSERT INTO flow_collected (account_id, run_id, position, input, arrival) VALUES (?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT (account_id, arrival) DO NOTHING"};
constexpr Sql kPace{"flow_paces.set",
                    "INSERT INTO flow_paces (account_id, gate, due_us) VALUES (?1, ?2, ?3)"
                    " ON CONFLICT (account_id, gate) DO UPDATE SET due_us = excluded.due_us"};
constexpr Sql kErasePace{"flow_paces.erase", "DELETE FROM flow_paces WHERE account_id = ?1 AND gate = ?2"};
constexpr Sql kPutRules{"flow_rules.put",
                        "INSERT INTO flow_rules (account_id, workflow, definition, updated_us, updated_by)"
                        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id, workflow) DO UPDATE SET"
                        " definition = excluded.definition, updated_us = excluded.updated_us,"
                        " updated_by = excluded.updated_by"};
constexpr Sql kEraseRules{"flow_rules.erase",
                          "DELETE FROM flow_rules WHERE account_id = ?1 AND workflow = ?2"};
constexpr Sql kPutPause{
    "flow_pauses.put",
    "INSERT INTO flow_pauses (account_id, workflow, expression, key, note, created_us, created_by, running)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (account_id, workflow, expression, key)"
    " DO UPDATE SET note = excluded.note, created_us = excluded.created_us, created_by = "
    "excluded.created_by, running = excluded.running"};
constexpr Sql kErasePause{"flow_pauses.erase",
                          "DELETE FROM flow_pauses WHERE account_id = ?1 AND workflow = ?2 AND"
                          " expression = ?3 AND key = ?4"};

// Of a state, by account and order.
constexpr Sql kLoad{"flow_runs.load", "SELECT " ELEVAITE_FLOW_COLUMNS
                                      " FROM flow_runs WHERE account_id = ?1 AND state = ?2 AND seq > ?3"
                                      " ORDER BY seq LIMIT ?4"};
constexpr Sql kAccounts{"flow_runs.accounts", "SELECT DISTINCT account_id FROM flow_runs"};
constexpr Sql kLastSeq{"flow_runs.last_seq",
                       "SELECT coalesce(max(seq), 0) FROM flow_runs WHERE account_id = ?1 AND state = ?2"};
constexpr Sql kCollectedSums{
    "flow_collected.sums",
    "SELECT c.run_id, count(*), sum(length(c.input)), max(c.position) + 1 FROM flow_collected c JOIN "
    "flow_runs r"
    " ON r.account_id = c.account_id AND r.id = c.run_id WHERE c.account_id = ?1 AND r.state < ?2"
    " GROUP BY c.run_id"};
constexpr Sql kCollected{"flow_collected.page",
                         "SELECT position, input FROM flow_collected WHERE account_id = ?1 AND run_id = ?2"
                         " AND position > ?3 ORDER BY position LIMIT ?4"};
constexpr Sql kForgetPaces{"flow_paces.forget",
                           "DELETE FROM flow_paces WHERE (account_id, gate) IN (SELECT account_id, gate FROM"
                           " flow_paces WHERE due_us <= ?1 LIMIT ?2)"};
constexpr Sql kPaces{"flow_paces.page",
                     "SELECT account_id, gate, due_us FROM flow_paces WHERE (account_id, gate) > (?1, ?2)"
                     " ORDER BY account_id, gate LIMIT ?3"};
constexpr Sql kAllRules{"flow_rules.all",
                        "SELECT account_id, workflow, definition, updated_us, updated_by FROM flow_rules"};
constexpr Sql kAllPauses{
    "flow_pauses.all",
    "SELECT account_id, workflow, expression, key, note, created_us, created_by, running FROM flow_pauses"};
constexpr Sql kFind{"flow_runs.find", "SELECT " ELEVAITE_FLOW_COLUMNS
                                      ", input FROM flow_runs WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kFindRun{"flow_runs.find_run",
                       "SELECT " ELEVAITE_FLOW_COLUMNS " FROM flow_runs WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kQueued{"flow_runs.queued",
                      "SELECT " ELEVAITE_FLOW_COLUMNS
                      " FROM flow_runs WHERE account_id = ?1 AND state IN (0, 2) AND seq > ?2"
                      " ORDER BY seq LIMIT ?3"};
constexpr Sql kByVersion{"flow_runs.by_version",
                         "SELECT version, count(*) FROM flow_runs WHERE account_id = ?1 AND state IN (0, 2)"
                         " AND workflow = ?2 GROUP BY version"};
constexpr Sql kRules{"flow_rules.find",
                     "SELECT account_id, workflow, definition, updated_us, updated_by FROM flow_rules"
                     " WHERE account_id = ?1 AND workflow = ?2"};
constexpr Sql kPauses{
    "flow_pauses.list",
    "SELECT account_id, workflow, expression, key, note, created_us, created_by, running FROM flow_pauses"
    " WHERE account_id = ?1 ORDER BY workflow, expression, key"};

constexpr database::QueryOptions kMany{
    .rows_max = 1'000'000, .bytes_max = 1U << 30U, .timeout = std::chrono::seconds(60)};
constexpr std::size_t kPage = 5'000;
constexpr std::size_t kCollectedPage = 8;  // each may be as large as a request
constexpr database::QueryOptions kLarge{.bytes_max = 256U << 20U, .timeout = std::chrono::seconds(30)};

Result<StoredRun> RunFrom(const Row& row) {
  StoredRun run;
  ASSIGN_OR_RETURN(run.account, AccountId::Parse(row.Text(0)));
  run.id = row.IdAt<ExecutionId>(1);
  run.state = static_cast<RunState>(row.Int(2));
  run.seq = row.Int(3);
  run.workflow = row.Text(4);
  run.version = row.Text(5);
  run.trigger = static_cast<engine::Trigger>(row.Int(6));
  run.correlation = row.Text(7);
  ASSIGN_OR_RETURN(const Json keys, ParseJson(row.Text(8)));
  ASSIGN_OR_RETURN(run.keys, RunKeys::FromJson(keys));
  ASSIGN_OR_RETURN(const Json arrival, ParseJson(row.Text(9)));
  ASSIGN_OR_RETURN(run.arrival, RunKeys::FromJson(arrival));
  run.priority = static_cast<std::uint8_t>(row.Int(10));
  run.created_us = row.Int(11);
  run.due_us = row.Int(12);
  run.items = row.Int(13);
  run.reason = row.Text(14);
  if (!row.IsNull(15)) run.became = row.IdAt<ExecutionId>(15);
  if (!row.IsNull(16)) {
    ASSIGN_OR_RETURN(run.past, ParseJson(row.Text(16)));
  }
  return run;
}

Result<StoredRules> RulesFrom(const Row& row) {
  StoredRules rules;
  ASSIGN_OR_RETURN(rules.account, AccountId::Parse(row.Text(0)));
  rules.workflow = row.Text(1);
  ASSIGN_OR_RETURN(rules.definition, ParseJson(row.Text(2)));
  rules.updated_us = row.Int(3);
  rules.by = row.Text(4);
  return rules;
}

Result<Pause> PauseFrom(const Row& row) {
  Pause pause;
  ASSIGN_OR_RETURN(pause.account, AccountId::Parse(row.Text(0)));
  pause.workflow = row.Text(1);
  pause.expression = row.Text(2);
  pause.key = row.Text(3);
  pause.note = row.Text(4);
  pause.created_us = row.Int(5);
  pause.by = row.Text(6);
  pause.running = row.Int(7) == static_cast<std::int64_t>(Running::kHold) ? Running::kHold : Running::kFinish;
  return pause;
}

Result<SetPace> PaceFrom(const Row& row) {
  SetPace pace;
  ASSIGN_OR_RETURN(pace.account, AccountId::Parse(row.Text(0)));
  pace.gate = row.Text(1);
  pace.due_us = row.Int(2);
  return pace;
}

template <class T>
Result<std::vector<T>> AllFrom(const Rows& rows, Result<T> (*read)(const Row&)) {
  std::vector<T> all;
  all.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(T one, read(rows[i]));
    all.push_back(std::move(one));
  }
  return all;
}

class Adder {
 public:
  explicit Adder(Batch& batch) : batch_(batch) {}

  void operator()(const AddRun& c) {
    const StoredRun& r = c.run;
    const auto past = r.is_fork() ? std::optional(r.past.Dump()) : std::nullopt;
    batch_.Add(kAdd, r.account, r.id, static_cast<std::int64_t>(r.state), r.seq, r.workflow, r.version,
               static_cast<std::int64_t>(r.trigger), r.correlation, r.keys.ToJson().Dump(),
               r.arrival.ToJson().Dump(), static_cast<std::int64_t>(r.priority), r.created_us, r.due_us,
               r.items, r.reason, r.became, past, c.input.Dump());
  }
  void operator()(const SetState& c) {
    batch_.Add(kState, c.account, c.id, static_cast<std::int64_t>(c.state), c.due_us, c.reason, c.became);
  }
  void operator()(const SetPriority& c) {
    batch_.Add(kPriority, c.account, c.id, static_cast<std::int64_t>(c.priority));
  }
  void operator()(const EraseRun& c) {
    if (c.collected) batch_.Add(kEraseCollected, c.account, c.id);
    batch_.Add(kErase, c.account, c.id);
  }
  void operator()(const ReplaceInput& c) { batch_.Add(kInput, c.account, c.id, c.input.Dump(), c.due_us); }
  void operator()(const CollectInput& c) {
    batch_.Add(kCollect, c.account, c.id, c.position, c.input.Dump(), c.arrival);
  }
  void operator()(const SetPace& c) {
    if (c.due_us) {
      batch_.Add(kPace, c.account, c.gate, *c.due_us);
    } else {
      batch_.Add(kErasePace, c.account, c.gate);
    }
  }
  void operator()(const PutRules& c) {
    const StoredRules& r = c.rules;
    batch_.Add(kPutRules, r.account, r.workflow, r.definition.Dump(), r.updated_us, r.by);
  }
  void operator()(const EraseRules& c) { batch_.Add(kEraseRules, c.account, c.workflow); }
  void operator()(const PutPause& c) {
    const Pause& p = c.pause;
    batch_.Add(kPutPause, p.account, p.workflow, p.expression, p.key, p.note, p.created_us, p.by,
               static_cast<std::int64_t>(p.running));
  }
  void operator()(const ErasePause& c) {
    batch_.Add(kErasePause, c.pause.account, c.pause.workflow, c.pause.expression, c.pause.key);
  }
  void operator()(const EraseOver& c) {
    for (const RunState state : {RunState::kOver, RunState::kAbsorbed}) {
      batch_.Add(kEraseOldCollected, c.account, static_cast<std::int64_t>(state), c.before_us);
      batch_.Add(kEraseOld, c.account, static_cast<std::int64_t>(state), c.before_us);
    }
  }

 private:
  Batch& batch_;
};

}  // namespace

// ---- Writes

Result<void> DatabaseFlowStore::Begin() {
  return db_.TransactAndWait([this](database::Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kBegin));
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kEpoch));
    if (rows.empty()) return Fail(ErrorCode::kDataLoss, "the row of flow_keeper is missing");
    epoch_ = rows[0].Int(0);
    return {};
  });
}

Result<StoredFlow> DatabaseFlowStore::Load(std::int64_t now_us) {
  StoredFlow all;
  RETURN_IF_ERROR(ForgetPaces(now_us));
  ASSIGN_OR_RETURN(const Rows rules, db_.QueryAndWait(kAllRules, {}, kMany));
  ASSIGN_OR_RETURN(all.rules, AllFrom<StoredRules>(rules, RulesFrom));
  ASSIGN_OR_RETURN(const Rows pauses, db_.QueryAndWait(kAllPauses, {}, kMany));
  ASSIGN_OR_RETURN(all.pauses, AllFrom<Pause>(pauses, PauseFrom));
  ASSIGN_OR_RETURN(all.paces, LoadPaces());
  ASSIGN_OR_RETURN(const Rows accounts, db_.QueryAndWait(kAccounts, {}, kMany));
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(accounts[i].Text(0)));
    RETURN_IF_ERROR(LoadRuns(account, all));
    all.accounts.push_back(account);
  }
  std::ranges::sort(all.runs, {}, &StoredRun::seq);
  return all;
}

// In commits of a page: there may be very many, and none of them takes longer than a statement may.
Result<void> DatabaseFlowStore::ForgetPaces(std::int64_t now_us) {
  auto gone = static_cast<std::int64_t>(kPage);
  while (std::cmp_equal(gone, kPage)) {
    RETURN_IF_ERROR(db_.TransactAndWait([&](database::Session& session) -> Result<void> {
      ASSIGN_OR_RETURN(gone, session.Execute(kForgetPaces, now_us, static_cast<std::int64_t>(kPage)));
      return {};
    }));
  }
  return {};
}

Result<std::vector<SetPace>> DatabaseFlowStore::LoadPaces() {
  std::vector<SetPace> all;
  std::string account;
  std::string gate;
  while (true) {
    ASSIGN_OR_RETURN(const Rows page, db_.QueryAndWait(kPaces, Params::Of(account, gate, kPage), kMany));
    ASSIGN_OR_RETURN(std::vector<SetPace> paces, AllFrom<SetPace>(page, PaceFrom));
    const bool is_last = paces.size() < kPage;
    std::ranges::move(paces, std::back_inserter(all));
    if (is_last) return all;
    account = all.back().account.ToString();
    gate = all.back().gate;
  }
}

Result<void> DatabaseFlowStore::LoadRuns(const AccountId& account, StoredFlow& all) {
  std::vector<StoredRun> runs;
  for (std::int64_t state = 0; state <= static_cast<std::int64_t>(RunState::kAbsorbed); ++state) {
    ASSIGN_OR_RETURN(const Rows last, db_.QueryAndWait(kLastSeq, Params::Of(account, state)));
    all.last_seq = std::max(all.last_seq, last[0].Int(0));
    std::int64_t after = state <= static_cast<std::int64_t>(RunState::kCollecting) ? 0 : INT64_MAX;
    while (after != INT64_MAX) {
      ASSIGN_OR_RETURN(const Rows rows,
                       db_.QueryAndWait(kLoad, Params::Of(account, state, after, kPage), kMany));
      ASSIGN_OR_RETURN(std::vector<StoredRun> page, AllFrom<StoredRun>(rows, RunFrom));
      after = page.size() < kPage ? INT64_MAX : page.back().seq;
      std::ranges::move(page, std::back_inserter(runs));
    }
  }
  RETURN_IF_ERROR(CountCollected(account, runs));
  std::ranges::move(runs, std::back_inserter(all.runs));
  return {};
}

Result<void> DatabaseFlowStore::CountCollected(const AccountId& account, std::vector<StoredRun>& runs) {
  if (std::ranges::none_of(runs, [](const StoredRun& run) { return run.items > 0; })) return {};
  constexpr auto kOver = static_cast<std::int64_t>(RunState::kOver);
  ASSIGN_OR_RETURN(const Rows sums, db_.QueryAndWait(kCollectedSums, Params::Of(account, kOver), kMany));
  std::unordered_map<ExecutionId, std::tuple<std::int64_t, std::int64_t, std::int64_t>> collected;
  for (std::size_t i = 0; i < sums.size(); ++i)
    collected[sums[i].IdAt<ExecutionId>(0)] = {sums[i].Int(1), sums[i].Int(2), sums[i].Int(3)};
  for (StoredRun& run : runs) {
    if (run.items > 0) std::tie(run.items, run.bytes, run.next_position) = collected[run.id];
  }
  return {};
}

void DatabaseFlowStore::Write(std::vector<Change> changes, std::function<void(Result<void>)> done) {
  Batch batch;
  batch.Add(kFence, epoch_).ExpectRows(1);
  Adder add(batch);
  for (const Change& change : changes) std::visit(add, change);
  db_.Submit(std::move(batch), [executor = executor_, done = std::move(done)](const auto& outcome) {
    Result<void> result = outcome ? Result<void>() : Fail(outcome.error());
    boost::asio::post(executor, [done, result = std::move(result)] { done(result); });
  });
}

// ---- Reads

Task<std::optional<FlowReader::Found>> FlowReader::Find(AccountId account, ExecutionId id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  Found found;
  ASSIGN_OR_CO_RETURN(found.run, RunFrom(rows[0]));
  if (found.run.items == 0) {
    ASSIGN_OR_CO_RETURN(found.input, ParseJson(rows[0].Text(kInputColumn)));
    co_return found;
  }
  auto read = Collected(std::move(account), id);
  ASSIGN_OR_CO_RETURN(found.input, co_await std::move(read));
  co_return found;
}

// Page by page: together they may be more than one answer can be.
Task<Json> FlowReader::Collected(AccountId account, ExecutionId id) {
  std::vector<Json> inputs;
  std::int64_t after = -1;
  while (true) {
    auto read = database::AsyncQuery(
        db_, kCollected, Params::Of(account, id, after, static_cast<std::int64_t>(kCollectedPage)), kLarge);
    ASSIGN_OR_CO_RETURN(const Rows page, co_await std::move(read));
    for (std::size_t i = 0; i < page.size(); ++i) {
      ASSIGN_OR_CO_RETURN(Json input, ParseJson(page[i].Text(1)));
      inputs.push_back(std::move(input));
      after = page[i].Int(0);
    }
    if (page.size() < kCollectedPage) co_return Json::Array(std::move(inputs));
  }
}

Task<std::optional<StoredRun>> FlowReader::FindRun(AccountId account, ExecutionId id) {
  auto query = database::AsyncQuery(db_, kFindRun, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  ASSIGN_OR_CO_RETURN(StoredRun run, RunFrom(rows[0]));
  co_return run;
}

Task<std::vector<StoredRun>> FlowReader::Queued(AccountId account, std::int64_t after, std::size_t most) {
  auto query =
      database::AsyncQuery(db_, kQueued, Params::Of(account, after, static_cast<std::int64_t>(most)));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return AllFrom<StoredRun>(rows, RunFrom);
}

Task<std::vector<StoredRun>> FlowReader::InState(AccountId account, RunState state, std::int64_t after,
                                                 std::size_t most) {
  auto query = database::AsyncQuery(
      db_, kLoad,
      Params::Of(account, static_cast<std::int64_t>(state), after, static_cast<std::int64_t>(most)));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return AllFrom<StoredRun>(rows, RunFrom);
}

Task<std::map<std::string, std::int64_t>> FlowReader::QueuedByVersion(AccountId account,
                                                                      std::string workflow) {
  auto query = database::AsyncQuery(db_, kByVersion, Params::Of(account, workflow));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::map<std::string, std::int64_t> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) counts.emplace(rows[i].Text(0), rows[i].Int(1));
  co_return counts;
}

Task<std::optional<StoredRules>> FlowReader::Rules(AccountId account, std::string workflow) {
  auto query = database::AsyncQuery(db_, kRules, Params::Of(account, workflow));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  ASSIGN_OR_CO_RETURN(StoredRules rules, RulesFrom(rows[0]));
  co_return rules;
}

Task<std::vector<Pause>> FlowReader::Pauses(AccountId account) {
  auto query = database::AsyncQuery(db_, kPauses, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return AllFrom<Pause>(rows, PauseFrom);
}

Task<std::vector<StoredRules>> FlowReader::AllRules() {
  auto query = database::AsyncQuery(db_, kAllRules, {}, kMany);
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return AllFrom<StoredRules>(rows, RulesFrom);
}

Result<std::vector<Pause>> FlowReader::AllPausesNow() const {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kAllPauses, {}, kMany));
  return AllFrom<Pause>(rows, PauseFrom);
}

Task<std::vector<Pause>> FlowReader::AllPauses() {
  auto query = database::AsyncQuery(db_, kAllPauses, {}, kMany);
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return AllFrom<Pause>(rows, PauseFrom);
}

}  // namespace elevaite::flow
