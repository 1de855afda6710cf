#include "services/workflow/peers/peers.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "foundation/log.h"
#include "net/client_stream.h"
#include "services/workflow/await.h"
#include "services/workflow/internal_token.h"
#include "services/workflow/peers/command_json.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using engine::Command;
using std::chrono::milliseconds;

constexpr std::string_view kPath = "/internal/v1/commands";
constexpr std::size_t kBodyBytesMax = 64U << 20U;
constexpr milliseconds kTryTime{3'000};
constexpr milliseconds kPauseMin{10};
constexpr milliseconds kPauseMax{250};
constexpr const char* kForwarded = "x-elevaite-forwarded";

Error NoOwner() {
  return {.code = ErrorCode::kUnavailable,
          .message = "the node that has this execution does not answer, and no other has taken it over yet",
          .retry_after = std::chrono::seconds(1)};
}

Deadline PatienceOf(const Command& command) {
  if (std::holds_alternative<engine::InputCommand>(command))
    return std::chrono::steady_clock::now() + Peers::kPatienceOfResults;
  if (const auto* watch = std::get_if<engine::WatchCommand>(&command)) return watch->waits_until;
  return std::chrono::steady_clock::now() + Peers::kPatience;
}

void Refuse(Command& command, const Error& error) {
  if (auto* start = std::get_if<engine::StartCommand>(&command)) start->accepted(Fail(error));
  if (auto* cancel = std::get_if<engine::CancelCommand>(&command)) cancel->done(Fail(error));
  if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) migrate->done(Fail(error));
  if (auto* operate = std::get_if<engine::OperateCommand>(&command)) operate->done(Fail(error));
  if (auto* watch = std::get_if<engine::WatchCommand>(&command)) watch->finished(std::nullopt);
  if (auto* input = std::get_if<engine::InputCommand>(&command))
    LogWarn("a result did not reach its execution's owner, which does the task again",
            {{"execution", input->id.ToString()}, {"error", error.message}});
}

awaitable<void> Pause(milliseconds time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace

// ---- To others ----

void Peers::Forward(Command command) {
  if (waiting_.fetch_add(1) >= kForwardedMax) {
    waiting_.fetch_sub(1);
    return Refuse(command, {.code = ErrorCode::kUnavailable,
                            .message = "too many commands wait for other nodes",
                            .retry_after = std::chrono::seconds(1)});
  }
  const std::size_t index =
      next_executor_.fetch_add(1, std::memory_order_relaxed) % options_.executors.size();
  Spawn(options_.executors[index], Deliver(std::move(command)), "forward");
}

awaitable<void> Peers::Deliver(Command command) {
  const ExecutionId id = IdOf(command);
  const auto partition = static_cast<std::uint32_t>(engine::PartitionIndex(id, engine_->partitions()));
  const std::optional<Json> json = CommandToJson(command);
  const Deadline deadline = PatienceOf(command);
  milliseconds pause = kPauseMin;
  bool again = false;
  while (json) {
    if (engine_->IsHere(id)) {
      if (auto* start = std::get_if<engine::StartCommand>(&command); start && again)
        engine::MayHaveBegun(*start);
      std::visit([this](auto&& one) { engine_->Post(std::move(one)); }, std::move(command));
      break;
    }
    const std::string address = member_.Find(partition).address;
    if (!address.empty()) {
      auto attempt = Try(command, address, *json, again);
      if (co_await std::move(attempt)) break;
      again = true;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      Refuse(command, NoOwner());
      break;
    }
    auto wait = Pause(pause);
    co_await std::move(wait);
    pause = std::min(pause * 2, kPauseMax);
  }
  waiting_.fetch_sub(1);
}

awaitable<bool> Peers::Try(Command& command, const std::string& address, const Json& json, bool again) {
  const bool watches = std::holds_alternative<engine::WatchCommand>(command);
  auto ask = Ask(address, std::string(kPath), json.Dump(), watches ? kWatchTime + kTryTime : kTryTime);
  const Result<Json> answer = co_await std::move(ask);
  if (!answer || answer->Find("elsewhere") != nullptr) co_return false;
  forwarded_.fetch_add(1);
  if (!Answer(command, *answer, again)) co_return false;
  auto* start = std::get_if<engine::StartCommand>(&command);
  if (start != nullptr && start->finished && answer->Find("error") == nullptr) {
    Forward(engine::WatchCommand{.account = start->record.account,
                                 .id = start->record.id,
                                 .finished = std::move(start->finished),
                                 .waits_until = start->waits_until});
  }
  co_return true;
}

// False: it is still to be asked.
bool Peers::Answer(Command& command, const Json& answer, bool again) {
  std::optional<Error> error;
  if (const Json* told = answer.Find("error")) error = ErrorFromJson(*told);
  const Result<void> result = error ? Result<void>(Fail(*error)) : Result<void>();
  if (auto* start = std::get_if<engine::StartCommand>(&command)) {
    if (again) engine::MayHaveBegun(*start);
    start->accepted(result);
  } else if (auto* cancel = std::get_if<engine::CancelCommand>(&command)) {
    cancel->done(result);
  } else if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) {
    migrate->done(error ? Result<engine::Migration>(Fail(*error)) : MigrationFromJson(answer["migration"]));
  } else if (auto* operate = std::get_if<engine::OperateCommand>(&command)) {
    operate->done(result);
  } else if (auto* watch = std::get_if<engine::WatchCommand>(&command)) {
    if (error || answer["running"].BoolOr(false)) return false;
    auto outcome = OutcomeFromJson(answer["outcome"]);
    watch->finished(outcome ? std::optional(*std::move(outcome)) : std::nullopt);
  }
  return true;
}

