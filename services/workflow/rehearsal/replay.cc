#include "services/workflow/rehearsal/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace elevaite::rehearsal {
namespace {

void CompareTasks(const std::vector<std::string>& before, const std::vector<std::string>& after,
                  std::vector<Failure>& found) {
  const auto [was, is] = std::ranges::mismatch(before, after);
  if (was == before.end() && is == after.end()) return;
  const auto place = std::distance(before.begin(), was) + 1;
  std::string message;
  if (was == before.end())
    message = fmt::format("task `{}` would run after the last one", *is);
  else if (is == after.end())
    message = fmt::format("it would end before task {}, `{}`", place, *was);
  else
    message = fmt::format("task {} was `{}` and would be `{}`", place, *was, *is);
  found.push_back({"tasks", std::move(message)});
}

// The calls of both, put side by side so that as many as can be are by the same task (the longest common
// subsequence); at most 1,000 of each.
class CallComparer {
 public:
  CallComparer(std::vector<ExpectedCall> before, std::vector<MadeCall> after)
      : before_(std::move(before)),
        after_(std::move(after)),
        width_(after_.size() + 1),
        common_((before_.size() + 1) * width_) {
    for (std::size_t i = before_.size(); i-- > 0;)
      for (std::size_t j = after_.size(); j-- > 0;)
        common_[At(i, j)] = IsSame(i, j) ? common_[At(i + 1, j + 1)] + 1
                                         : std::max(common_[At(i + 1, j)], common_[At(i, j + 1)]);
  }

  void Compare(std::vector<Failure>& found) const {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < before_.size() || j < after_.size()) {
      if (i < before_.size() && j < after_.size() && IsSame(i, j)) {
        CompareRequests(i++, j++, found);
      } else if (j == after_.size() ||
                 (i < before_.size() && common_[At(i + 1, j)] >= common_[At(i, j + 1)])) {
        found.push_back({"calls", fmt::format("the call of task `{}` ({}) would not be made", before_[i].task,
                                              before_[i].call)});
        ++i;
      } else {
        found.push_back(
            {"calls", fmt::format("task `{}` ({}) would make a new call", after_[j].task, after_[j].call)});
        ++j;
      }
    }
  }

 private:
  std::size_t At(std::size_t i, std::size_t j) const { return i * width_ + j; }
  bool IsSame(std::size_t i, std::size_t j) const {
    return before_[i].task == after_[j].task && before_[i].call == after_[j].call;
  }
  void CompareRequests(std::size_t i, std::size_t j, std::vector<Failure>& found) const {
    auto differences = Differences(before_[i].request, after_[j].request, Comparison::kEqual);
    if (!differences.empty())
      found.push_back({"calls", fmt::format("task `{}` would ask for something else", after_[j].task),
                       std::move(differences)});
  }

  std::vector<ExpectedCall> before_;
  std::vector<MadeCall> after_;
  std::size_t width_;
  std::vector<std::uint16_t> common_;  // by where both go on: how many they have in common from there
};

}  // namespace

std::vector<Failure> CompareReplay(const Case& recorded, const std::vector<std::string>& tasks,
                                   const Played& played) {
  std::vector<Failure> found;
  std::vector<std::string> before = tasks;
  const std::vector<std::string> after =
      played.main ? TasksThatRan(played.stage->run(*played.main)) : std::vector<std::string>();
  // What could not be played to its end says nothing of what would follow.
  if (!played.trouble.empty()) before.resize(std::min(before.size(), after.size()));
  CompareTasks(before, after, found);
  if (played.trouble.empty() && recorded.expect.calls) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(played.calls.size(), kMocksMax));
    CallComparer(*recorded.expect.calls, {played.calls.begin(), played.calls.begin() + count}).Compare(found);
  }
  Case rest = recorded;
  rest.expect.calls.reset();
  for (Failure& failure : Judge(rest, played)) found.push_back(std::move(failure));
  return found;
}

}  // namespace elevaite::rehearsal
