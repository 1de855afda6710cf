#include "services/workflow/operations/operation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/clock.h"
#include "foundation/text.h"
#include "services/workflow/execution_filter.h"
#include "services/workflow/flow/rules.h"

namespace elevaite::workflow {
namespace {

constexpr std::array<std::string_view, 12> kActs{"cancel", "pause",    "resume", "retry",
                                                 "skip",   "complete", "fail",   "redrive",
                                                 "fork",   "migrate",  "delete", "prioritize"};
constexpr std::string_view kQueued = "queued";
constexpr std::array<std::string_view, 3> kStates{"running", "completed", "cancelled"};
constexpr std::size_t kReasonBytesMax = 1'000;
constexpr std::size_t kFilterBytesMax = 16U << 10U;
constexpr std::size_t kArgumentBytesMax = 64U << 10U;
constexpr std::chrono::hours kGraceMax{1};

template <class Enum, std::size_t n>
std::optional<Enum> FromName(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

auto Refuse(std::string message, std::string hint = {}) {
  if (hint.empty())
    hint =
        R"(send {"act": "retry", "filter": {"workflow": "shop.order", "status": "suspended"}, "reason": "..."})";
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(hint));
}

std::string Shown(std::string_view text) { return "'" + std::string(text.substr(0, 40)) + "'"; }

// The members that an act takes beside the common ones.
std::string_view MemberOf(BulkAct act) {
  switch (act) {
    case BulkAct::kCancel: return "grace";
    case BulkAct::kComplete: return "output";
    case BulkAct::kFail: return "error";
    case BulkAct::kFork: return "task";
    case BulkAct::kMigrate: return "version";
    case BulkAct::kPrioritize: return "priority";
    default: return "";
  }
}

Result<void> CheckArgument(BulkAct act, const Json* value) {
  const std::string name(MemberOf(act));
  if (act == BulkAct::kCancel) {
    if (value == nullptr) return {};
    const auto grace = ParseDuration(value->StringOr(""));
    if (!grace || *grace > kGraceMax) return Refuse("`grace` must be a time like 30s, at most 1h");
    return {};
  }
  if (value == nullptr) return Refuse("`" + name + "` is missing: " + std::string(NameOf(act)) + " needs it");
  if (value->MemoryBytes(kArgumentBytesMax) >= kArgumentBytesMax)
    return Refuse("`" + name + "` is too large");
  const bool is_text = act == BulkAct::kFork || act == BulkAct::kMigrate;
  if (is_text && (!value->IsString() || value->AsString().empty()))
    return Refuse("`" + name + "` must be a text");
  if (act == BulkAct::kPrioritize) {
    const std::int64_t priority = value->IntOr(0);
    if (priority < flow::kPriorityFirst || priority > flow::kPriorityLast)
      return Refuse("`priority` must be 1 (first) to 5 (last)");
  }
  if (act == BulkAct::kFail && !value->IsObject()) return Refuse("`error` must be an object");
  return {};
}

Result<void> AddParameter(net::QueryParameters& parameters, std::string_view name, const Json& value) {
  if (name == "limit" || name == "cursor") return Refuse("`filter` has no `" + std::string(name) + "`");
  const auto text = [](const Json& one) -> std::optional<std::string> {
    if (one.IsString() && !one.AsString().empty()) return std::string(one.AsString());
    return std::nullopt;
  };
  if (!value.IsArray()) {
    const auto one = text(value);
    if (!one) return Refuse("`filter." + std::string(name.substr(0, 40)) + "` must be a text");
    parameters.emplace_back(name, *one);
    return {};
  }
  std::string joined;
  for (const Json& item : value.AsArray()) {
    const auto one = text(item);
    if (!one) return Refuse("`filter." + std::string(name.substr(0, 40)) + "` must be a list of texts");
    if (name == "status") {
      joined += (joined.empty() ? "" : ",") + *one;
    } else {
      parameters.emplace_back(name, *one);
    }
  }
  if (!joined.empty()) parameters.emplace_back(name, joined);
  return {};
}

// The statuses without `queued`; whether it was among them.
bool TakeQueued(net::QueryParameters& parameters) {
  const auto status = std::ranges::find(parameters, "status", &net::QueryParameters::value_type::first);
  if (status == parameters.end()) return false;
  std::string others;
  bool is_there = false;
  for (const auto& part : status->second | std::views::split(',')) {
    const std::string_view one(part.begin(), part.end());
    if (one == kQueued) {
      is_there = true;
    } else {
      others += (others.empty() ? "" : ",") + std::string(one);
    }
  }
  if (!is_there) return false;
  if (others.empty()) {
    parameters.erase(status);
  } else {
    status->second = others;
  }
  return true;
}

// Of executions only: what waits has neither ended nor a parent, and its labels are not known before it
// begins.
bool AsksForBegun(const engine::ExecutionFilter& filter) {
  return !filter.error_type.empty() || filter.parent || !filter.labels.empty() || filter.finished_since_us ||
         filter.finished_until_us;
}

bool ReachesQueued(BulkAct act) { return act == BulkAct::kCancel || act == BulkAct::kPrioritize; }

Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

}  // namespace

std::string_view NameOf(BulkAct act) { return kActs.at(static_cast<std::size_t>(act)); }
std::optional<BulkAct> BulkActFromName(std::string_view name) { return FromName<BulkAct>(kActs, name); }
std::string_view NameOf(OperationState state) { return kStates.at(static_cast<std::size_t>(state)); }
std::optional<OperationState> OperationStateFromName(std::string_view name) {
  return FromName<OperationState>(kStates, name);
}

Json ReasonsJson(const std::vector<OperationReason>& reasons) {
  std::vector<Json> list;
  for (const OperationReason& one : reasons)
    list.push_back(Json::Object({{"execution", one.execution},
                                 {"outcome", one.failed ? "failed" : "skipped"},
                                 {"message", one.message}}));
  return Json::Array(std::move(list));
}

std::vector<OperationReason> ReasonsFrom(const Json& json) {
  std::vector<OperationReason> reasons;
  if (!json.IsArray()) return reasons;
  for (const Json& one : json.AsArray())
    reasons.push_back({std::string(one["execution"].StringOr("")), one["outcome"].StringOr("") == "failed",
                       std::string(one["message"].StringOr(""))});
  return reasons;
}

Result<OperationScope> ScopeOf(const Operation& operation) {
  const Json& json = operation.filter;
  if (!json.IsObject() || json.AsObject().empty())
    return Refuse("`filter` needs at least one condition",
                  R"(all executions of a time: {"since": "2026-11-20T09:00:00Z"})");
  if (json.MemoryBytes(kFilterBytesMax) >= kFilterBytesMax) return Refuse("`filter` is too large");
  OperationScope scope;
  net::QueryParameters parameters;
  for (const auto& [name, value] : json.AsObject()) {
    if (name.AsString() != "key") {
      RETURN_IF_ERROR(AddParameter(parameters, name.AsString(), value));
    } else if (value.IsString()) {
      scope.key = value.AsString();
    } else {
      return Refuse("`filter.key` must be a text");
    }
  }
  const bool names_queued = TakeQueued(parameters);
  ASSIGN_OR_RETURN(scope.filter, FilterFrom(parameters));
  // What came later, the forks of this operation too, is not meant.
  scope.filter.until_us = std::min(scope.filter.until_us.value_or(INT64_MAX), operation.created_us);
  const bool names_begun = !scope.filter.phases.empty();
  const bool wants_queued = names_queued || scope.key || operation.act == BulkAct::kPrioritize;
  if (wants_queued && !ReachesQueued(operation.act))
    return Refuse("what waits in the queue can be cancelled and prioritized, not more",
                  "to hold it back, pause its workflow or key: POST /v1/flow/pause");
  if (wants_queued && AsksForBegun(scope.filter))
    return Refuse("what waits in the queue is not found by error, parent, tag, attribute or its end",
                  "use workflow, version, key, id, since and until");
  if (scope.key && (names_begun || !names_queued))
    return Refuse("`filter.key` is one of what waits in the queue",
                  R"(add "status": "queued" and nothing else)");
  if (operation.act == BulkAct::kPrioritize && names_begun)
    return Refuse("only what waits in the queue has a priority", R"(leave `status` away, or say "queued")");
  scope.has_executions = operation.act != BulkAct::kPrioritize && (names_begun || !names_queued);
  scope.has_queued =
      names_queued || (ReachesQueued(operation.act) && !names_begun && !AsksForBegun(scope.filter));
  return scope;
}

Result<OperationRequest> OperationFrom(const Json& body) {
  if (!body.IsObject()) return Refuse("the body must be an object");
  OperationRequest request;
  Operation& operation = request.operation;
  const auto act = BulkActFromName(body["act"].StringOr(""));
  if (!act)
    return Refuse("`act` is missing, or unknown",
                  "one of cancel, pause, resume, retry, skip, complete, fail, redrive, fork, migrate, "
                  "delete, prioritize");
  operation.act = *act;
  const std::string_view member = MemberOf(*act);
  for (const auto& [name, value] : body.AsObject()) {
    const std::string_view key = name.AsString();
    const bool is_common =
        key == "act" || key == "filter" || key == "dry_run" || key == "reason" || key == "by";
    if (!is_common && (member.empty() || key != member))
      return Refuse("unknown member " + Shown(key) + " of " + std::string(NameOf(*act)));
  }
  if (const Json* dry = body.Find("dry_run"); dry && !dry->IsBool())
    return Refuse("`dry_run` must be true or false");
  const Json& reason = body["reason"];
  if (!reason.IsNull() && !reason.IsString()) return Refuse("`reason` must be a text");
  if (reason.StringOr("").size() > kReasonBytesMax) return Refuse("`reason` may have 1000 bytes at most");
  const Json* argument = member.empty() ? nullptr : body.Find(member);
  if (!member.empty()) RETURN_IF_ERROR(CheckArgument(*act, argument));
  operation.arguments = Json::EmptyObject();
  if (argument != nullptr) operation.arguments = Json::Object({{member, *argument}});
  operation.filter = body["filter"];
  operation.note = Json::Object({{"reason", reason.StringOr("").empty() ? Json() : reason}});
  request.dry_run = body["dry_run"].BoolOr(false);
  operation.created_us = INT64_MAX;  // until the caller says when
  RETURN_IF_ERROR(ScopeOf(operation));
  return request;
}

Json ToJson(const Operation& operation) {
  return Json::Object({{"id", operation.id.ToString()},
                       {"act", NameOf(operation.act)},
                       {"arguments", operation.arguments},
                       {"filter", operation.filter},
                       {"by", operation.note["by"]},
                       {"reason", operation.note["reason"]},
                       {"state", NameOf(operation.state)},
                       {"total", operation.total ? Json(*operation.total) : Json()},
                       {"done", operation.done},
                       {"skipped", operation.skipped},
                       {"failed", operation.failed},
                       {"reasons", ReasonsJson(operation.reasons)},
                       {"created_at", TimeJson(operation.created_us)},
                       {"updated_at", TimeJson(operation.updated_us)},
                       {"ended_at", operation.ended_us ? TimeJson(*operation.ended_us) : Json()}});
}

}  // namespace elevaite::workflow
