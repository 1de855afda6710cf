// For tests: random programs whose calls, waits, loops, forks and retries all end well, each task taking a
// number and giving one.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/json.h"

namespace elevaite::engine {

inline Json One(std::string_view key, Json value) {
  return Json::WithMember(Json::EmptyObject(), key, std::move(value));
}

class RandomTasks {
 public:
  explicit RandomTasks(std::uint32_t seed) : random_(seed) {}

  std::uint32_t Below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  Json List(int depth) {
    std::vector<Json> tasks;
    const std::uint32_t count = 1 + Below(3);
    for (std::uint32_t i = 0; i < count; ++i) tasks.push_back(Named(Task(depth)));
    return Json::Array(std::move(tasks));
  }

  // The same with tasks that hand on what they get.
  Json WithMore(const Json& value, bool is_list = true) {
    if (value.IsArray()) {
      std::vector<Json> items;
      for (const Json& item : value.AsArray()) {
        if (is_list && Below(3) == 0) items.push_back(Nothing());
        items.push_back(WithMore(item));
      }
      if (is_list && Below(3) == 0) items.push_back(Nothing());
      return Json::Array(std::move(items));
    }
    if (!value.IsObject()) return value;
    std::vector<Json::Member> members;
    for (const auto& [key, inner] : value.AsObject())
      members.emplace_back(key, WithMore(inner, key != Json("branches")));
    return Json::Object(std::move(members));
  }

 private:
  Json Named(Json task) { return One("t" + std::to_string(++names_), std::move(task)); }
  Json Nothing() { return Named(One("set", "${ . }")); }

  // Each takes a number and gives one.
  Json Task(int depth) {
    switch (Below(depth > 0 ? 8 : 3)) {
      case 0: return One("set", "${ . * 3 + " + std::to_string(Below(5)) + " }");
      case 1: return One("wait", One("milliseconds", 1 + Below(20)));
      case 2: return Json::Object({{"call", "ping"}, {"with", One("n", "${ . }")}});
      case 3: return One("do", List(depth - 1));
      case 4:
        return Json::Object(
            {{"for", One("in", "${ [range(" + std::to_string(Below(4)) + ")] }")}, {"do", List(depth - 1)}});
      case 5: return Fork(depth);
      case 6: return Json::Object({{"try", List(depth - 1)}, {"catch", Json::EmptyObject()}});
      default: return Failing(depth);
    }
  }

  Json Fork(int depth) {
    std::vector<Json> branches;
    const std::uint32_t count = 1 + Below(3);
    for (std::uint32_t i = 0; i < count; ++i) branches.push_back(Named(Task(depth - 1)));
    return Json::Object({{"fork", One("branches", Json::Array(std::move(branches)))},
                         {"output", One("as", "${ add % 1000 }")}});
  }

  // Its list fails at the end, is retried, and what catches does the rest.
  Json Failing(int depth) {
    const Json error = Json::Object({{"type", "urn:x"}, {"status", 500}, {"title", "X"}});
    std::vector<Json> tasks{List(depth - 1).AsArray()[0], Named(One("raise", One("error", error)))};
    const Json retry =
        Json::Object({{"delay", One("milliseconds", 5)}, {"limit", One("attempt", One("count", Below(3)))}});
    return Json::Object({{"try", Json::Array(std::move(tasks))},
                         {"catch", Json::Object({{"retry", retry}, {"do", List(depth - 1)}})}});
  }

  std::mt19937 random_;
  int names_ = 0;
};

}  // namespace elevaite::engine
