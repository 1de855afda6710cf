#include "services/workflow/people/human_task.h"

#include <algorithm>
#include <iterator>

#include "engine/machine/errors.h"
#include "services/workflow/derived_id.h"

namespace elevaite::people {
namespace {

Json TimeJson(std::optional<std::int64_t> time_us) {
  return time_us ? Json(Timestamp::FromMicros(*time_us).ToRfc3339()) : Json();
}

Json TextOrNull(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json AssignmentJson(const Assignment& to) {
  return Json::Object({{"assignee", TextOrNull(to.assignee)}, {"role", TextOrNull(to.role)}});
}

std::string_view NameOf(Channel channel) {
  switch (channel) {
    case Channel::kApi: return "api";
    case Channel::kStudio: return "studio";
    case Channel::kCommandLine: return "cli";
    case Channel::kLink: return "link";
  }
  return "";
}

HumanAct Did(HumanTask& task, std::string name, std::string_view actor, Json detail, std::int64_t now_us) {
  return {.seq = ++task.acts,
          .time_us = now_us,
          .name = std::move(name),
          .actor = std::string(actor),
          .detail = std::move(detail)};
}

void End(HumanTask& task, HumanTask::Status status, Json outcome, std::int64_t now_us) {
  task.status = status;
  task.outcome = std::move(outcome);
  task.acts_left.clear();
  task.ended_us = now_us;
  task.sorted_us = now_us;
}

Json OutcomeJson(const HumanTask& task, const Answer& answer, std::int64_t now_us) {
  return Json::Object({{"decision", answer.decision},
                       {"values", answer.values},
                       {"by", TextOrNull(answer.by)},
                       {"at", TimeJson(now_us)},
                       {"comment", TextOrNull(answer.comment)},
                       {"task", task.id.ToString()}});
}

HumanAct Expire(HumanTask& task, const std::string& decision, std::int64_t now_us) {
  if (decision.empty()) {
    const Json error =
        engine::MakeError("timeout", "Nobody has answered in time",
                          "the deadline of '" + task.title + "' was " +
                              Timestamp::FromMicros(task.deadline_us.value_or(now_us)).ToRfc3339());
    End(task, HumanTask::Status::kExpired, Json::Object({{"error", error}}), now_us);
    return Did(task, "expired", "", Json(), now_us);
  }
  const Json outcome = OutcomeJson(task, {.decision = decision}, now_us);
  End(task, HumanTask::Status::kExpired, outcome, now_us);
  return Did(task, "expired", "", Json::Object({{"decision", decision}}), now_us);
}

}  // namespace

HumanTaskId HumanTaskIdOf(const ExecutionId& execution, engine::FrameId frame) {
  const std::string cause = execution.ToString() + "." + std::to_string(frame) + "/human";
  return HumanTaskId(workflow::DerivedId(execution.uuid().time().micros(), cause).uuid());
}

std::string_view NameOf(HumanTask::Status status) {
  switch (status) {
    case HumanTask::Status::kOpen: return "open";
    case HumanTask::Status::kAnswered: return "answered";
    case HumanTask::Status::kExpired: return "expired";
    case HumanTask::Status::kCancelled: return "cancelled";
  }
  return "";
}

// ---- Transitions ----

HumanActs Create(HumanTask& task, const Question& question, std::int64_t now_us) {
  task.title = question.title;
  task.to = question.to;
  task.acts_left = question.acts;
  task.deadline_us = question.deadline_us;
  task.created_us = task.sorted_us = now_us;
  return {Did(task, "created", "", AssignmentJson(task.to), now_us)};
}

HumanActs Advance(HumanTask& task, std::int64_t now_us) {
  HumanActs done;
  const auto is_later = [now_us](const TimedAct& act) { return act.at_us > now_us; };
  const auto later = std::ranges::find_if(task.acts_left, is_later);
  const TimedActs due(task.acts_left.begin(), later);
  task.acts_left.erase(task.acts_left.begin(), later);
  const auto end = std::ranges::find(due, TimedAct::Kind::kExpire, &TimedAct::kind);
  if (end != due.end()) return {Expire(task, end->decision, now_us)};
  for (const TimedAct& act : due) {
    if (act.kind != TimedAct::Kind::kEscalate) continue;
    const Json from = AssignmentJson(task.to);
    task.to = act.to;
    done.push_back(
        Did(task, "escalated", "", Json::Object({{"from", from}, {"to", AssignmentJson(act.to)}}), now_us));
  }
  const auto reminders = std::ranges::count(due, TimedAct::Kind::kRemind, &TimedAct::kind);
  if (!due.empty()) task.sorted_us = now_us;
  if (reminders == 0) return done;
  task.reminders += reminders;
  done.push_back(Did(task, "reminded", "", Json::Object({{"reminders", task.reminders}}), now_us));
  return done;
}

HumanActs TakeAnswer(HumanTask& task, const Answer& answer, Channel channel, std::int64_t now_us) {
  End(task, HumanTask::Status::kAnswered, OutcomeJson(task, answer, now_us), now_us);
  return {Did(task, "answered", answer.by,
              Json::Object({{"decision", answer.decision}, {"by_way_of", NameOf(channel)}}), now_us)};
}

HumanActs Reassign(HumanTask& task, Assignment to, std::string_view by, std::string_view reason,
                   std::int64_t now_us) {
  const Json from = AssignmentJson(task.to);
  task.to = std::move(to);
  task.sorted_us = now_us;
  return {Did(task, "reassigned", by,
              Json::Object({{"from", from}, {"to", AssignmentJson(task.to)}, {"reason", TextOrNull(reason)}}),
              now_us)};
}

HumanActs CancelTask(HumanTask& task, std::int64_t now_us) {
  End(task, HumanTask::Status::kCancelled, Json(), now_us);
  return {Did(task, "cancelled", "", Json(), now_us)};
}

HumanActs Reopen(HumanTask& task, const Question& question, std::int64_t now_us) {
  task.status = HumanTask::Status::kOpen;
  task.outcome = Json();
  task.ended_us.reset();
  task.sorted_us = now_us;
  task.deadline_us = question.deadline_us;
  task.acts_left = question.acts;
  std::erase_if(task.acts_left, [now_us](const TimedAct& act) {
    return act.kind != TimedAct::Kind::kExpire && act.at_us <= now_us;
  });
  return {Did(task, "reopened", "", Json(), now_us)};
}

HumanActs Note(HumanTask& task, std::string name, std::string_view actor, Json detail, std::int64_t now_us) {
  return {Did(task, std::move(name), actor, std::move(detail), now_us)};
}

Result<Question> QuestionOf(const engine::ActivityTask& asked, std::int64_t now_us) {
  ASSIGN_OR_RETURN(Question question, Question::From(asked.connector, asked.request, now_us));
  if (!question.form.IsNull()) RETURN_IF_ERROR(CheckForm(question.form));
  // An attempt that may take so long only: no later deadline counts.
  if (const std::int64_t bound_us = asked.bounds.attempt_us; bound_us > 0) question.EndAt(now_us + bound_us);
  return question;
}

engine::ActivityFailure CannotBeAsked(const Error& why) {
  return {.error = engine::MakeError("validation", "People cannot be asked this", why.message),
          .retry_in_us = std::nullopt};
}

std::optional<EarlyEnd> EndsBefore(const engine::ActivityTask& asked, std::int64_t asked_us,
                                   std::int64_t answered_after_us) {
  const auto question = QuestionOf(asked, asked_us);
  if (!question) return EarlyEnd{.outcome = CannotBeAsked(question.error())};
  if (!question->deadline_us || *question->deadline_us > asked_us + answered_after_us) return std::nullopt;
  HumanTask task{.id = HumanTaskIdOf(asked.execution, asked.frame)};
  Create(task, *question, asked_us);
  Advance(task, *question->deadline_us);
  return EarlyEnd{.after_us = std::max<std::int64_t>(*question->deadline_us - asked_us, 0),
                  .outcome = OutcomeOf(task)};
}

// ---- What others are told ----

engine::ActivityOutcome OutcomeOf(const HumanTask& task) {
  if (const Json* error = task.outcome.Find("error"); error && task.status == HumanTask::Status::kExpired)
    return engine::ActivityFailure{.error = *error, .retry_in_us = std::nullopt};
  return engine::ActivitySuccess{task.outcome};
}

namespace {

std::vector<Json::Member> SummaryMembers(const HumanTask& task, std::string_view base_url) {
  return {{"id", task.id.ToString()},
          {"status", NameOf(task.status)},
          {"title", task.title},
          {"assignee", TextOrNull(task.to.assignee)},
          {"role", TextOrNull(task.to.role)},
          {"namespace", task.name_space},
          {"workflow", task.workflow},
          {"version", task.version},
          {"execution", task.execution.ToString()},
          {"ref", task.reference},
          {"task_id", task.frame},
          {"created_at", TimeJson(task.created_us)},
          {"deadline", TimeJson(task.deadline_us)},
          {"reminders", task.reminders},
          {"ended_at", TimeJson(task.ended_us)},
          {"outcome", task.outcome},
          {"href", std::string(base_url) + "/inbox/" + task.id.ToString()}};
}

Json DecisionJson(const Decision& decision) {
  constexpr const char* kComments[] = {"optional", "required", "none"};
  return Json::Object({{"id", decision.id},
                       {"title", decision.title},
                       {"style", decision.style},
                       {"comment", kComments[static_cast<std::size_t>(decision.comment)]},
                       {"form", decision.takes_form}});
}

}  // namespace

Json SummaryJson(const HumanTask& task, std::string_view base_url) {
  return Json::Object(SummaryMembers(task, base_url));
}

namespace {

// {text, data, form, decisions}
void AddQuestion(const HumanTask& task, std::vector<Json::Member>& members) {
  std::vector<Json> decisions;
  if (const auto question = Question::From(task.connector, task.question, task.created_us)) {
    members.emplace_back("text", question->text);
    members.emplace_back("data", question->data);
    members.emplace_back("form", question->form);
    for (const Decision& decision : question->decisions) decisions.push_back(DecisionJson(decision));
  }
  members.emplace_back("decisions", Json::Array(std::move(decisions)));
}

}  // namespace

Json LinkJson(const HumanTask& task, std::string_view assignee) {
  std::vector<Json::Member> members{{"status", NameOf(task.status)},
                                    {"title", task.title},
                                    {"assignee", assignee},
                                    {"created_at", TimeJson(task.created_us)},
                                    {"deadline", TimeJson(task.deadline_us)},
                                    {"ended_at", TimeJson(task.ended_us)}};
  if (task.is_open()) {
    AddQuestion(task, members);
  } else {
    const Json& outcome = task.outcome;
    members.emplace_back("outcome", Json::Object({{"decision", outcome["decision"]}, {"by", outcome["by"]}}));
  }
  return Json::Object(std::move(members));
}

Json DetailJson(const HumanTask& task, const HumanActs& history, std::string_view base_url) {
  std::vector<Json::Member> members = SummaryMembers(task, base_url);
  AddQuestion(task, members);
  std::vector<Json> acts;
  for (const HumanAct& act : history) acts.push_back(ToJson(act));
  members.emplace_back("history", Json::Array(std::move(acts)));
  return Json::Object(std::move(members));
}

Json ToJson(const HumanAct& act) {
  return Json::Object({{"time", TimeJson(act.time_us)},
                       {"act", act.name},
                       {"by", TextOrNull(act.actor)},
                       {"detail", act.detail}});
}

Json EventOf(const HumanTask& task, const HumanAct& act, std::string_view base_url) {
  Json data = Json::Object(
      {{"task", SummaryJson(task, base_url)}, {"by", TextOrNull(act.actor)}, {"detail", act.detail}});
  const std::string type = act.name == "reminded" ? "reminder" : act.name;
  return Json::Object({{"specversion", "1.0"},
                       {"id", task.id.ToString() + "." + std::to_string(act.seq)},
                       {"source", "/tasks/" + task.id.ToString()},
                       {"type", "elevaite.human." + type},
                       {"subject", task.execution.ToString()},
                       {"time", TimeJson(act.time_us)},
                       {"datacontenttype", "application/json"},
                       {"data", std::move(data)}});
}

}  // namespace elevaite::people
