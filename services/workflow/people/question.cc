#include "services/workflow/people/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/duration.h"
#include "engine/machine/human.h"
#include "foundation/clock.h"

namespace elevaite::people {
namespace {

constexpr std::int64_t kRepeatsUnlessGiven = 10;

std::unexpected<Error> Wrong(std::string_view member, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("`{}`: {}", member, why));
}

Result<std::string> TextOf(const Json& object, std::string_view key, std::string_view member,
                           std::size_t bytes_max) {
  const Json& value = object[key];
  if (value.IsNull()) return std::string();
  if (!value.IsString()) return Wrong(member, "it must be a text");
  if (value.AsString().size() > bytes_max)
    return Wrong(member, fmt::format("it is longer than {} bytes", bytes_max));
  return std::string(value.AsString());
}

Result<std::string> NameOf(const Json& object, std::string_view key, std::string_view member) {
  ASSIGN_OR_RETURN(std::string name, TextOf(object, key, member, Question::kNameBytesMax));
  if (!object[key].IsNull() && !IsName(name))
    return Wrong(member, "it is no name: it is empty, or has control characters");
  return name;
}

Result<std::int64_t> DurationOf(const Json& value, std::string_view member) {
  const auto duration = dsl::ParseDuration(value);
  if (!duration) return Wrong(member, duration.error().message);
  return *duration;
}

Result<Decision> DecisionFrom(const Json& json, const std::string& member) {
  Decision decision;
  if (!json.IsObject()) return Wrong(member, "it must be an object with an `id`");
  ASSIGN_OR_RETURN(decision.id, NameOf(json, "id", member + "/id"));
  if (decision.id.empty()) return Wrong(member, "it has no `id`");
  ASSIGN_OR_RETURN(decision.title, NameOf(json, "title", member + "/title"));
  if (decision.title.empty()) decision.title = decision.id;
  ASSIGN_OR_RETURN(decision.style, TextOf(json, "style", member + "/style", 20));
  const std::string_view comment = json["comment"].StringOr("optional");
  if (comment == "required") decision.comment = Decision::Comment::kRequired;
  if (comment == "none") decision.comment = Decision::Comment::kNone;
  decision.takes_form = json["form"].BoolOr(true);
  return decision;
}

std::vector<Decision> DecisionsOtherwise(std::string_view connector) {
  if (connector == engine::kHumanForm) return {{.id = "submit", .title = "Submit", .style = "primary"}};
  return {{.id = "approve", .title = "Approve", .style = "primary"},
          {.id = "reject", .title = "Reject", .style = "danger", .takes_form = false}};
}

Result<std::vector<Decision>> DecisionsFrom(std::string_view connector, const Json& json) {
  if (json.IsNull()) return DecisionsOtherwise(connector);
  if (!json.IsArray() || json.Size() == 0 || json.Size() > Question::kDecisionsMax)
    return Wrong("decisions", fmt::format("it must be a list of 1 to {}", Question::kDecisionsMax));
  std::vector<Decision> decisions;
  std::set<std::string> ids;
  for (const Json& one : json.AsArray()) {
    const std::string member = fmt::format("decisions/{}", decisions.size());
    ASSIGN_OR_RETURN(Decision decision, DecisionFrom(one, member));
    if (!ids.insert(decision.id).second)
      return Wrong(member + "/id", fmt::format("there are two with the id '{}'", decision.id));
    if (decision.style.empty()) decision.style = decisions.empty() ? "primary" : "secondary";
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

Result<void> AddReminders(const Json& json, std::int64_t asked_us, TimedActs& acts) {
  if (json.IsNull()) return {};
  const auto add = [&](std::int64_t at_us) {
    acts.push_back({.at_us = at_us, .kind = TimedAct::Kind::kRemind, .to = {}, .decision = {}});
  };
  if (json.IsArray()) {
    if (json.Size() > Question::kRemindersMax)
      return Wrong("reminders", fmt::format("there are more than {}", Question::kRemindersMax));
    for (std::size_t i = 0; i < json.Size(); ++i) {
      ASSIGN_OR_RETURN(const std::int64_t after_us, DurationOf(json.At(i), fmt::format("reminders/{}", i)));
      add(asked_us + after_us);
    }
    return {};
  }
  ASSIGN_OR_RETURN(const std::int64_t every_us, DurationOf(json["every"], "reminders/every"));
  if (every_us <= 0) return Wrong("reminders/every", "it must be longer than nothing");
  const std::int64_t times = json["max"].IntOr(kRepeatsUnlessGiven);
  if (times < 1 || times > static_cast<std::int64_t>(Question::kRemindersMax))
    return Wrong("reminders/max", fmt::format("it must be 1 to {}", Question::kRemindersMax));
  if (every_us > dsl::kDurationMaxUs / times) return Wrong("reminders", "the last one is too far away");
  for (std::int64_t i = 1; i <= times; ++i) add(asked_us + i * every_us);
  return {};
}

Result<void> AddEscalations(const Json& json, std::int64_t asked_us, TimedActs& acts) {
  if (json.IsNull()) return {};
  if (!json.IsArray() || json.Size() > Question::kEscalationsMax)
    return Wrong("escalations", fmt::format("it must be a list of {} at most", Question::kEscalationsMax));
  for (std::size_t i = 0; i < json.Size(); ++i) {
    const Json& one = json.At(i);
    const std::string member = fmt::format("escalations/{}", i);
    TimedAct act{.at_us = asked_us, .kind = TimedAct::Kind::kEscalate, .to = {}, .decision = {}};
    ASSIGN_OR_RETURN(const std::int64_t after_us, DurationOf(one["after"], member + "/after"));
    act.at_us += after_us;
    ASSIGN_OR_RETURN(act.to.assignee, NameOf(one, "assignee", member + "/assignee"));
    ASSIGN_OR_RETURN(act.to.role, NameOf(one, "role", member + "/role"));
    if (act.to == Assignment{}) return Wrong(member, "it needs an `assignee` or a `role`");
    acts.push_back(std::move(act));
  }
  return {};
}

Result<void> AddDeadline(const Json& json, std::int64_t asked_us, Question& question) {
  if (json.IsNull()) return {};
  TimedAct end{.at_us = asked_us, .kind = TimedAct::Kind::kExpire, .to = {}, .decision = {}};
  if (json["after"].IsNull() == json["at"].IsNull())
    return Wrong("deadline", "it needs either `after`, a duration, or `at`, a time");
  if (!json["at"].IsNull()) {
    const auto at = Timestamp::Parse(json["at"].StringOr(""));
    if (!at) return Wrong("deadline/at", "it is no time; write it as 2026-12-24T18:00:00Z");
    end.at_us = at->micros();
  } else {
    ASSIGN_OR_RETURN(const std::int64_t after_us, DurationOf(json["after"], "deadline/after"));
    end.at_us += after_us;
  }
  ASSIGN_OR_RETURN(end.decision, NameOf(json, "decision", "deadline/decision"));
  question.deadline_us = end.at_us;
  question.acts.push_back(std::move(end));
  return {};
}

std::string_view NameOf(TimedAct::Kind kind) {
  switch (kind) {
    case TimedAct::Kind::kEscalate: return "escalate";
    case TimedAct::Kind::kRemind: return "remind";
    case TimedAct::Kind::kExpire: return "expire";
  }
  return "";
}

}  // namespace

bool IsName(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !text.empty() && text.size() <= Question::kNameBytesMax &&
         FindInvalidUtf8(text) == std::string_view::npos && std::ranges::none_of(text, is_control) &&
         text.find_first_not_of(' ') != std::string_view::npos;
}

Result<Question> Question::From(std::string_view connector, const Json& with, std::int64_t asked_us) {
  if (!with.IsObject()) return Wrong("with", "it must be an object");
  if (with.MemoryBytes(4 * kBytesMax) >= 4 * kBytesMax || with.Dump().size() > kBytesMax)
    return Wrong("with", fmt::format("it is larger than {} KiB", kBytesMax >> 10U));
  Question question;
  ASSIGN_OR_RETURN(question.title, TextOf(with, "title", "title", 500));
  if (!IsName(question.title.substr(0, kNameBytesMax / 2)))
    return Wrong("title", "it is empty, or has control characters");
  ASSIGN_OR_RETURN(question.text, TextOf(with, "text", "text", kBytesMax));
  question.data = with["data"];
  ASSIGN_OR_RETURN(question.to.assignee, NameOf(with, "assignee", "assignee"));
  ASSIGN_OR_RETURN(question.to.role, NameOf(with, "role", "role"));
  ASSIGN_OR_RETURN(question.decisions, DecisionsFrom(connector, with["decisions"]));
  question.form = with["form"];
  if (question.form.IsNull() && connector == engine::kHumanForm) return Wrong("form", "it is missing");
  RETURN_IF_ERROR(AddEscalations(with["escalations"], asked_us, question.acts));
  RETURN_IF_ERROR(AddReminders(with["reminders"], asked_us, question.acts));
  RETURN_IF_ERROR(AddDeadline(with["deadline"], asked_us, question));
  question.Arrange();
  return question;
}

// In order of time; what the deadline makes pointless goes.
void Question::Arrange() {
  const auto when = [](const TimedAct& act) { return std::pair(act.at_us, act.kind); };
  for (auto one = acts.begin(); one != acts.end(); ++one)  // stable; there are few
    std::rotate(std::ranges::upper_bound(acts.begin(), one, when(*one), {}, when), one, one + 1);
  if (!deadline_us) return;
  std::erase_if(acts, [this](const TimedAct& act) {
    return act.kind != TimedAct::Kind::kExpire && act.at_us >= *deadline_us;
  });
}

void Question::EndAt(std::int64_t time_us) {
  if (deadline_us && *deadline_us <= time_us) return;
  std::erase_if(acts, [](const TimedAct& act) { return act.kind == TimedAct::Kind::kExpire; });
  acts.push_back({.at_us = time_us, .kind = TimedAct::Kind::kExpire, .to = {}, .decision = {}});
  deadline_us = time_us;
  Arrange();
}

const Decision* Question::FindDecision(std::string_view id) const {
  const auto found = std::ranges::find(decisions, id, &Decision::id);
  return found == decisions.end() ? nullptr : &*found;
}

Json ToJson(const TimedActs& acts) {
  std::vector<Json> list;
  for (const TimedAct& act : acts) {
    std::vector<Json::Member> one{{"at_us", act.at_us}, {"do", NameOf(act.kind)}};
    if (!act.to.assignee.empty()) one.emplace_back("assignee", act.to.assignee);
    if (!act.to.role.empty()) one.emplace_back("role", act.to.role);
    if (!act.decision.empty()) one.emplace_back("decision", act.decision);
    list.push_back(Json::Object(std::move(one)));
  }
  return Json::Array(std::move(list));
}

TimedActs TimedActsFrom(const Json& json) {
  TimedActs acts;
  if (!json.IsArray()) return acts;
  for (const Json& one : json.AsArray()) {
    const std::string_view name = one["do"].StringOr("");
    const TimedAct::Kind kind = name == "escalate" ? TimedAct::Kind::kEscalate
                                : name == "expire" ? TimedAct::Kind::kExpire
                                                   : TimedAct::Kind::kRemind;
    acts.push_back({.at_us = one["at_us"].IntOr(0),
                    .kind = kind,
                    .to = {.assignee = std::string(one["assignee"].StringOr("")),
                           .role = std::string(one["role"].StringOr(""))},
                    .decision = std::string(one["decision"].StringOr(""))});
  }
  return acts;
}

}  // namespace elevaite::people
