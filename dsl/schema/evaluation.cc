#include "dsl/schema/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "foundation/json_pointer.h"
#include "foundation/utf8.h"

namespace elevaite::schema {
namespace {

constexpr std::uint64_t kReportSteps = 50;
constexpr std::size_t kExcerptBytesMax = 80;
constexpr std::size_t kPointerBytesShown = 200;

}  // namespace

void Seen::Merge(const Seen& other) {
  all_ = all_ || other.all_;
  if (all_) return;
  if (marks_.size() < other.marks_.size()) marks_.resize(other.marks_.size());
  for (std::size_t i = 0; i < other.marks_.size(); ++i) {
    if (other.marks_[i]) marks_[i] = true;
  }
}

bool Evaluation::Run(const Json& value) {
  Seen seen;
  return Apply(*schema_.root, value, seen) && !stopped();
}

std::vector<Violation> Evaluation::TakeViolations() {
  if (stopped()) return {Violation{.message = "the value " + stopped_because_}};
  std::vector<Violation> violations;
  for (Objection& one : objections_) {
    std::string message = one.Message();
    violations.push_back(
        {std::move(one.instance_pointer), std::move(one.schema_pointer), std::move(message)});
  }
  return violations;
}

std::string Objection::Message() const {
  if (instance_pointer.empty()) return "the value " + what;
  return fmt::format("`{}` {}", Utf8Prefix(instance_pointer, kPointerBytesShown), what);
}

bool Evaluation::Apply(const Node& node, const Json& value, Seen& seen) {
  if (!Step()) return false;
  if (node.boolean) return *node.boolean || Report(node.pointer, [] { return "is not allowed here"; });
  if (depth_ == limits_.depth_max) return Stop("is nested too deeply for its schema to be checked");
  ++depth_;
  const bool entered = scope_.empty() || scope_.back() != node.resource;
  if (entered) scope_.push_back(node.resource);
  Seen here;
  const bool valid = ApplyRules(node, value, here);
  if (valid && tracks_seen() && Step(here.size() / 16)) seen.Merge(here);
  if (entered) scope_.pop_back();
  --depth_;
  return valid;
}

bool Evaluation::ApplyRules(const Node& node, const Json& value, Seen& seen) {
  bool valid = true;
  for (const Rule& rule : node.rules) {
    if (!Step()) return false;
    valid = rule(value, *this, seen) && valid;
    if (!valid && (!collecting_ || stopped())) return false;
  }
  if (!valid) return false;  // what is unevaluated only makes sense when the rest is right
  for (const Rule& rule : node.last_rules) valid = rule(value, *this, seen) && valid;
  return valid;
}

bool Evaluation::ApplyAt(const Node& node, const Json& value, const Segment& segment) {
  path_ = &segment;
  Seen inside;
  const bool valid = Apply(node, value, inside);
  path_ = segment.parent;
  return valid;
}

bool Evaluation::ApplyToMember(const Node& node, const Json::Member& member) {
  return ApplyAt(node, member.value, {path_, member.key.AsString(), 0});
}

bool Evaluation::ApplyToName(const Node& node, const Json::Member& member) {
  Seen inside;
  return Apply(node, member.key, inside);
}

bool Evaluation::ApplyToItem(const Node& node, const Json& item, std::size_t index) {
  return ApplyAt(node, item, {path_, {}, index});
}

const Node& Evaluation::DynamicTarget(std::string_view name, const Node& initial) const {
  for (const Resource* resource : scope_) {
    const auto found = resource->dynamic_anchors.find(name);
    if (found != resource->dynamic_anchors.end()) return *found->second;
  }
  return initial;
}

bool Evaluation::Step(std::uint64_t count) {
  steps_ += count;
  if (steps_ <= limits_.steps_max) return true;
  return Stop(fmt::format("could not be checked within {} steps: the value or its schema is too large",
                          limits_.steps_max));
}

bool Evaluation::Stop(std::string_view why) {
  if (!stopped()) stopped_because_ = why;
  return false;
}

std::string Evaluation::PointerOf(const Segment* path) {
  std::vector<const Segment*> segments;
  for (; path != nullptr; path = path->parent) segments.push_back(path);
  std::string pointer;
  for (const Segment* segment : segments | std::views::reverse) {
    AppendToken(pointer, segment->key.data() == nullptr ? std::to_string(segment->index) : segment->key);
  }
  return pointer;
}

std::string Evaluation::Pointer() const { return PointerOf(path_); }

void Evaluation::Add(const std::string& schema_pointer, const Segment* path, std::string what) {
  if (objections_.size() >= limits_.violations_max || !Step(kReportSteps)) return;
  objections_.push_back({PointerOf(path), schema_pointer, std::move(what)});
}

void Evaluation::Add(std::vector<Objection> objections) {
  for (Objection& one : objections) {
    if (objections_.size() < limits_.violations_max) objections_.push_back(std::move(one));
  }
}

std::string_view KindOf(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull: return "null";
    case Json::Type::kBool: return "a boolean";
    case Json::Type::kNumber: return "a number";
    case Json::Type::kString: return "a string";
    case Json::Type::kArray: return "an array";
    case Json::Type::kObject: return "an object";
  }
  return "";
}

std::string Excerpt(const Json& value) {
  const auto cut = [](std::string text) {
    if (text.size() <= kExcerptBytesMax) return text;
    return std::string(Utf8Prefix(text, kExcerptBytesMax)) + "...";
  };
  if (value.IsString() && value.Size() > kExcerptBytesMax) {
    return Json(Utf8Prefix(value.AsString(), kExcerptBytesMax)).Dump() + "...";
  }
  if (value.IsArray() && value.MemoryBytes(2'000) >= 2'000)
    return fmt::format("an array with {} items", value.Size());
  if (value.IsObject() && value.MemoryBytes(2'000) >= 2'000)
    return fmt::format("an object with {} members", value.Size());
  return cut(value.Dump());
}

}  // namespace elevaite::schema
