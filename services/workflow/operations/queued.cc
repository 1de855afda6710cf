#include "services/workflow/operations/queued.h"

#include <charconv>
#include <string>
#include <utility>

namespace elevaite::workflow {
namespace {

using flow::RunState;
using flow::StoredRun;

constexpr std::size_t kReadAtOnce = 500;
constexpr std::size_t kReadsMax = 4;  // of a page

bool Matches(const StoredRun& run, const OperationScope& scope) {
  const engine::ExecutionFilter& filter = scope.filter;
  const std::size_t dot = run.workflow.find('.');
  const std::string_view whole = run.workflow;
  if (!filter.name_space.empty() && whole.substr(0, dot) != filter.name_space) return false;
  if (!filter.workflow.empty() && whole.substr(dot + 1) != filter.workflow) return false;
  if (!filter.version.empty() && run.version != filter.version) return false;
  if (filter.ids && (run.id < filter.ids->first || filter.ids->last < run.id)) return false;
  if (filter.since_us && run.created_us < *filter.since_us) return false;
  if (filter.until_us && run.created_us >= *filter.until_us) return false;
  return !scope.key || run.keys.HasValue(*scope.key) || run.arrival.HasValue(*scope.key);
}

std::optional<RunState> StateAfter(RunState state, bool has_executions) {
  if (state == RunState::kCollecting) return RunState::kQueued;
  if (state == RunState::kQueued && has_executions) return RunState::kRunning;
  return std::nullopt;
}

std::optional<std::int64_t> NumberIn(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string QueuedPlace::ToString() const {
  return std::to_string(static_cast<int>(state)) + "." + std::to_string(after);
}

std::optional<QueuedPlace> QueuedPlace::Parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto state = NumberIn(text.substr(0, dot));
  const auto after = NumberIn(text.substr(dot + 1));
  if (!state || !after || *state < 0 || *state > static_cast<int>(RunState::kCollecting)) return std::nullopt;
  return QueuedPlace{.state = static_cast<RunState>(*state), .after = *after};
}

Task<QueuedPage> ListQueued(flow::FlowReader& reader, AccountId account, OperationScope scope,
                            QueuedPlace place, std::size_t most) {
  QueuedPage page;
  for (std::size_t reads = 0; reads < kReadsMax; ++reads) {
    auto read = reader.InState(account, place.state, place.after, kReadAtOnce);
    ASSIGN_OR_CO_RETURN(std::vector<StoredRun> runs, co_await std::move(read));
    for (StoredRun& run : runs) {
      place.after = run.seq;
      if (Matches(run, scope)) page.runs.push_back(std::move(run));
      if (page.runs.size() == most) {
        page.next = place;
        co_return page;
      }
    }
    if (runs.size() == kReadAtOnce) continue;
    const auto next = StateAfter(place.state, scope.has_executions);
    if (!next) co_return page;
    place = {.state = *next, .after = 0};
  }
  page.next = place;
  co_return page;
}

}  // namespace elevaite::workflow
