// World: the stage of one scenario. Its calls are made by the real connectors, on a network that is the stub
// server.
#pragma once

#include <memory>
#include <string>

#include "connectors/all.h"
#include "dsl/compile.h"
#include "services/workflow/rehearsal/stage.h"
#include "tests/conformance/calls.h"

namespace elevaite::conformance {

using rehearsal::Run;
using rehearsal::ScheduleSettings;

class World : public rehearsal::Stage {
 public:
  // `crashes`: the engine dies after each commit and is recovered.
  World(StubServer& stub, bool crashes)
      : Stage(std::make_unique<Calls>(stub, crashes), {.crashes = crashes}), stub_(stub) {
    stub_.Reset();
  }

  // What is started next was not there when it came.
  Result<void> Send(Json attributes) {
    RETURN_IF_ERROR(Stage::Send(std::move(attributes)));
    AdvanceTo(now_us() + 1'000);
    return {};
  }
  // No two requests come in one instant.
  void Cancel(const ExecutionId& id, std::string reason, std::chrono::seconds grace) {
    if (cancelled_us_ == now_us()) AdvanceTo(now_us() + 1);
    cancelled_us_ = now_us();
    Stage::Cancel(id, std::move(reason), grace);
  }
  StubServer& stub() { return stub_; }
  // What a document may refer to by address.
  void SetResource(const std::string& uri, std::string text) { resources_[uri] = std::move(text); }
  const dsl::FunctionCatalog& functions() const { return descriptors_; }
  // Compiled with the descriptors of the real connectors.
  dsl::CompileResult Compile(const std::string& source) const {
    return dsl::Compile(source, {.functions = &descriptors_, .resources = &resources_});
  }

 private:
  StubServer& stub_;
  std::int64_t cancelled_us_ = 0;  // the last time
  connectors::Registry descriptors_ = connectors::Descriptors();
  dsl::Resources resources_;
};

}  // namespace elevaite::conformance
