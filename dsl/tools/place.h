// Place: what the language and the connectors' descriptors say of a place in a document. For completion and
// hover.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dsl/functions.h"
#include "dsl/tools/pointer.h"
#include "dsl/vocabulary.h"
#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

class Places {
 public:
  Places(const Json& tree, const FunctionCatalog& functions);

  std::optional<vocabulary::Place> At(std::span<const std::string> path) const;
  // The part of a function's descriptor that describes the value at `path`, which is a call's `with` or
  // below; null when there is none.
  Json SchemaAt(std::span<const std::string> path) const;

 private:
  const Json& tree_;
  const FunctionCatalog& functions_;
  yaml::Node root_;
};

// "text, expression or mapping"
std::string DescribeForms(const vocabulary::Value& value);
// "text", "one of a, b", "whole number": the type a descriptor gives.
std::string DescribeSchema(const Json& schema);

}  // namespace elevaite::dsl::tools
