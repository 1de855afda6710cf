#include "services/workflow/rehearsal/difference.h"

#include <algorithm>
#include <utility>

#include "foundation/json_pointer.h"

namespace elevaite::rehearsal {
namespace {

// Values of test files are at most 100 levels deep, and only what is in both is gone into: recursion is
// bounded.
class Comparer {
 public:
  Comparer(Comparison comparison, std::size_t most) : comparison_(comparison), most_(most) {}

  void Compare(const Json& expected, const Json& actual, const std::string& path) {
    if (found_.size() >= most_ || expected == actual) return;
    if (expected.IsObject() && actual.IsObject()) return CompareMembers(expected, actual, path);
    if (expected.IsArray() && actual.IsArray()) return CompareItems(expected, actual, path);
    Add(path, expected, actual);
  }
  std::vector<Difference> Take() && { return std::move(found_); }

 private:
  void Add(std::string path, std::optional<Json> expected, std::optional<Json> actual) {
    if (found_.size() < most_) found_.push_back({std::move(path), std::move(expected), std::move(actual)});
  }

  static std::string Child(std::string path, std::string_view token) {
    AppendToken(path, token);
    return path;
  }

  void CompareMembers(const Json& expected, const Json& actual, const std::string& path) {
    for (const auto& [key, value] : expected.AsObject()) {
      const Json* other = actual.Find(key.AsString());
      if (other == nullptr)
        Add(Child(path, key.AsString()), value, std::nullopt);
      else
        Compare(value, *other, Child(path, key.AsString()));
    }
    if (comparison_ == Comparison::kContains) return;
    for (const auto& [key, value] : actual.AsObject()) {
      if (expected.Find(key.AsString()) == nullptr) Add(Child(path, key.AsString()), std::nullopt, value);
    }
  }

  void CompareItems(const Json& expected, const Json& actual, const std::string& path) {
    const std::size_t count = std::max(expected.Size(), actual.Size());
    for (std::size_t i = 0; i < count && found_.size() < most_; ++i) {
      const std::string place = Child(path, std::to_string(i));
      if (i >= expected.Size())
        Add(place, std::nullopt, actual.At(i));
      else if (i >= actual.Size())
        Add(place, expected.At(i), std::nullopt);
      else
        Compare(expected.At(i), actual.At(i), place);
    }
  }

  Comparison comparison_;
  std::size_t most_;
  std::vector<Difference> found_;
};

}  // namespace

std::vector<Difference> Differences(const Json& expected, const Json& actual, Comparison comparison,
                                    std::size_t most) {
  Comparer comparer(comparison, most);
  comparer.Compare(expected, actual, "");
  return std::move(comparer).Take();
}

Json ToJson(const Difference& difference) {
  std::vector<Json::Member> members{{"path", difference.path}};
  if (difference.expected) members.emplace_back("expected", *difference.expected);
  if (difference.actual) members.emplace_back("actual", *difference.actual);
  return Json::Object(std::move(members));
}

}  // namespace elevaite::rehearsal
