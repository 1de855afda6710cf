// Random filters and values: small, finite, and inside the part of the language in which jq 1.6 (Debian 12)
// and jq 1.8 (ours) mean the same. What is left out, with the reasons, stands in generator.cc.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::jq {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Json Value(int depth = 3);
  std::string Filter(int depth = 4);

 private:
  std::size_t Below(std::size_t count) { return random_() % count; }
  bool Chance(std::size_t percent) { return Below(100) < percent; }
  template <class T, std::size_t N>
  const T& OneOf(const T (&list)[N]) {
    return list[Below(N)];
  }

  std::string Text();
  std::string Literal();
  std::string Path(int depth);
  std::string Term(int depth);
  std::string NoText(int depth);
  std::string Builtin(int depth);
  std::string Update(int depth);
  std::string Control(int depth);
  std::string Binding(int depth);
  std::string Construction(int depth);
  std::string Definition(int depth);
  std::string Expand(std::string_view pattern, int depth);

  std::mt19937_64 random_;
  std::vector<std::string> variables_;  // in scope, with $
  std::vector<std::string> filters_;    // functions without parameters in scope
};

}  // namespace elevaite::jq
