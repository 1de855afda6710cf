// Labels: what an execution can be found by: the tags of its document, and the attributes that it declares
// under `metadata.elevaite.attributes`.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dsl/program.h"
#include "foundation/json.h"

namespace elevaite::engine {

inline constexpr std::size_t kLabelsMax = 32;  // of one execution; more tags are not indexed
inline constexpr std::size_t kLabelNameBytesMax =
    64;  // a tag with a longer name, or `=` in it, is not indexed
inline constexpr std::size_t kLabelValueBytesMax = 255;  // of a longer value so much counts

// Values are stored: append only.
enum class LabelKind : std::uint8_t { kTag = 0, kAttribute = 1 };

struct Label {
  LabelKind kind = LabelKind::kTag;
  std::string name;
  std::string value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

// The value as it counts: a text, a number or true and false; nullopt: it is none of these.
std::optional<std::string> LabelValue(const Json& value);

// Of an execution that begins with this input. An attribute that cannot be computed, or is null, a list or
// an object, is left out: finding an execution must not decide whether it runs.
std::vector<Label> LabelsOf(const dsl::Program& program, const Json& input, std::int64_t now_us);

}  // namespace elevaite::engine
