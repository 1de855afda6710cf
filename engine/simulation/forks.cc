#include "engine/simulation/forks.h"

#include <variant>
#include <vector>

#include "engine/machine/fork.h"

namespace elevaite::simulation {
namespace {

using engine::Event;
using engine::EventType;

// The events of an execution up to somewhere, and what they say of the world around it.
class Walk {
 public:
  Walk(const StoredRun& run, const Library& library)
      : library_(library), workflow_(run.record().workflow), events_(run.events()) {
    version_ = run.record().migrations.empty() ? run.record().version : run.record().migrations.front().from;
    program_ = library_.Find(workflow_, version_);
  }

  // The next event begins a task, and all that this execution has sent to itself has been taken: what it
  // sends is for its own id.
  bool MayForkHere() const {
    const Event& next = events_[at_];
    return at_ > 0 && notes_sent_ == notes_taken_ && engine::BeginsTask(state_, next) &&
           !engine::ObstacleToFork(*program_, state_, next, false);
  }
  bool IsAtEnd() const { return at_ == events_.size(); }

  void Advance() {
    const Event& event = events_[at_++];
    if (event.type == EventType::kExecutionMigrated) {
      moves_.push_back({.seq = event.seq, .from = version_});
      version_ = (*event.data)["to"].AsString();
      program_ = library_.Find(workflow_, version_);
    }
    if (event.type == EventType::kEventConsumed) NoteTaken(event);
    if (event.type == EventType::kTaskCompleted && IsEmit(event)) ++notes_sent_;
    engine::Apply(state_, *program_, event);
    if (event.type == EventType::kActivityScheduled)
      called_[event.frame] = program_->all.at(state_.frames.at(event.frame).task).reference;
  }

  ForkPoint Point(const engine::ExecutionRecord& record) const {
    auto past = std::make_shared<engine::Past>(engine::Past{
        .execution = record.id,
        .rows = engine::RowsOf({events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(at_)}),
        .state = state_,
        .moves = moves_,
        .labels = record.labels,
        .request = {}});
    past->request = {.began = events_[at_],
                     .input = std::nullopt,
                     .execution = record.id.ToString(),
                     .note = Json::Object({{"by", "client"}})};
    return {.past = std::move(past), .version = version_, .signals_taken = signals_taken_, .called = called_};
  }

 private:
  void NoteTaken(const Event& event) {
    const engine::Frame& frame = state_.frames.at(event.frame);
    const auto& body = std::get<dsl::ListenTask>(program_->all.at(frame.task).body);
    for (const dsl::AttributeFilter& attribute : body.to.filters.at(event.number).with) {
      if (attribute.name != "type") continue;
      const std::string type(attribute.literal.StringOr(""));
      if (type.starts_with("signal-")) {
        ++signals_taken_[type];
      } else {
        ++notes_taken_;
      }
    }
  }
  bool IsEmit(const Event& event) const {
    return std::holds_alternative<dsl::EmitTask>(program_->all.at(event.task).body);
  }

  const Library& library_;
  const std::string workflow_;
  const std::vector<Event>& events_;
  std::size_t at_ = 0;
  std::string version_;
  std::shared_ptr<const dsl::Program> program_;
  engine::State state_;
  std::vector<engine::VersionChange> moves_;
  std::map<std::string, std::uint32_t> signals_taken_;
  std::map<engine::FrameId, std::string> called_;
  std::uint64_t notes_sent_ = 0;
  std::uint64_t notes_taken_ = 0;
};

}  // namespace

std::optional<ForkPoint> PickFork(const StoredRun& run, const Library& library, Random& random) {
  std::size_t places = 0;
  for (Walk walk(run, library); !walk.IsAtEnd(); walk.Advance()) places += walk.MayForkHere() ? 1 : 0;
  if (places == 0) return std::nullopt;
  std::size_t skip = random.Below(places);
  Walk walk(run, library);
  while (!walk.MayForkHere() || skip-- > 0) walk.Advance();
  return walk.Point(run.record());
}

}  // namespace elevaite::simulation
