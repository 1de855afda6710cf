// PeopleHost: the port through which human tasks reach the engine.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "infra/objects/objects.h"
#include "services/workflow/people/files.h"
#include "services/workflow/people/human_task.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {
class WorkflowService;
}

namespace elevaite::people {

using workflow::Task;

// Thread-safe.
class PeopleHost {
 public:
  virtual ~PeopleHost() = default;

  // Tells the execution what was answered, wherever its owner is. The answer is on disk: an owner that begins
  // later finds it by itself.
  virtual void Deliver(const HumanTask& task) = 0;
  // Whether the owner of the execution is in this process.
  virtual bool IsHere(const ExecutionId& id) const = 0;
  // Another number each time that this process has taken executions over and read all of them back; nothing
  // while it does that.
  virtual std::optional<std::uint64_t> Takeover() const = 0;
  // One that has an event's source and id already is dropped.
  virtual Task<void> Tell(AccountId account, std::vector<Json> events) = 0;
  // kNotFound: it was forgotten.
  virtual Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) = 0;
  // Whether its frame waits for it, by the journal.
  virtual Task<bool> IsAwaited(HumanTask task) = 0;
  // From the store of objects.
  virtual Task<void> DeleteFiles(AccountId account, std::vector<TaskFile> files) = 0;
};

// All must outlive it. `objects` null: there are no files. `blocking`: where they are deleted.
std::unique_ptr<PeopleHost> MakePeopleHost(workflow::WorkflowService& service, engine::Engine& engine,
                                           objects::ObjectStore* objects,
                                           boost::asio::any_io_executor blocking);

}  // namespace elevaite::people
