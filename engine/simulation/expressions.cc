#include "engine/simulation/expressions.h"

#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/jq/jq.h"

namespace elevaite::simulation {
namespace {

using Variables = std::map<std::string, Json>;

bool IsWrapped(std::string_view text) { return text.starts_with("${") && text.ends_with("}"); }

// Compiling costs more than running, and the texts of the generator are few.
const jq::Program* Compiled(const std::string& text, const Variables& variables) {
  std::string key = text;
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) {
    names.push_back(name);
    key += "\n" + name;
  }
  thread_local std::unordered_map<std::string, jq::Program> cache;
  if (cache.size() > 20'000) cache.clear();
  if (const auto found = cache.find(key); found != cache.end()) return &found->second;
  auto program = jq::Program::Compile(text, {.variables = std::move(names)});
  if (!program) return nullptr;
  return &cache.emplace(std::move(key), *std::move(program)).first->second;
}

std::optional<Json> Run(std::string_view text, const Json& input, const Variables& variables) {
  const jq::Program* program = Compiled(std::string(text), variables);
  if (!program) return std::nullopt;
  std::vector<Json> values;
  for (const std::string& name : program->variables()) values.push_back(variables.at(name));
  auto value = jq::EvaluateFirst(*program, input, values, {});
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

std::string_view Unwrapped(std::string_view text) {
  return IsWrapped(text) ? text.substr(2, text.size() - 3) : text;
}

}  // namespace

std::optional<Json> EvaluateField(const Json& what, const Json& input, const Variables& variables) {
  if (what.IsString()) return Run(Unwrapped(what.AsString()), input, variables);
  return EvaluateData(what, input, variables);
}

std::optional<Json> EvaluateData(const Json& what, const Json& input, const Variables& variables) {
  if (what.IsString() && IsWrapped(what.AsString())) return Run(Unwrapped(what.AsString()), input, variables);
  if (!what.IsObject()) return what;
  std::vector<Json::Member> members;
  for (const auto& [key, value] : what.AsObject()) {
    auto made = EvaluateData(value, input, variables);
    if (!made) return std::nullopt;
    members.emplace_back(key, *std::move(made));
  }
  return Json::Object(std::move(members));
}

}  // namespace elevaite::simulation
