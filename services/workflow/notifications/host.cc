#include "services/workflow/notifications/host.h"

#include <map>
#include <optional>
#include <unordered_map>

#include "engine/machine/human.h"
#include "engine/machine/state.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/service.h"

namespace elevaite::notifications {
namespace {

using engine::Frame;
using engine::Phase;
using people::HumanTask;
using people::HumanTaskFilter;
using workflow::Timeline;
using workflow::WorkflowService;

constexpr std::size_t kPageMax = 200;
constexpr std::size_t kEventsPage = 2'000;
constexpr std::size_t kEventsMax = 50'000;  // of an execution whose state is computed for this
constexpr std::size_t kJudgedMax = 100'000;
constexpr std::int64_t kLookAgainUs = 60'000'000;
// Nothing that a rule knows of: a timer, a pause between attempts.
constexpr std::int64_t kLookAgainLaterUs = 300'000'000;

std::vector<Waiting> WaitsOf(const engine::ExecutionRecord& record, const engine::State& state,
                             const dsl::Program& program) {
  std::vector<Waiting> waits;
  if (state.paused)
    waits.push_back({.record = record,
                     .what = "operator",
                     .mark = "pause",
                     .since_us = state.paused->since_us,
                     .reference = {},
                     .human_task = {}});
  for (const auto& [id, frame] : state.frames) {
    const bool by_operator = frame.waiting == Frame::Waiting::kOperator;
    if (!by_operator && frame.waiting != Frame::Waiting::kEvents) continue;
    waits.push_back({.record = record,
                     .what = by_operator ? "operator" : "event",
                     .mark = std::to_string(id),
                     .since_us = frame.waiting_since_us,
                     .reference = program.all.at(frame.task).reference,
                     .human_task = {}});
  }
  return waits;
}

class Host final : public NotifierHost {
 public:
  Host(WorkflowService& service, people::PeopleStore& people, const Clock& clock)
      : service_(service), people_(people), clock_(clock) {}

  Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) override {
    return service_.FindExecution(std::move(account), id);
  }

  Task<std::vector<Waiting>> LookForWaiting(AccountId account, std::int64_t after_us) override {
    const std::int64_t before_us = clock_.Now().micros() - after_us;
    auto ask = ForPeople(account, before_us);
    ASSIGN_OR_CO_RETURN(std::vector<Waiting> waits, co_await std::move(ask));
    auto look = ForEvents(account, before_us);
    ASSIGN_OR_CO_RETURN(std::vector<Waiting> more, co_await std::move(look));
    for (Waiting& one : more) waits.push_back(std::move(one));
    auto queue = ForQueue(account, before_us);
    ASSIGN_OR_CO_RETURN(std::vector<Waiting> queued, co_await std::move(queue));
    for (Waiting& one : queued) waits.push_back(std::move(one));
    co_return waits;
  }

 private:
  struct Place {
    std::int64_t queue = 0;
    HumanTaskFilter::Cursor people;
    std::optional<engine::ListCursor> executions;
  };

  Task<std::vector<Waiting>> ForPeople(AccountId account, std::int64_t before_us) {
    HumanTaskFilter filter{.before = places_[account].people, .limit = kPageMax};
    auto list = people_.List(account, std::move(filter));
    ASSIGN_OR_CO_RETURN(const std::vector<HumanTask> page, co_await std::move(list));
    places_[account].people = page.size() < kPageMax
                                  ? HumanTaskFilter::Cursor{}
                                  : HumanTaskFilter::Cursor{page.back().sorted_us, page.back().id};
    std::vector<Waiting> waits;
    for (const HumanTask& task : page) {
      if (task.created_us > before_us) continue;
      auto find = Find(account, task.execution);
      auto record = co_await std::move(find);
      if (!record && record.error().code == ErrorCode::kNotFound) continue;
      if (!record) co_return Fail(record.error());
      waits.push_back({.record = *std::move(record),
                       .what = "person",
                       .mark = task.id.ToString(),
                       .since_us = task.created_us,
                       .reference = task.reference,
                       .human_task = people::SummaryJson(task, service_.base_url())});
    }
    co_return waits;
  }

