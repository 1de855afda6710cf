#include "services/workflow/notifications/wording.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/clock.h"
#include "foundation/text.h"
#include "foundation/utf8.h"
#include "services/workflow/notifications/occasion.h"

namespace elevaite::notifications {
namespace {

constexpr std::size_t kExpressionsMax = 50;
constexpr std::size_t kBracesMax = 100;  // tried as the end of one expression

constexpr jq::Budget kBudget{.steps_max = 200'000,
                             .bytes_max = 4U << 20U,
                             .outputs_max = 1'000,
                             .time_max = std::chrono::milliseconds(100)};

struct Found {
  jq::Program program;
  std::size_t end;  // behind its brace
};

// The expression that begins at `begin` ends at the first brace with which it is one: braces of objects and
// of texts in it are not.
Result<Found> FindExpression(std::string_view text, std::size_t begin) {
  std::string message = "it has no closing brace";
  std::size_t brace = text.find('}', begin);
  for (std::size_t tried = 0; brace != std::string_view::npos && tried < kBracesMax; ++tried) {
    auto program = jq::Program::Compile(text.substr(begin, brace - begin));
    if (program) return Found{*std::move(program), brace + 1};
    if (tried == 0) message = program.error().message;
    brace = text.find('}', brace + 1);
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no expression: {}", Utf8Prefix(text.substr(begin - 2), 40), message),
              "write it as ${ .workflow.name }; a literal ${ as $${");
}

std::string TextOf(const jq::Program& program, const Json& content) {
  const auto value =
      jq::EvaluateFirst(program, content, {}, {.budget = kBudget, .now_us = SystemClock().Now().micros()});
  if (!value) return "(?)";
  if (value->IsNull()) return "";
  return value->IsString() ? std::string(value->AsString()) : value->Dump();
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// ---- The usual texts ----

std::string_view Text(const Json& value) { return value.StringOr(""); }

std::string NameOfWorkflow(const Json& content) {
  const Json& workflow = content["workflow"];
  return fmt::format("{}.{}", Text(workflow["namespace"]), Text(workflow["name"]));
}

std::string WaitText(const Json& waiting) {
  const std::int64_t seconds = waiting["for_s"].IntOr(0);
  return FormatDuration(std::chrono::seconds(seconds >= 120 ? seconds - seconds % 60 : seconds));
}

std::string UsualSubject(const Json& content) {
  const auto kind = KindFromName(Text(content["type"]));
  const std::string name = NameOfWorkflow(content);
  const std::int64_t count = content["count"].IntOr(1);
  if (!kind) return "ElevAIte: this channel works";
  if (count > 1) {
    const std::string window = FormatDuration(std::chrono::seconds(content["window_s"].IntOr(0)));
    constexpr std::string_view kDid[] = {
        "", "failed", "completed", "were cancelled", "wait too long", "were parked"};
    return fmt::format("{}: {} runs {} in {}", name, count, kDid[static_cast<std::size_t>(*kind)], window);
  }
  const std::string title(Text(content["human_task"]["title"]));
  switch (*kind) {
    case Kind::kFailed: return fmt::format("{} failed", name);
    case Kind::kCompleted: return fmt::format("{} completed", name);
    case Kind::kCancelled: return fmt::format("{} was cancelled", name);
    case Kind::kWaiting: return fmt::format("{} has been waiting for {}", name, WaitText(content["waiting"]));
    case Kind::kParked: return fmt::format("{} is parked: somebody has to decide", name);
    case Kind::kTaskOpened: return fmt::format("To do: {}", title);
    case Kind::kTaskReminder: return fmt::format("Reminder: {}", title);
    case Kind::kTaskEscalated: return fmt::format("Escalated: {}", title);
    case Kind::kTaskOverdue: return fmt::format("Overdue: {}", title);
    case Kind::kSchedulePaused:
      return fmt::format("Schedule {} has paused itself", Text(content["schedule"]["id"]));
    case Kind::kTest: break;
  }
  return name;
}

class Lines {
 public:
  void Add(std::string_view label, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("- {}: {}\n", label, OneLine(value, 1'000));
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddError(Lines& lines, const Json& error) {
  if (!error.IsObject()) return;
  const std::string_view title = Text(error["title"]);
  lines.Add("Error", title.empty() ? Text(error["type"]) : title);
  lines.Add("Detail", Text(error["detail"]));
}

std::string UsualBody(const Json& content) {
  if (!KindFromName(Text(content["type"])))
    return "This is a test. Whoever reads it gets what ElevAIte sends through this channel.\n";
  Lines lines;
  const Json& workflow = content["workflow"];
  lines.Add("Workflow", fmt::format("{} {}", NameOfWorkflow(content), Text(workflow["version"])));
  if (content["count"].IntOr(1) > 1) {
    lines.Add("Runs", content["count"].Dump());
    lines.Add("From", Text(content["first_at"]));
    lines.Add("To", Text(content["last_at"]));
    AddError(lines, content["error"]);
    for (const Json& run :
         content["executions"].IsArray() ? content["executions"].AsArray() : std::span<const Json>())
      lines.Add("For example", Text(run["url"]));
    return lines.Take();
  }
  lines.Add("Run", Text(content["execution"]["id"]));
  lines.Add("Task", Text(content["task"]));
  AddError(lines, content["error"]);
  if (const Json& waiting = content["waiting"]; waiting.IsObject()) {
    lines.Add("Waits for", Text(waiting["for"]));
    lines.Add("Since", Text(waiting["since"]));
  }
  if (const Json& task = content["human_task"]; task.IsObject()) {
    lines.Add("For", Text(task["assignee"]).empty() ? Text(task["role"]) : Text(task["assignee"]));
    lines.Add("Until", Text(task["deadline"]));
  }
  lines.Add("Why", Text(content["schedule"]["note"]));
  lines.Add("Time", Text(content["time"]));
  return lines.Take();
}

}  // namespace

Result<Wording> Wording::Compile(std::string_view text) {
  if (text.size() > kWordingBytesMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("it has more than {} bytes", kWordingBytesMax));
  Wording wording;
  std::string literal;
  std::size_t expressions = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      literal += "${";
      at += 3;
    } else if (text.substr(at).starts_with("${")) {
      if (++expressions > kExpressionsMax)
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("it has more than {} expressions", kExpressionsMax));
      ASSIGN_OR_RETURN(Found found, FindExpression(text, at + 2));
      wording.parts_.emplace_back(std::exchange(literal, {}));
      wording.parts_.emplace_back(std::move(found.program));
      at = found.end;
    } else {
      literal += text[at++];
    }
  }
  wording.parts_.emplace_back(std::move(literal));
  return wording;
}

std::string Wording::For(const Json& content, std::size_t bytes_max) const {
  std::string text;
  for (const auto& part : parts_) {
    const auto* program = std::get_if<jq::Program>(&part);
    text += program != nullptr ? TextOf(*program, content) : std::get<std::string>(part);
    if (text.size() > bytes_max) break;
  }
  return std::string(Utf8Prefix(text, bytes_max));
}

std::string OneLine(std::string_view text, std::size_t bytes_max) {
  std::string line;
  for (const char c : Utf8Prefix(text, bytes_max)) line += IsControl(c) ? ' ' : c;
  return line;
}

Words WordsFor(const Json& content, const Wording* subject, const Wording* body) {
  Words words;
  words.subject = OneLine(
      subject != nullptr ? subject->For(content, kSubjectBytesMax) : UsualSubject(content), kSubjectBytesMax);
  words.body = body != nullptr ? body->For(content, kBodyBytesMax) : UsualBody(content);
  std::erase_if(words.body, [](char c) { return IsControl(c) && c != '\n' && c != '\t'; });
  while (words.body.ends_with('\n')) words.body.pop_back();
  words.body += fmt::format("\n\n{}\n", Text(content["url"]));
  return words;
}

}  // namespace elevaite::notifications
