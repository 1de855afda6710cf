// elevaite doctor: the data of a stopped server is examined here; a running one does it itself and is asked
// how far it is.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "app/command_line.h"
#include "app/doctor.h"
#include "app/options.h"
#include "app/report.h"
#include "app/terminal.h"

namespace elevaite::app {
namespace {

constexpr std::chrono::milliseconds kAskEvery{300};
constexpr const char* kRoute = "/v1/system/doctor";

void PrintReport(const Json& report) {
  fmt::print(
      "{} unfinished executions, {} timers, {} activities, {} ended executions, {} indexes looked into\n",
      report["executions"].Dump(), report["timers"].Dump(), report["activities"].Dump(),
      report["ended"].Dump(), report["indexes"].Dump());
  for (const Json& f : report["findings"].AsArray()) {
    const bool mended = f["mended"].IsString();
    fmt::print("{} {}\n  {}\n  {}\n", mended ? Styled("✓", Style::kGreen) : Styled("✗", Style::kRed),
               f["execution"].StringOr(""), f["problem"].StringOr(""),
               mended ? std::string(f["mended"].AsString()) : Styled(f["advice"].StringOr(""), Style::kDim));
  }
  for (const Json& text : report["unseen"].AsArray())
    fmt::print("{} not looked at: {}\n", Styled("-", Style::kDim), text.StringOr(""));
  if (report["findings"].Size() == 0) fmt::print("{} nothing is wrong\n", Styled("✓", Style::kGreen));
}

// A line that is written over: only for who looks.
class Progress {
 public:
  ~Progress() {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }
  void Show(std::string_view phase, const Json& report) {
    if (!is_terminal_) return;
    is_shown_ = true;
    fmt::print(stderr, "\r\033[K{}: {} executions, {} ended, {} indexes; {} findings", phase,
               report["executions"].IntOr(0), report["ended"].IntOr(0), report["indexes"].IntOr(0),
               report["findings"].Size());
    std::fflush(stderr);
  }

 private:
  const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  bool is_shown_ = false;
};

int ShowReport(const Json& report, bool as_json) {
  if (as_json) {
    std::puts(report.DumpPretty().c_str());
  } else {
    PrintReport(report);
  }
  return report["healthy"].BoolOr(false) ? kDone : kFailed;
}

int ReportReply(const Result<ApiReply>& reply) {
  return Report(reply ? Error{.code = ErrorCode::kUnavailable, .message = reply->Problem()} : reply.error());
}

// One that is under way is waited for, when it is what is wanted.
Result<ApiReply> BeginOrJoin(ApiClient& client, bool mend) {
  auto begun = client.Call("POST", mend ? fmt::format("{}/mend", kRoute) : kRoute, {}, {});
  if (!begun || begun->status != 409) return begun;
  auto under_way = client.Get(kRoute);
  if (!under_way || !under_way->ok()) return under_way;
  under_way->json = under_way->json["latest"];
  const bool joins =
      under_way->json["state"].StringOr("") == "running" && under_way->json["mend"].BoolOr(false) == mend;
  return joins ? std::move(under_way) : std::move(begun);
}

int AskServer(const ClientOptions& options, bool mend) {
  ApiClient client(options.server, {options.by, options.reason});
  auto reply = BeginOrJoin(client, mend);
  if (!reply || !reply->ok()) return ReportReply(reply);
  const std::string path = fmt::format("{}/{}", kRoute, reply->json["id"].StringOr(""));
  {
    Progress progress;
    while (reply->json["state"].StringOr("") == "running") {
      progress.Show(reply->json["phase"].StringOr(""), reply->json);
      std::this_thread::sleep_for(kAskEvery);
      reply = client.Get(path);
      if (!reply || !reply->ok()) return ReportReply(reply);
    }
  }
  const std::string_view state = reply->json["state"].StringOr("");
  if (state == "completed") return ShowReport(reply->json, options.json);
  return Report({.code = ErrorCode::kUnavailable,
                 .message = state == "cancelled" ? std::string("the examination was cancelled")
                                                 : std::string(reply->json["error"].StringOr(""))});
}

}  // namespace

int Doctor(const std::vector<std::string>& arguments, const ClientOptions& options, bool mend) {
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  StoreOptions stores = ToolStoreOptionsFrom(*config);
  stores.adopts_objects = mend;
  Result<engine::DoctorReport> examined;
  {
    Progress progress;
    auto next = std::chrono::steady_clock::now() + kAskEvery;
    const auto told = [&](engine::ExaminationPhase phase, const engine::DoctorReport& so_far) {
      if (std::chrono::steady_clock::now() < next) return;
      next = std::chrono::steady_clock::now() + kAskEvery;
      progress.Show(engine::NameOf(phase), ToJson(so_far));
    };
    examined = ExamineData(stores, {.mend = mend, .told = told});
  }
  if (examined) return ShowReport(ToJson(*examined), options.json);
  if (examined.error().code == ErrorCode::kConflict) return AskServer(options, mend);  // it has the data
  return Report(examined.error());
}

int CancelDoctor(const ClientOptions& options) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto latest = client.Get(kRoute);
  if (!latest || !latest->ok()) return ReportReply(latest);
  const Json& one = latest->json["latest"];
  if (one["state"].StringOr("") != "running")
    return Report({.code = ErrorCode::kNotFound, .message = "no examination is under way"});
  const auto cancelled = client.Call("DELETE", fmt::format("{}/{}", kRoute, one["id"].StringOr("")), {}, {});
  if (!cancelled || !cancelled->ok()) return ReportReply(cancelled);
  return kDone;
}

}  // namespace elevaite::app
