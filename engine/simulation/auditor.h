// Auditor: keeps the first thing that was found wrong in a run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace elevaite::simulation {

struct Violation {
  std::string rule;  // a fixed text, by which the shrinker knows it again
  std::string what;  // of this run
};

class Auditor {
 public:
  void Report(std::string_view rule, std::string what) {
    if (!first_) first_ = Violation{std::string(rule), std::move(what)};
  }
  void Require(bool holds, std::string_view rule, std::string_view what = {}) {
    if (!holds) Report(rule, std::string(what));
  }
  const std::optional<Violation>& first() const { return first_; }

 private:
  std::optional<Violation> first_;
};

}  // namespace elevaite::simulation
