// Evaluation: one run of a compiled schema over one value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/schema/node.h"
#include "dsl/schema/schema.h"

namespace elevaite::schema {

// Which members of an object, or items of an array, some schema has looked at. For unevaluated... only.
class Seen {
 public:
  void MarkAll() { all_ = true; }
  void Mark(std::size_t index) {
    if (marks_.size() <= index) marks_.resize(index + 1);
    marks_[index] = true;
  }
  bool Has(std::size_t index) const { return all_ || (index < marks_.size() && marks_[index]); }
  void Merge(const Seen& other);
  std::size_t size() const { return marks_.size(); }

 private:
  bool all_ = false;
  std::vector<bool> marks_;
};

// Something against the value, before it becomes a Violation: `what` goes on after the place.
struct Objection {
  std::string instance_pointer;
  std::string schema_pointer;
  std::string what;  // "must be at least 0, it is -3"

  std::string Message() const;
};

class Evaluation {
 public:
  enum class Mode : std::uint8_t { kCheck, kCollect };
  Evaluation(const CompiledSchema& schema, const Limits& limits, Mode mode)
      : schema_(schema), limits_(limits), collecting_(mode == Mode::kCollect) {}

  bool Run(const Json& value);
  std::vector<Violation> TakeViolations();

  // The same value; what `node` has seen is added to `seen` if the value obeys.
  bool Apply(const Node& node, const Json& value, Seen& seen);
  bool ApplyToMember(const Node& node, const Json::Member& member);
  bool ApplyToName(const Node& node, const Json::Member& member);  // the name as a value
  bool ApplyToItem(const Node& node, const Json& item, std::size_t index);

  // The node that `$dynamicRef: #name` means now.
  const Node& DynamicTarget(std::string_view name, const Node& initial) const;

  // Reports and answers false. `what` is only asked for when texts are wanted, and goes on after the place:
  // "must be at least 0, it is -3".
  template <class F>
  bool Report(const std::string& schema_pointer, F&& what) {
    if (collecting_) Add(schema_pointer, path_, what());
    return false;
  }
  template <class F>
  bool ReportMember(const Json::Member& member, const std::string& schema_pointer, F&& what) {
    const Segment segment{path_, member.key.AsString(), 0};
    if (collecting_) Add(schema_pointer, &segment, what());
    return false;
  }

  // Runs f; objections in it are not told.
  template <class F>
  bool Silently(F&& f) {
    const bool before = std::exchange(collecting_, false);
    const bool result = f();
    collecting_ = before;
    return result;
  }
  // Runs f; objections in it go to `captured`.
  template <class F>
  bool Capture(std::vector<Objection>& captured, F&& f) {
    captured.swap(objections_);
    const bool result = f();
    captured.swap(objections_);
    return result;
  }
  void Add(std::vector<Objection> objections);

  bool Step(std::uint64_t count = 1);  // false: the budget is used up
  bool Stop(std::string_view why);     // answers false; the run ends
  bool stopped() const { return !stopped_because_.empty(); }
  bool collecting() const { return collecting_; }
  bool tracks_seen() const { return schema_.tracks_seen; }
  std::string Pointer() const;  // of the value that is looked at

 private:
  struct Segment {
    const Segment* parent;
    std::string_view key;  // of a member; without data: an item
    std::size_t index;
  };
  static std::string PointerOf(const Segment* path);
  void Add(const std::string& schema_pointer, const Segment* path, std::string what);
  bool ApplyRules(const Node& node, const Json& value, Seen& seen);
  bool ApplyAt(const Node& node, const Json& value, const Segment& segment);

  const CompiledSchema& schema_;
  const Limits limits_;
  bool collecting_;
  std::uint64_t steps_ = 0;
  std::uint32_t depth_ = 0;
  const Segment* path_ = nullptr;
  std::vector<const Resource*> scope_;  // the dynamic scope, outermost first
  std::vector<Objection> objections_;
  std::string stopped_because_;
};

// A value in a message: cut if long.
std::string Excerpt(const Json& value);
// "a text", "a number" ...
std::string_view KindOf(const Json& value);

}  // namespace elevaite::schema
