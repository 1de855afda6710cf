#include "services/workflow/hosts/host_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

#include "infra/database/awaitable.h"

namespace elevaite::hosts {
namespace {

using database::Params;
using database::Rows;
using database::Session;
using database::Sql;

#define ELEVAITE_HOST_RULES "SELECT account_id, pattern, definition, updated_us, updated_by FROM host_rules"
constexpr Sql kPut{"host_rules.put",
                   "INSERT INTO host_rules (account_id, pattern, definition, updated_us, updated_by)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id, pattern) DO UPDATE SET"
                   " definition = excluded.definition, updated_us = excluded.updated_us,"
                   " updated_by = excluded.updated_by"};
constexpr Sql kOthers{"host_rules.others",
                      "SELECT count(*) FROM host_rules WHERE account_id = ?1 AND pattern <> ?2"};
constexpr Sql kDrop{"host_rules.drop", "DELETE FROM host_rules WHERE account_id = ?1 AND pattern = ?2"};
constexpr Sql kFind{"host_rules.find", ELEVAITE_HOST_RULES " WHERE account_id = ?1 AND pattern = ?2"};
constexpr Sql kList{"host_rules.list", ELEVAITE_HOST_RULES " WHERE account_id = ?1 ORDER BY pattern"};
constexpr Sql kAll{"host_rules.all", ELEVAITE_HOST_RULES
                   " WHERE (account_id, pattern) > (?1, ?2) ORDER BY account_id, pattern LIMIT ?3"};
constexpr std::size_t kReadAtOnce = 1'000;
constexpr Sql kTakenPlaces{
    "host_places.taken",
    "SELECT place FROM host_places WHERE account_id = ?1 AND host = ?2 AND until_us >= ?3"};
constexpr Sql kClaimPlace{
    "host_places.claim",
    "INSERT INTO host_places (account_id, host, place, node, until_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id, host, place) DO UPDATE SET"
    " node = excluded.node, until_us = excluded.until_us WHERE host_places.until_us < ?6"};
constexpr Sql kReleasePlace{
    "host_places.release",
    "DELETE FROM host_places WHERE account_id = ?1 AND host = ?2 AND place = ?3 AND node = ?4"};
constexpr Sql kRenewPlaces{"host_places.renew",
                           "UPDATE host_places SET until_us = ?2 WHERE node = ?1 AND until_us >= ?3"};
constexpr Sql kForgetPlaces{"host_places.forget", "DELETE FROM host_places WHERE until_us < ?1"};

Result<std::vector<StoredRule>> RulesFrom(const Rows& rows) {
  std::vector<StoredRule> rules;
  for (const auto& row : rows) {
    StoredRule rule{.account = {},
                    .pattern = std::string(row.Text(1)),
                    .definition = {},
                    .updated_us = row.Int(3),
                    .by = std::string(row.Text(4))};
    ASSIGN_OR_RETURN(rule.account, AccountId::Parse(row.Text(0)));
    ASSIGN_OR_RETURN(rule.definition, ParseJson(row.Text(2)));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

Task<void> HostStore::Put(StoredRule rule) {
  auto write = [rule = std::move(rule)](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows others, session.Query(kOthers, rule.account, rule.pattern));
    if (others[0].Int(0) >= kRulesMax)
      return Fail(ErrorCode::kQuotaExceeded, fmt::format("this account has {} rules of hosts", kRulesMax),
                  "delete those that are not used, or write one for *.example.com");
    RETURN_IF_ERROR(
        session.Execute(kPut, rule.account, rule.pattern, rule.definition.Dump(), rule.updated_us, rule.by));
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  co_return co_await std::move(transact);
}

Task<bool> HostStore::Drop(AccountId account, std::string pattern) {
  const auto dropped = std::make_shared<bool>(false);
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const std::int64_t rows, session.Execute(kDrop, account, pattern));
    *dropped = rows > 0;
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  CO_RETURN_IF_ERROR(co_await std::move(transact));
  co_return *dropped;
}

Task<std::optional<StoredRule>> HostStore::Find(AccountId account, std::string pattern) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, pattern));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  ASSIGN_OR_CO_RETURN(std::vector<StoredRule> rules, RulesFrom(rows));
  if (rules.empty()) co_return std::optional<StoredRule>();
  co_return std::optional(std::move(rules[0]));
}

Task<std::vector<StoredRule>> HostStore::List(AccountId account) {
  auto query = database::AsyncQuery(db_, kList, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return RulesFrom(rows);
}

Task<std::vector<StoredRule>> HostStore::All() {
  std::vector<StoredRule> all;
  std::string account;
  std::string pattern;
  for (std::size_t read = kReadAtOnce; read == kReadAtOnce;) {
    auto query = database::AsyncQuery(db_, kAll, Params::Of(account, pattern, kReadAtOnce));
    ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
    ASSIGN_OR_CO_RETURN(std::vector<StoredRule> page, RulesFrom(rows));
    read = page.size();
    if (page.empty()) break;
    account = page.back().account.ToString();
    pattern = page.back().pattern;
    std::ranges::move(page, std::back_inserter(all));
  }
  co_return all;
}

// ---- Places

Task<std::optional<std::int64_t>> HostStore::ClaimPlace(AccountId account, std::string host,
                                                        std::int64_t limit, std::string node,
                                                        std::int64_t now_us, std::int64_t until_us) {
  const auto claimed = std::make_shared<std::optional<std::int64_t>>();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows taken, session.Query(kTakenPlaces, account, host, now_us));
    std::set<std::int64_t> places;
    for (const auto& row : taken) places.insert(row.Int(0));
    for (std::int64_t place = 0; place < limit; ++place) {
      if (places.contains(place)) continue;
      ASSIGN_OR_RETURN(const std::int64_t rows,
                       session.Execute(kClaimPlace, account, host, place, node, until_us, now_us));
      if (rows == 0) continue;  // another node was quicker
      *claimed = place;
      break;
    }
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  CO_RETURN_IF_ERROR(co_await std::move(transact));
  co_return *claimed;
}

Task<void> HostStore::ReleasePlace(AccountId account, std::string host, std::int64_t place,
                                   std::string node) {
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kReleasePlace, account, host, place, node));
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  co_return co_await std::move(transact);
}

Task<std::int64_t> HostStore::RenewPlaces(std::string node, std::int64_t now_us, std::int64_t until_us) {
  const auto renewed = std::make_shared<std::int64_t>(0);
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(*renewed, session.Execute(kRenewPlaces, node, until_us, now_us));
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  CO_RETURN_IF_ERROR(co_await std::move(transact));
  co_return *renewed;
}

Task<void> HostStore::ForgetPlaces(std::int64_t before_us) {
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kForgetPlaces, before_us));
    return {};
  };
  auto transact = database::AsyncTransact(db_, std::move(write));
  co_return co_await std::move(transact);
}

}  // namespace elevaite::hosts
