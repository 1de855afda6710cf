// The functions of the compiler's tests: `http` as the connector describes it, and a model call.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/functions.h"

namespace elevaite::dsl {

class TestFunctions : public FunctionCatalog {
 public:
  TestFunctions() {
    Add({"http", "HTTP request", "globe", Schema(R"({
      "type": "object", "required": ["method", "endpoint"],
      "properties": {
        "method": {"type": "string", "minLength": 1},
        "endpoint": {"oneOf": [
          {"type": "string", "minLength": 1},
          {"type": "object", "required": ["uri"], "properties": {
            "uri": {"type": "string"},
            "authentication": {"x-unsupported": "send an `authorization` header"}}}]},
        "headers": {"oneOf": [{"type": "object", "additionalProperties": {"type": "string"}}]},
        "query": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
        "body": {},
        "output": {"type": "string", "enum": ["raw", "content", "response"]},
        "redirect": {"type": "boolean"}}})")});
    Add({"llm.generate", "Ask a model", "sparkles", Schema(R"({
      "type": "object", "required": ["prompt"],
      "properties": {
        "model": {"type": "string"},
        "prompt": {"type": "string"},
        "system": {"type": "string"},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
        "max_tokens": {"type": "integer", "minimum": 1},
        "tools": {"type": "array", "items": {"type": "string"}}}})"),
         "1.0.0",
         Schema(R"({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}})")});
  }

  const FunctionInfo* Find(std::string_view name) const override {
    const auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : &found->second;
  }
  std::vector<std::string_view> Names() const override {
    std::vector<std::string_view> names;
    for (const auto& [name, info] : functions_) names.push_back(name);
    return names;
  }

 private:
  static Json Schema(std::string_view text) { return ParseJson(text).value(); }
  void Add(FunctionInfo info) { functions_.emplace(info.name, std::move(info)); }

  std::map<std::string, FunctionInfo, std::less<>> functions_;
};

}  // namespace elevaite::dsl
