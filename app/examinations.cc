#include "app/examinations.h"

#include <pthread.h>

#include <algorithm>

#include "app/doctor.h"
#include "foundation/ids.h"
#include "foundation/log.h"

namespace elevaite::app {

Result<Json> Examinations::Start(bool mend) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return Fail(ErrorCode::kUnavailable, "the server is shutting down");
  if (!kept_.empty() && kept_.back()->state == State::kRunning)
    return Fail(ErrorCode::kConflict, "an examination is under way: " + kept_.back()->id,
                "GET /v1/system/doctor shows it; wait for its end, or cancel it with DELETE");
  if (thread_.joinable()) thread_.join();  // it has said its last word
  if (kept_.size() >= kKept) kept_.pop_front();
  Examination& one = *kept_.emplace_back(std::make_unique<Examination>());
  one.id = SystemUuids().Next().ToText();
  one.mend = mend;
  one.started_at = clock_.Now();
  thread_ = std::jthread([this, &one](const std::stop_token& stop) { Run(one, stop); });
  return ToJson(one);
}

void Examinations::Run(Examination& one, const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "doctor");
  Result<engine::DoctorReport> report =
      examine_({.mend = one.mend,
                .stop = stop,
                .told = [&](engine::ExaminationPhase phase, const engine::DoctorReport& so_far) {
                  Told(one, phase, so_far);
                }});
  const std::lock_guard lock(mutex_);
  one.ended_at = clock_.Now();
  if (report) {
    one.report = *std::move(report);
    one.state = State::kCompleted;
  } else if (report.error().code == ErrorCode::kCancelled) {
    one.state = State::kCancelled;
  } else {
    one.state = State::kFailed;
    one.error = report.error().message;
    LogWarn("an examination failed", {{"error", report.error().message}, {"detail", report.error().detail}});
  }
}

void Examinations::Told(Examination& one, engine::ExaminationPhase phase,
                        const engine::DoctorReport& so_far) {
  const std::lock_guard lock(mutex_);
  one.phase = phase;
  one.report.executions = so_far.executions;
  one.report.ended = so_far.ended;
  one.report.timers = so_far.timers;
  one.report.activities = so_far.activities;
  one.report.indexes = so_far.indexes;
  for (std::size_t i = one.report.findings.size(); i < so_far.findings.size(); ++i)
    one.report.findings.push_back(so_far.findings[i]);
}

std::optional<Json> Examinations::Latest() const {
  const std::lock_guard lock(mutex_);
  if (kept_.empty()) return std::nullopt;
  return ToJson(*kept_.back());
}

std::optional<Json> Examinations::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(kept_, [id](const auto& one) { return one->id == id; });
  if (found == kept_.end()) return std::nullopt;
  return ToJson(**found);
}

std::optional<Json> Examinations::Cancel(std::string_view id) {
  std::stop_source stop(std::nostopstate);
  {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty() && kept_.back()->id == id && kept_.back()->state == State::kRunning)
      stop = thread_.get_stop_source();
  }
  stop.request_stop();  // may call what ends a statement
  return Find(id);
}

void Examinations::Stop() {
  std::jthread last;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    last = std::move(thread_);
  }
}

Json Examinations::ToJson(const Examination& one) {
  const char* state = "";
  switch (one.state) {
    case State::kRunning: state = "running"; break;
    case State::kCompleted: state = "completed"; break;
    case State::kCancelled: state = "cancelled"; break;
    case State::kFailed: state = "failed"; break;
  }
  const bool is_known = one.state == State::kCompleted || !one.report.Healthy();
  Json json = app::ToJson(one.report);
  json = Json::WithMember(json, "healthy", is_known ? Json(one.report.Healthy()) : Json());
  json = Json::WithMember(json, "id", one.id);
  json = Json::WithMember(json, "state", state);
  json = Json::WithMember(json, "mend", one.mend);
  json = Json::WithMember(json, "phase", engine::NameOf(one.phase));
  json = Json::WithMember(json, "started_at", one.started_at.ToRfc3339());
  json = Json::WithMember(json, "ended_at", one.ended_at ? Json(one.ended_at->ToRfc3339()) : Json());
  return Json::WithMember(json, "error", one.error.empty() ? Json() : Json(one.error));
}

}  // namespace elevaite::app
