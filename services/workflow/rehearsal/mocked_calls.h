// MockedCalls: answers the calls of a stage from the mocks of a case, and remembers them. A call that no mock
// answers stops the play.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/workflow/rehearsal/stage.h"
#include "services/workflow/rehearsal/test_file.h"

namespace elevaite::rehearsal {

// Requests are as the journal has them: "(secret)" stands for what came from a secret.
struct MadeCall {
  std::string task;  // its name
  std::string call;  // "http"; of `run: workflow` "run.workflow"
  Json request;
};

class MockedCalls final : public Outside {
 public:
  explicit MockedCalls(const std::vector<Mock>& mocks) : mocks_(mocks), given_(mocks.size()) {}
  // Before the stage plays. `stops`: see StageOptions.
  void Use(const Stage& stage, std::function<bool()> stops) {
    stage_ = &stage;
    stops_ = std::move(stops);
  }

  const std::vector<MadeCall>& made() const { return made_; }
  // The call that has no answer, with a mock to add; empty: there was none.
  const std::string& unanswered() const { return unanswered_; }

  // Workflows that tasks run, too, when there is a mock for them or nothing to run.
  bool Does(const engine::ActivityTask& task) const override;
  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  bool Begin() override;
  std::optional<std::int64_t> NextDueUs() const override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  struct Due {
    Key key;
    Done done;
    engine::ActivityOutcome outcome;
  };

  void BeginOne(const engine::ActivityTask& task, Done done);
  static bool Matches(const Mock& mock, const engine::ActivityTask& task, const MadeCall& call);
  const Answer* AnswerFor(const engine::ActivityTask& task, const MadeCall& call);
  MadeCall CallOf(const engine::ActivityTask& task) const;
  void Miss(const engine::ActivityTask& task, const MadeCall& call);

  const std::vector<Mock>& mocks_;
  std::vector<std::size_t> given_;  // answers, by mock
  const Stage* stage_ = nullptr;
  std::function<bool()> stops_;
  std::deque<std::pair<engine::ActivityTask, Done>> scheduled_;
  std::multimap<std::int64_t, Due> on_their_way_;  // by when they are answered
  std::vector<MadeCall> made_;
  std::string unanswered_;
};

}  // namespace elevaite::rehearsal