  Task<std::vector<Waiting>> ForEvents(AccountId account, std::int64_t before_us) {
    engine::ExecutionFilter filter{.phases = {Phase::kWaiting, Phase::kSuspended},
                                   .until_us = before_us,
                                   .after = places_[account].executions,
                                   .limit = kPageMax};
    auto list = service_.ListExecutions(account, std::move(filter));
    ASSIGN_OR_CO_RETURN(const engine::ExecutionPage page, co_await std::move(list));
    places_[account].executions = page.next;
    std::vector<Waiting> waits;
    for (const engine::ExecutionRecord& record : page.items) {
      const std::int64_t now_us = clock_.Now().micros();
      const auto judged = judged_.find(record.id.uuid().ToText());
      if (judged != judged_.end() && judged->second > now_us) continue;
      auto judge = Judge(record);
      ASSIGN_OR_CO_RETURN(std::vector<Waiting> found, co_await std::move(judge));
      std::int64_t again_us = now_us + kLookAgainLaterUs;
      for (Waiting& wait : found) {
        const bool is_long = wait.since_us <= before_us;
        again_us = std::min(again_us, is_long ? now_us + kLookAgainUs : now_us + wait.since_us - before_us);
        if (is_long) waits.push_back(std::move(wait));
      }
      if (judged_.size() >= kJudgedMax) judged_.clear();
      judged_[record.id.uuid().ToText()] = again_us;
    }
    co_return waits;
  }

  // Behind a limit or a pause, and not begun. They are in the order in which they came, so that the first one
  // that has not waited for so long ends the look.
  Task<std::vector<Waiting>> ForQueue(AccountId account, std::int64_t before_us) {
    auto list = service_.flow().reader().Queued(account, places_[account].queue, kPageMax);
    ASSIGN_OR_CO_RETURN(const std::vector<flow::StoredRun> page, co_await std::move(list));
    std::vector<Waiting> waits;
    for (const flow::StoredRun& run : page) {
      if (run.created_us > before_us) break;
      const std::size_t dot = run.workflow.find('.');
      waits.push_back({.record = {.account = account,
                                  .id = run.id,
                                  .name_space = run.workflow.substr(0, dot),
                                  .workflow = run.workflow.substr(dot + 1),
                                  .version = run.version,
                                  .trigger = run.trigger,
                                  .correlation = run.correlation,
                                  .created_us = run.created_us},
                       .what = "queue",
                       .mark = "queue",
                       .since_us = run.created_us,
                       .reference = {},
                       .human_task = {}});
    }
    const bool is_more = page.size() == kPageMax && waits.size() == page.size();
    places_[account].queue = is_more ? page.back().seq : 0;
    co_return waits;
  }

  // By its state, which its events give.
  Task<std::vector<Waiting>> Judge(engine::ExecutionRecord record) {
    auto read = service_.TimelineOf(record.account, record.id);
    auto timeline = co_await std::move(read);
    if (!timeline && timeline.error().code == ErrorCode::kNotFound) co_return std::vector<Waiting>();
    if (!timeline) co_return Fail(timeline.error());
    engine::State state;
    for (std::uint64_t after = 0; after < kEventsMax;) {
      auto fold = service_.EventsAlong(*timeline, after, kEventsPage);
      ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(fold));
      for (const engine::Event& event : page.events) engine::Apply(state, *timeline->At(event.seq), event);
      if (!page.next) {
        if (engine::IsFinal(state.phase)) break;
        co_return WaitsOf(record, state, *timeline->At(state.seq));
      }
      after = *page.next;
    }
    co_return std::vector<Waiting>();
  }

  WorkflowService& service_;
  people::PeopleStore& people_;
  const Clock& clock_;
  std::map<AccountId, Place> places_;
  std::unordered_map<std::string, std::int64_t> judged_;  // when it is looked at again
};

}  // namespace

std::unique_ptr<NotifierHost> MakeNotifierHost(WorkflowService& service, people::PeopleStore& people,
                                               const Clock& clock) {
  return std::make_unique<Host>(service, people, clock);
}

}  // namespace elevaite::notifications
