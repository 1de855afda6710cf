#include "services/workflow/hosts/host_control.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <tuple>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/hosts/host_view.h"
#include "services/workflow/peers/peers.h"

namespace elevaite::hosts {
namespace {

constexpr const char* kPath = "/internal/v1/flow/hosts";

}  // namespace

HostControl::HostControl(database::Database& db, HostCalls& calls, const Clock& clock,
                         boost::asio::any_io_executor executor)
    : calls_(calls), store_(db), clock_(clock), executor_(std::move(executor)), timer_(executor_) {}

void HostControl::Use(workflow::Peers& peers, std::function<std::size_t()> nodes, std::string node) {
  peers_ = &peers;
  nodes_ = std::move(nodes);
  places_ = std::make_unique<HostPlaces>(store_, calls_, clock_, executor_, std::move(node));
}

void HostControl::AddRoutes(net::Router& router) {
  if (peers_ != nullptr)
    peers_->AddLeaderRoute(router, kPath, [this](Json body) { return Answer(std::move(body)); });
}

// ---- Rules

Result<void> HostControl::Open() {
  RETURN_IF_ERROR(boost::asio::co_spawn(executor_, Refresh(), boost::asio::use_future).get());
  if (peers_ != nullptr) Spawn(executor_, KeepFresh(), "host rules");
  if (places_) places_->Start();
  return {};
}

void HostControl::Stop() {
  if (stopping_.exchange(true)) return;
  std::promise<void> stopped;
  boost::asio::post(executor_, [this, &stopped] {
    timer_.cancel();
    if (places_) places_->Stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

boost::asio::awaitable<void> HostControl::KeepFresh() {
  while (!stopping_) {
    timer_.expires_after(kLookAgain);
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    if (stopping_) co_return;
    auto refresh = Refresh();
    const Result<void> refreshed = co_await std::move(refresh);
    if (!refreshed && !stopping_)
      LogWarn("the rules of hosts could not be read; those before go on to hold",
              {{"error", refreshed.error().message}});
  }
}

Task<void> HostControl::Refresh() {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = ++asked_;
  }
  auto read = store_.All();
  ASSIGN_OR_CO_RETURN(const std::vector<StoredRule> stored, co_await std::move(read));
  const std::size_t nodes = Nodes();
  std::string holds = std::to_string(nodes);
  std::map<AccountId, std::vector<HostRule>> by_account;
  for (const StoredRule& one : stored) {
    holds += '\n' + one.account.ToString() + ' ' + one.pattern + ' ' + one.definition.Dump();
    auto rule = LaneRuleFrom(one.definition);
    if (rule) {
      by_account[one.account].push_back({.pattern = one.pattern, .rule = *std::move(rule)});
    } else {
      LogError("a rule of hosts cannot be read; it does not hold",
               {{"pattern", one.pattern}, {"error", rule.error().message}});
    }
  }
  std::map<AccountId, HostRules> rules;
  for (auto& [account, list] : by_account) rules.emplace(account, HostRules(std::move(list)));
  const std::scoped_lock lock(mutex_);
  if (number < applied_) co_return Result<void>();
  applied_ = number;
  if (std::exchange(holds_, holds) != holds) calls_.SetRules(std::move(rules), nodes);
  co_return Result<void>();
}

Task<StoredRule> HostControl::Put(AccountId account, std::string pattern, Json definition, std::string by) {
  StoredRule rule{.account = std::move(account),
                  .pattern = std::move(pattern),
                  .definition = std::move(definition),
                  .updated_us = clock_.Now().micros(),
                  .by = std::move(by)};
  auto put = store_.Put(rule);
  CO_RETURN_IF_ERROR(co_await std::move(put));
  auto refresh = Refresh();
  CO_RETURN_IF_ERROR(co_await std::move(refresh));
  co_return rule;
}

Task<void> HostControl::Drop(AccountId account, std::string pattern) {
  auto drop = store_.Drop(std::move(account), std::move(pattern));
  CO_RETURN_IF_ERROR(co_await std::move(drop));
  auto refresh = Refresh();
  co_return co_await std::move(refresh);
}

// ---- What people see

Task<std::vector<HostCalls::View>> HostControl::HostsOf(AccountId account, std::size_t most) {
  std::vector<HostCalls::View> views = calls_.HostsOf(account, most);
  if (peers_ == nullptr) co_return views;
  auto ask = peers_->AskAll(
      kPath, Json::Object({{"account", account.ToString()}, {"limit", static_cast<std::int64_t>(most)}}));
  const std::vector<Json> answers = co_await std::move(ask);
  std::map<std::string, HostCalls::View> all;
  for (HostCalls::View& view : views) all.emplace(view.host, std::move(view));
  for (const Json& answer : answers) {
    for (const Json& one : answer["hosts"].AsArray()) {
      HostCalls::View view = ViewFromWire(one);
      const auto [known, is_new] = all.try_emplace(view.host, view);
      if (!is_new) known->second = Together(known->second, view);
    }
  }
  views.clear();
  for (auto& [host, view] : all) views.push_back(std::move(view));
  std::ranges::sort(views, [](const HostCalls::View& a, const HostCalls::View& b) {
    const auto rank = [](const HostCalls::View& view) {
      return std::tuple(view.state == Breaker::State::kClosed, view.waiting == 0, view.running == 0,
                        std::string_view(view.host));
    };
    return rank(a) < rank(b);
  });
  if (views.size() > most) views.resize(most);
  co_return views;
}

Task<std::vector<HostCalls::CallView>> HostControl::CallsTo(AccountId account, std::string host,
                                                            std::size_t most) {
  std::vector<HostCalls::CallView> calls = calls_.CallsTo(account, host, most);
  if (peers_ == nullptr) co_return calls;
  auto ask = peers_->AskAll(kPath, Json::Object({{"account", account.ToString()},
                                                 {"host", host},
                                                 {"limit", static_cast<std::int64_t>(most)}}));
  const std::vector<Json> answers = co_await std::move(ask);
  for (const Json& answer : answers) {
    for (const Json& one : answer["calls"].AsArray()) {
      auto call = CallFromWire(one);
      if (call) calls.push_back(*std::move(call));
    }
  }
  std::ranges::sort(calls, {},
                    [](const HostCalls::CallView& call) { return std::pair(!call.waits, call.since_us); });
  if (calls.size() > most) calls.resize(most);
  co_return calls;
}

Task<bool> HostControl::CloseCircuit(AccountId account, std::string host) {
  bool known = calls_.CloseCircuit(account, host);
  if (peers_ == nullptr) co_return known;
  auto ask =
      peers_->AskAll(kPath, Json::Object({{"account", account.ToString()}, {"host", host}, {"close", true}}));
  const std::vector<Json> answers = co_await std::move(ask);
  for (const Json& answer : answers) known = known || answer["known"].BoolOr(false);
  co_return known;
}

// What another node asks.
boost::asio::awaitable<Result<Json>> HostControl::Answer(Json body) {
  ASSIGN_OR_CO_RETURN(const AccountId account, AccountId::Parse(body["account"].StringOr("")));
  const std::string host(body["host"].StringOr(""));
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(body["limit"].IntOr(100), 1, 1'000));
  if (body["close"].BoolOr(false)) co_return Json::Object({{"known", calls_.CloseCircuit(account, host)}});
  std::vector<Json> list;
  if (!host.empty()) {
    for (const HostCalls::CallView& call : calls_.CallsTo(account, host, most)) list.push_back(ToWire(call));
    co_return Json::Object({{"calls", Json::Array(std::move(list))}});
  }
  for (const HostCalls::View& view : calls_.HostsOf(account, most)) list.push_back(ToWire(view));
  co_return Json::Object({{"hosts", Json::Array(std::move(list))}});
}

}  // namespace elevaite::hosts
