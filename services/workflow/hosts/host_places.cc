#include "services/workflow/hosts/host_places.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "foundation/async.h"
#include "foundation/log.h"

namespace elevaite::hosts {
namespace {

std::int64_t Micros(std::chrono::milliseconds time) { return std::chrono::microseconds(time).count(); }

}  // namespace

void HostPlaces::Start() { Spawn(executor_, Run(), "places of hosts"); }

void HostPlaces::Stop() {
  stopping_ = true;
  timer_.cancel();
}

boost::asio::awaitable<void> HostPlaces::Run() {
  auto forget = store_.ForgetPlaces(clock_.Now().micros() - Micros(kLease));
  (void)co_await std::move(forget);
  while (!stopping_) {
    timer_.expires_after(kLook);
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    if (stopping_) co_return;
    auto look = Look();
    const Result<void> looked = co_await std::move(look);
    if (!looked && !stopping_)
      LogWarn("places of hosts cannot be claimed or given back; it is tried again",
              {{"error", looked.error().message}});
  }
}

Task<void> HostPlaces::Look() {
  auto renew = Renew();
  CO_RETURN_IF_ERROR(co_await std::move(renew));
  const std::vector<HostTable::Scarce> hosts = calls_.ScarceHosts();
  std::set<Key> called;
  for (const HostTable::Scarce& host : hosts) {
    called.emplace(host.account, host.host);
    auto attend = Attend(host);
    CO_RETURN_IF_ERROR(co_await std::move(attend));
  }
  // Forgotten meanwhile, so nobody calls them.
  for (auto& [key, held] : held_) {
    if (called.contains(key)) continue;
    auto release = Release(key, held, 0);
    CO_RETURN_IF_ERROR(co_await std::move(release));
  }
  std::erase_if(held_, [now = clock_.Monotonic()](const auto& one) {
    return one.second.places.empty() && one.second.rests_until <= now;
  });
  co_return Result<void>();
}

Task<void> HostPlaces::Attend(const HostTable::Scarce& host) {
  const Key key{host.account, host.host};
  Held& held = held_[key];
  const Time now = clock_.Monotonic();
  const bool is_needed = host.limit > 0 && host.running + host.waiting > 0;
  if (host.places > 0 && (!is_needed || now >= held.since + kTurn)) {
    held.gives_back = true;
    held.rests_until = now + kRest;
    calls_.SetPlaces(host.account, host.host, 0);
    co_return Result<void>();  // the next look sees which calls are still out
  }
  if (held.gives_back) {
    auto release = Release(key, held, static_cast<std::size_t>(host.running));
    CO_RETURN_IF_ERROR(co_await std::move(release));
    held.gives_back = !held.places.empty();
    co_return Result<void>();
  }
  const std::int64_t wanted = std::min(host.limit, host.running + host.waiting);
  if (now < held.rests_until || static_cast<std::int64_t>(held.places.size()) >= wanted)
    co_return Result<void>();
  auto claim = Claim(host, held);
  co_return co_await std::move(claim);
}

Task<void> HostPlaces::Claim(const HostTable::Scarce& host, Held& held) {
  const std::int64_t now_us = clock_.Now().micros();
  auto claim = store_.ClaimPlace(host.account, host.host, host.limit, node_, now_us, now_us + Micros(kLease));
  ASSIGN_OR_CO_RETURN(const std::optional<std::int64_t> place, co_await std::move(claim));
  if (!place) co_return Result<void>();
  if (count() == 0) renewed_ = clock_.Monotonic();
  if (held.places.empty()) held.since = clock_.Monotonic();
  held.places.insert(*place);
  calls_.SetPlaces(host.account, host.host, static_cast<std::int64_t>(held.places.size()));
  co_return Result<void>();
}

// The last ones first: a limit that has become smaller is kept sooner.
Task<void> HostPlaces::Release(const Key& key, Held& held, std::size_t keep) {
  while (held.places.size() > keep) {
    const std::int64_t place = *held.places.rbegin();
    auto release = store_.ReleasePlace(key.first, key.second, place, node_);
    CO_RETURN_IF_ERROR(co_await std::move(release));
    held.places.erase(place);
  }
  co_return Result<void>();
}

Task<void> HostPlaces::Renew() {
  const Time now = clock_.Monotonic();
  if (count() == 0 || now < renewed_ + kRenewEvery) co_return Result<void>();
  const std::int64_t now_us = clock_.Now().micros();
  auto renew = store_.RenewPlaces(node_, now_us, now_us + Micros(kLease));
  const Result<std::int64_t> renewed = co_await std::move(renew);
  const bool all = renewed && *renewed >= static_cast<std::int64_t>(count());
  if (all) {
    renewed_ = now;
  } else if (renewed || clock_.Monotonic() >= renewed_ + kLease) {
    LogWarn("this node was not heard of for too long and has lost its places to call hosts");
    LoseAll();
  }
  if (!renewed) co_return Fail(renewed.error());
  co_return Result<void>();
}

// Rows that are still ours lapse.
void HostPlaces::LoseAll() {
  for (auto& [key, held] : held_) {
    calls_.SetPlaces(key.first, key.second, 0);
    held = Held();
  }
}

std::size_t HostPlaces::count() const {
  std::size_t count = 0;
  for (const auto& [key, held] : held_) count += held.places.size();
  return count;
}

}  // namespace elevaite::hosts
