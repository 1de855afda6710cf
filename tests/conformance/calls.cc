#include "tests/conformance/calls.h"

#include <algorithm>
#include <chrono>

#include "net/address.h"

namespace elevaite::conformance {
namespace {

boost::asio::awaitable<Result<std::vector<net::IpAddress>>> Loopback(std::string) {
  co_return std::vector<net::IpAddress>{net::IpAddress::Parse("127.0.0.1").value()};
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return upper;
}

// "https://host/path" becomes "http://host:port/path": every name is resolved to the stub.
Json Redirected(const Json& value, std::uint16_t port) {
  if (value.IsString()) {
    const std::string_view text = value.AsString();
    for (const std::string_view scheme : {"https://", "http://"}) {
      if (!text.starts_with(scheme)) continue;
      const std::string_view rest = text.substr(scheme.size());
      const std::size_t host_end = std::min(rest.find_first_of("/?#"), rest.size());
      return "http://" + std::string(rest.substr(0, host_end)) + ":" + std::to_string(port) +
             std::string(rest.substr(host_end));
    }
    return value;
  }
  if (!value.IsObject()) return value;
  std::vector<Json::Member> members;
  for (const auto& [name, inner] : value.AsObject()) members.emplace_back(name, Redirected(inner, port));
  return Json::Object(std::move(members));
}

// Only what names a place: a body may well hold an address that is nothing but data.
Json RequestToStub(Json request, std::uint16_t port) {
  for (const char* place : {"endpoint", "document"}) {
    if (request.Find(place) != nullptr)
      request = Json::WithMember(request, place, Redirected(request[place], port));
  }
  return request;
}

std::string AddressOf(const Json& request) {
  const Json& endpoint = request["endpoint"].IsObject() ? request["endpoint"]["uri"] : request["endpoint"];
  std::string address = Upper(request["method"].StringOr("")) + " " + std::string(endpoint.StringOr(""));
  return address.substr(0, address.find_first_of("?#"));
}

}  // namespace

Calls::Calls(StubServer& stub, bool remembers)
    : stub_(stub),
      remembers_(remembers),
      client_(net::EgressPolicy::AllowAll(), {.resolver = Loopback}),
      registry_(connectors::All({.tenant_client = &client_, .platform_client = &client_})),
      runner_(registry_, {io_.get_executor()}, {}) {}

void Calls::Schedule(engine::ActivityTask task, Done done) {
  scheduled_.emplace_back(std::move(task), std::move(done));
}

void Calls::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
                   std::int64_t deadline_us) {
  const auto is_it = [&](const auto& one) {
    return one.first.execution == execution && one.first.frame == frame;
  };
  std::erase_if(scheduled_, is_it);
  if (on_their_way_.erase({execution, frame}) > 0) runner_.Cancel(execution, frame, connector, deadline_us);
}

bool Calls::Begin() {
  const bool any = !scheduled_.empty();
  for (auto& [task, done] : std::exchange(scheduled_, {})) BeginOne(std::move(task), std::move(done));
  return any;
}

void Calls::BeginOne(engine::ActivityTask task, Done done) {
  const Key key{task.execution, task.frame};
  const AttemptKey attempt{task.execution, task.frame, task.attempt};
  if (const auto known = remembered_.find(attempt); remembers_ && known != remembered_.end())
    return done(known->second);
  if (stub_.TakeSilence(AddressOf(task.request))) return;
  task.request = RequestToStub(task.request, stub_.port());
  on_their_way_.insert(key);
  runner_.Schedule(std::move(task), [this, key, attempt, done = std::move(done),
                                     generation = generation_](engine::ActivityOutcome outcome) {
    remembered_.insert_or_assign(attempt, outcome);
    if (generation != generation_) return;
    on_their_way_.erase(key);
    done(std::move(outcome));
  });
}

bool Calls::Work() {
  if (on_their_way_.empty()) return false;
  const std::size_t before = on_their_way_.size();
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (on_their_way_.size() == before && std::chrono::steady_clock::now() < give_up) {
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(100));
  }
  CHECK(on_their_way_.size() != before);
  return true;
}

void Calls::Forget() {
  // What is on its way is answered, so that a receiver that does things once has it.
  while (remembers_ && Work()) {
  }
  ++generation_;
  scheduled_.clear();
  on_their_way_.clear();
}

}  // namespace elevaite::conformance
