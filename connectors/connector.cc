#include "connectors/connector.h"

#include <algorithm>
#include <iterator>

namespace elevaite::connectors {

Descriptor ParseDescriptor(std::string_view text, RetryPolicy retry) {
  const auto json = ParseJson(text);
  CHECK(json.has_value());
  const Json& d = *json;
  return {.name = std::string(d["name"].AsString()),
          .version = std::string(d["version"].AsString()),
          .title = std::string(d["title"].AsString()),
          .description = std::string(d["description"].AsString()),
          .icon = std::string(d["icon"].AsString()),
          .input = d["input"],
          .output = d["output"],
          .errors = d["errors"],
          .retry = retry};
}

Json ToJson(const Descriptor& d) {
  return Json::Object({{"name", d.name},
                       {"version", d.version},
                       {"title", d.title},
                       {"description", d.description},
                       {"icon", d.icon},
                       {"input_schema", d.input},
                       {"output_schema", d.output},
                       {"errors", d.errors},
                       {"attempts_max", d.retry.attempts_max}});
}

Registry::Registry(std::vector<std::unique_ptr<Connector>> connectors, std::vector<Descriptor> others)
    : connectors_(std::move(connectors)) {
  for (const auto& connector : connectors_) descriptors_.push_back(connector->descriptor());
  std::ranges::move(others, std::back_inserter(descriptors_));
  functions_.reserve(descriptors_.size());
  for (const Descriptor& d : descriptors_) {
    functions_.push_back({.name = d.name,
                          .title = d.title,
                          .icon = d.icon,
                          .input = d.input,
                          .version = d.version,
                          .output = d.output});
  }
}

const dsl::FunctionInfo* Registry::Find(std::string_view name) const {
  for (const auto& function : functions_) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::vector<std::string_view> Registry::Names() const {
  std::vector<std::string_view> names;
  for (const auto& function : functions_) names.emplace_back(function.name);
  return names;
}

Connector* Registry::FindConnector(std::string_view name) const {
  for (const auto& connector : connectors_) {
    if (connector->descriptor().name == name) return connector.get();
  }
  return nullptr;
}

}  // namespace elevaite::connectors