// An error: it is not known what has become of it.
awaitable<Result<Json>> Peers::Ask(std::string address, std::string path, std::string body,
                                   milliseconds patience) {
  ASSIGN_OR_CO_RETURN(net::ClientRequest request, net::ClientRequest::To("POST", address + path));
  request.headers.Add("authorization", "Bearer " + std::string(options_.token.Reveal()));
  request.headers.Add("content-type", "application/json");
  request.body = std::move(body);
  request.deadline = std::chrono::steady_clock::now() + patience;
  request.connect_timeout = milliseconds(1'000);
  request.redirects_max = 0;
  request.response_bytes_max = kBodyBytesMax;
  auto send = client_.Send(std::move(request));
  ASSIGN_OR_CO_RETURN(const net::ClientResponse response, co_await std::move(send));
  if (response.status == 401)
    LogError("another node refuses our token: all nodes need the same cluster.token", {{"node", address}});
  if (response.status != 200)
    co_return Fail(ErrorCode::kUnavailable, "another node answered " + std::to_string(response.status));
  co_return ParseJson(response.body);
}

awaitable<Result<std::optional<net::Response>>> Peers::AskLeader(const net::Request& request,
                                                                 std::string body) {
  const Deadline deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const engine::Whereabouts leader = member_.Find(0);
    if (leader.is_here || request.headers.Has(kForwarded)) co_return std::nullopt;
    if (!leader.address.empty()) {
      ASSIGN_OR_CO_RETURN(net::ClientRequest ask,
                          net::ClientRequest::To(request.method_text, leader.address + request.target));
      ask.headers.Add(kForwarded, "1");
      for (const char* name : {"content-type", "accept", "x-elevaite-client", "x-request-id"}) {
        if (request.headers.Has(name)) ask.headers.Add(name, request.headers.Get(name));
      }
      ask.body = body;
      ask.deadline = deadline;
      ask.connect_timeout = milliseconds(1'000);
      ask.redirects_max = 0;
      auto send = client_.Send(std::move(ask));
      auto answer = co_await std::move(send);
      if (answer && answer->status != 503) {
        net::Response response = net::TextResponse(answer->status, std::move(answer->body));
        for (const char* name : {"content-type", "location"}) {
          if (answer->headers.Has(name)) response.headers.Set(name, answer->headers.Get(name));
        }
        co_return std::optional(std::move(response));
      }
      if (!answer && request.method == net::Method::kPost && !net::IsUnconnected(answer.error()))
        co_return Fail(Error{.code = ErrorCode::kUnavailable,
                             .message = "the node that does this broke off before it answered: it may have "
                                        "been done",
                             .hint = "look whether it was, before you ask again",
                             .retry_after = std::chrono::seconds(1)});
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      co_return Fail(Error{.code = ErrorCode::kUnavailable,
                           .message = "the node that keeps the schedules does not answer",
                           .retry_after = std::chrono::seconds(1)});
    }
    auto wait = Pause(kPauseMax);
    co_await std::move(wait);
  }
}

awaitable<Result<Json>> Peers::AskLeader(std::string path, Json body, milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  const std::string text = body.Dump();
  while (true) {
    const engine::Whereabouts leader = member_.Find(0);
    if (!leader.is_here && !leader.address.empty()) {
      auto ask = Ask(leader.address, path, text, std::min(patience, kTryTime));
      const Result<Json> answer = co_await std::move(ask);
      if (answer && answer->Find("elsewhere") == nullptr) {
        const Json* told = answer->Find("error");
        if (told != nullptr) co_return Fail(ErrorFromJson(*told));
        co_return answer;
      }
    }
    if (leader.is_here || std::chrono::steady_clock::now() >= deadline)
      co_return Fail(Error{.code = ErrorCode::kUnavailable,
                           .message = "the node that keeps the queue does not answer",
                           .retry_after = std::chrono::seconds(1)});
    auto wait = Pause(kPauseMax);
    co_await std::move(wait);
  }
}

awaitable<void> Peers::TellOthers(std::string path, Json body, milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  const std::string text = body.Dump();
  const auto view = member_.view();
  std::vector<OneShot<bool>> answers;
  for (const engine::NodeRow& node : view->nodes) {
    if (!node.lives || node.id == member_.id()) continue;
    OneShot<bool> told;
    answers.push_back(told);
    Spawn(options_.executors[answers.size() % options_.executors.size()],
          Tell(node.address, path, text, patience, told), "tell another node");
  }
  for (OneShot<bool>& told : answers) {
    auto wait = told.WaitUntil(deadline);
    (void)co_await std::move(wait);
  }
}

awaitable<void> Peers::Tell(std::string address, std::string path, std::string body, milliseconds patience,
                            OneShot<bool> told) {
  auto ask = Ask(std::move(address), std::move(path), std::move(body), patience);
  const Result<Json> answer = co_await std::move(ask);
  told.Set(answer.has_value());
}

awaitable<std::vector<Json>> Peers::AskAll(std::string path, Json body) {
  const std::string text = body.Dump();
  std::vector<Json> answers;
  const auto view = member_.view();
  for (const engine::NodeRow& node : view->nodes) {
    if (!node.lives || node.id == member_.id()) continue;
    auto ask = Ask(node.address, path, text, kTryTime);
    const Result<Json> answer = co_await std::move(ask);
    if (answer && answer->Find("error") == nullptr) answers.push_back(*answer);
  }
  co_return answers;
}

// ---- From others ----

void Peers::AddLeaderRoute(net::Router& router, std::string path, LeaderHandler handler) {
  const auto serve =
      [this, handler = std::move(handler)](net::Request& request) -> awaitable<Result<net::Response>> {
    if (!CarriesToken(request, options_.token))
      co_return Fail(ErrorCode::kUnauthenticated, "this route is for the nodes of the cluster");
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(Json json, co_await std::move(read));
    auto work = handler(std::move(json));
    const Result<Json> answer = co_await std::move(work);
    co_return net::JsonResponse(200,
                                answer ? *answer : Json::Object({{"error", ErrorToJson(answer.error())}}));
  };
  router.Add(net::Method::kPost, path, serve,
             {.body_bytes_max = kBodyBytesMax, .timeout = std::chrono::seconds(60)});
}

void Peers::AddRoutes(net::Router& router) {
  router.Add(net::Method::kPost, kPath, [this](net::Request& request) { return Serve(request); },
             {.body_bytes_max = kBodyBytesMax, .timeout = std::chrono::seconds(60)});
}

awaitable<Result<net::Response>> Peers::Serve(net::Request& request) {
  if (!CarriesToken(request, options_.token))
    co_return Fail(ErrorCode::kUnauthenticated, "this route is for the nodes of the cluster");
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(Json json, co_await std::move(read));
  auto work = Do(std::move(json));
  const Result<Json> answer = co_await std::move(work);
  co_return net::JsonResponse(200, answer ? *answer : Json::Object({{"error", ErrorToJson(answer.error())}}));
}

awaitable<Result<Json>> Peers::Do(Json json) {
  ASSIGN_OR_CO_RETURN(ReceivedCommand received, CommandFromJson(json));
  if (!engine_->IsHere(IdOf(received.command))) co_return Json::Object({{"elsewhere", true}});
  if (auto* watch = std::get_if<engine::WatchCommand>(&received.command)) {
    auto wait = Watch(std::move(*watch));
    co_return co_await std::move(wait);
  }
  if (auto* input = std::get_if<engine::InputCommand>(&received.command)) {
    engine_->Post(std::move(*input));
    co_return Json::EmptyObject();
  }
  if (auto* cancel = std::get_if<engine::CancelCommand>(&received.command)) {
    auto wait = Await<void>([&](auto done) {
      cancel->done = std::move(done);
      engine_->Post(std::move(*cancel));
    });
    CO_RETURN_IF_ERROR(co_await std::move(wait));
    co_return Json::EmptyObject();
  }
  if (auto* operate = std::get_if<engine::OperateCommand>(&received.command)) {
    auto wait = Await<void>([&](auto done) {
      operate->done = std::move(done);
      engine_->Post(std::move(*operate));
    });
    CO_RETURN_IF_ERROR(co_await std::move(wait));
    co_return Json::EmptyObject();
  }
  const engine::ExecutionRecord& record = received.record;
  auto get = programs_.Get(record.account, record.name_space, record.workflow, record.version);
  ASSIGN_OR_CO_RETURN(const auto program, co_await std::move(get));
  if (auto* migrate = std::get_if<engine::MigrateCommand>(&received.command)) {
    migrate->program = program;
    auto wait = Await<engine::Migration>([&](auto done) {
      migrate->done = std::move(done);
      engine_->Post(std::move(*migrate));
    });
    ASSIGN_OR_CO_RETURN(const engine::Migration migration, co_await std::move(wait));
    co_return Json::Object({{"migration", MigrationToJson(migration)}});
  }
  auto& start = std::get<engine::StartCommand>(received.command);
  start.program = program;
  if (received.past) {
    auto read = options_.past(record.account, received.past->point);
    ASSIGN_OR_CO_RETURN(PastAt at, co_await std::move(read));
    at.past.request.input = std::move(received.past->input);
    at.past.request.note = std::move(received.past->note);
    start.past = std::make_shared<const engine::Past>(std::move(at.past));
  }
  start.shared_id = true;  // it may have come before
  auto wait = Await<void>([&](auto done) {
    start.accepted = std::move(done);
    engine_->Post(std::move(start));
  });
  CO_RETURN_IF_ERROR(co_await std::move(wait));
  co_return Json::EmptyObject();
}

awaitable<Result<Json>> Peers::Watch(engine::WatchCommand command) {
  const ExecutionId id = command.id;
  const Deadline waits_until = std::exchange(command.waits_until, kNoDeadline);  // for all who ask here
  Ended ended;
  bool is_first = false;
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = next_watch_++;
    const auto [place, is_new] = watched_.try_emplace(id);
    place->second.emplace(number, ended);
    is_first = is_new;
  }
  if (is_first) {
    command.finished = [this, id](const std::optional<engine::Outcome>& outcome) {
      std::map<std::uint64_t, Ended> told;
      {
        const std::scoped_lock lock(mutex_);
        if (auto node = watched_.extract(id)) told = std::move(node.mapped());
      }
      for (auto& [ignored, one] : told) one.Set(outcome);
    };
    engine_->Post(std::move(command));
  }
  auto wait = ended.WaitUntil(waits_until);
  const auto outcome = co_await std::move(wait);
  if (!outcome) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = watched_.find(id); found != watched_.end()) found->second.erase(number);
    co_return Json::Object({{"running", true}});
  }
  co_return Json::Object({{"outcome", *outcome ? OutcomeToJson(**outcome) : Json()}});
}

}  // namespace elevaite::workflow
