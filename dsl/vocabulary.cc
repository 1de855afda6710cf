#include "dsl/vocabulary.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "dsl/reader.h"
#include "dsl/vocabulary_table.h"
#include "foundation/result.h"

namespace elevaite::dsl::vocabulary {
namespace {

// `for` and `try` come first: a `do` or `catch` beside them belongs to them.
constexpr std::string_view kTaskKinds[] = {"for",   "try", "call", "listen", "emit", "fork",
                                           "raise", "run", "set",  "switch", "wait", "do"};
constexpr std::string_view kStandardCalls[] = {"http", "openapi", "grpc", "asyncapi", "a2a", "mcp", kSaga};

const std::vector<Object>& Table() {
  static const std::vector<Object> table = [] {
    std::vector<Object> all;
    for (const auto part : {DocumentObjects(), TaskObjects(), CallObjects(), AuthenticationObjects()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

yaml::Node StepInto(const yaml::Node& node, std::string_view token) {
  if (const yaml::Member* member = node.Find(token)) return member->value;
  std::size_t index = 0;
  for (char c : token) {
    if (c < '0' || c > '9' || index > node.items().size()) return {};
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return !token.empty() && index < node.items().size() ? node.items()[index] : yaml::Node();
}

class Walk {
 public:
  explicit Walk(const yaml::Node& root) : node_(root), place_{.object = &Get("workflow")} {}

  // False: the language says nothing of that place.
  bool Step(const std::string& token) {
    const yaml::Node parent = node_;
    node_ = StepInto(node_, token);
    if (name_expected_) return EnterName();
    if (place_.object != nullptr) return EnterKey(*place_.object, parent, token);
    return EnterElement(token);
  }

  const Place& place() const { return place_; }

 private:
  bool EnterKey(const Object& owner, const yaml::Node& parent, const std::string& token) {
    const Key* key = owner.Find(token);
    if (key == nullptr) return false;
    place_ = {.key = key, .owner = &owner};
    if (owner.name == "task.call" && key->name == "with") {
      const yaml::Member* call = parent.Find("call");
      place_.value = &key->value;
      place_.object = &ArgumentsOf(call != nullptr ? call->value.text() : std::string_view());
      return true;
    }
    Enter(key->value);
    return true;
  }

  // The value's form that the node has; a missing node has the first that leads further.
  void Enter(const Value& value) {
    place_.value = &value;
    place_.object = nullptr;
    const bool is_list = node_.IsSequence();
    if (value.Is(kObject) && !is_list)
      place_.object = value.object == "task" ? &TaskObjectOf(node_) : &Get(value.object);
  }

  bool EnterElement(const std::string&) {
    if (place_.value == nullptr) return false;
    const Value& value = *place_.value;
    if (value.Is(kNamedList)) {
      named_ = &value;
      name_expected_ = true;  // the item is a mapping of one name
      place_ = {};
      return true;
    }
    if (value.element == nullptr || value.element->Is(kAny)) return false;
    const Value& element = *value.element;
    place_ = {};
    Enter(element);
    return true;
  }

  bool EnterName() {
    name_expected_ = false;
    place_ = {};
    place_.object = named_->object == "task" ? &TaskObjectOf(node_) : &Get(named_->object);
    return true;
  }

  yaml::Node node_;
  Place place_;
  const Value* named_ = nullptr;
  bool name_expected_ = false;
};

}  // namespace

const Key* Object::Find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &Key::name);
  if (found != keys.end()) return &*found;
  return base.empty() ? nullptr : Get(base).Find(key);
}

std::span<const Object> All() { return Table(); }

const Object* Find(std::string_view name) {
  static const std::unordered_map<std::string_view, const Object*> index = [] {
    std::unordered_map<std::string_view, const Object*> map;
    for (const Object& object : Table()) map.emplace(object.name, &object);
    return map;
  }();
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

const Object& Get(std::string_view name) {
  const Object* object = Find(name);
  CHECK(object != nullptr);
  return *object;
}

std::span<const std::string_view> TaskKinds() { return kTaskKinds; }
std::span<const std::string_view> StandardCalls() { return kStandardCalls; }

const Object& TaskObjectOf(const yaml::Node& task) {
  const Object* found = nullptr;
  for (std::string_view kind : kTaskKinds) {
    if (task.Find(kind) == nullptr) continue;
    const bool beside = found != nullptr && found->Find(kind) != nullptr;
    if (found != nullptr && !beside) return Get("task");
    if (found == nullptr) found = Find("task." + std::string(kind));
  }
  return found != nullptr ? *found : Get("task");
}

const Object& ArgumentsOf(std::string_view function) {
  const bool standard = std::ranges::find(kStandardCalls, function) != std::end(kStandardCalls);
  return standard ? Get("with." + std::string(function)) : Get("with");
}

std::optional<Place> At(const yaml::Node& root, std::string_view pointer) {
  Walk walk(root);
  while (!pointer.empty()) {
    if (pointer.front() != '/' || !walk.Step(TakeToken(pointer))) return std::nullopt;
  }
  return walk.place();
}

}  // namespace elevaite::dsl::vocabulary
