// JSON text to nodes. Private to foundation/yaml*.cc.
#pragma once

#include <optional>

#include "foundation/yaml_build.h"

namespace elevaite::yaml {

// Nothing when the text is not a JSON array or object: then it is for the YAML reader to read or to explain.
// libyaml would take most JSON too, but not escaped surrogate pairs ("\ud83d\ude00"), keys above 1024 bytes
// or a ':' on the next line.
std::optional<std::expected<Node, YamlError>> ReadJson(std::string_view text, const ReadOptions& options);

}  // namespace elevaite::yaml
