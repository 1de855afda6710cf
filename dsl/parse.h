// Parse: text to Document. YAML and JSON go through one reader; JSON is told by its first character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/document.h"

namespace elevaite::dsl {

struct Limits {
  std::size_t source_bytes_max = 1U << 20U;
  std::uint32_t depth_max = 200;    // levels of lists and mappings in the text
  std::size_t nodes_max = 500'000;  // values; an alias counts as many as it stands for
  std::size_t tasks_max = 10'000;
};

// nullopt: there is nothing to look at further, and a diagnostic says why (DSL0001 to DSL0004).
std::optional<Document> Parse(std::string_view source, const Limits& limits, Diagnostics& diagnostics);

}  // namespace elevaite::dsl
