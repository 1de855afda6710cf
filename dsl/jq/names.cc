// What a name means, and what to say when it means nothing.
#include <algorithm>

#include "dsl/jq/compiler.h"
#include "foundation/text.h"

namespace elevaite::jq {
namespace {

// Builtins of jq that this platform does not have, and what to do instead.
struct Excluded {
  std::string_view name;
  std::string_view hint;
};
constexpr std::string_view kNoInput =
    "a filter gets one input and nothing else; pass the data in as the input or a variable";
constexpr std::string_view kNoEnvironment =
    "the environment is not visible to a filter; pass the value in as a variable";
constexpr Excluded kExcluded[] = {
    {"env", kNoEnvironment},
    {"input", kNoInput},
    {"inputs", kNoInput},
    {"input_filename", kNoInput},
    {"input_line_number", kNoInput},
    {"halt", "a filter cannot stop the process; use error(...) or empty"},
    {"get_search_list", "a filter has no modules"},
    {"modulemeta", "a filter has no modules"},
    {"getjmp", ""},
};

}  // namespace

bool Compiler::UserDefines(std::string_view name) const {
  return std::ranges::any_of(scope_, [name](const Entry& entry) {
    return entry.kind == Entry::Kind::kFunction && entry.name == name;
  });
}

Compiler::NodeRef Compiler::ResolveCall(const Token& name, const Arguments& arguments) {
  const std::uint32_t begin = name.span.begin;
  auto call = [&](const Function* function) {
    Node* node = New(Op::kCall, begin);
    node->function = function;
    node->count = static_cast<std::uint16_t>(arguments.size());
    if (!arguments.empty()) {
      node->list = code_.NewList(arguments.size());
      std::ranges::copy(arguments, node->list);
    }
    return Finish(node);
  };
  if (arguments.size() > 1000) return Error(name.span, "too many arguments");
  for (std::size_t i = scope_.size(); i-- > 0;) {
    const Entry& entry = scope_[i];
    if (entry.name != name.text || entry.arity != arguments.size()) continue;
    if (entry.kind == Entry::Kind::kFunction) return call(entry.function);
    if (entry.kind == Entry::Kind::kParameter) {
      if (entry.function != nullptr) entry.function->values_as_filters = true;
      Node* node = New(Op::kParameter, begin);
      node->level = entry.level;
      node->slot = entry.slot;
      return Finish(node);
    }
  }
  bool special = false;
  NodeRef node = MakeSpecial(name.text, arguments, begin, special);
  if (special) return node;
  if (const Native* native = FindNative(name.text, arguments.size()); native != nullptr) {
    return MakeNative(native, begin, arguments);
  }
  if (const Function* function = FindLibraryFunction(name.text, arguments.size()); function != nullptr)
    return call(function);
  return UndefinedFunction(name, arguments.size());
}

Compiler::NodeRef Compiler::UndefinedFunction(const Token& name, std::size_t arity) {
  const std::string message = std::string(name.text) + "/" + std::to_string(arity) + " is not defined";
  for (const Excluded& one : kExcluded) {
    if (one.name == name.text) return Error(name.span, message, std::string(one.hint));
  }
  std::string arities;
  std::string_view best;
  std::size_t best_distance = name.text.size() < 4 ? 2 : 3;
  auto consider = [&](std::string_view known, std::size_t known_arity) {
    if (known.starts_with('_')) return;
    if (known == name.text)
      arities += (arities.empty() ? "" : ", ") + std::string(known) + "/" + std::to_string(known_arity);
    const std::size_t distance = EditDistance(known, name.text, best_distance);
    if (distance > 0 && distance < best_distance) {
      best_distance = distance;
      best = known;
    }
  };
  for (const Entry& entry : scope_) {
    if (entry.kind == Entry::Kind::kFunction || entry.kind == Entry::Kind::kParameter)
      consider(entry.name, entry.arity);
  }
  for (const Builtin& builtin : Builtins()) consider(builtin.name, static_cast<std::size_t>(builtin.arity));
  if (!arities.empty()) return Error(name.span, message, "there is " + arities);
  if (!best.empty()) return Error(name.span, message, "did you mean " + std::string(best) + "?");
  for (const Entry& entry : scope_) {
    if (entry.kind == Entry::Kind::kVariable && entry.name == name.text) {
      return Error(name.span, message, "did you mean the variable $" + std::string(name.text) + "?");
    }
  }
  return Error(name.span, message);
}

Compiler::NodeRef Compiler::UndefinedVariable(const Token& token) {
  const std::string message = "$" + std::string(token.text) + " is not defined";
  if (token.text == "ENV") return Error(token.span, message, std::string(kNoEnvironment));
  std::string known;
  std::string_view best;
  std::size_t best_distance = 3;
  for (std::size_t i = scope_.size(); i-- > 0;) {
    const Entry& entry = scope_[i];
    if (entry.kind != Entry::Kind::kVariable) continue;
    if (known.find("$" + std::string(entry.name) + ",") == std::string::npos)
      known += "$" + std::string(entry.name) + ", ";
    const std::size_t distance = EditDistance(entry.name, token.text, best_distance);
    if (distance < best_distance) {
      best_distance = distance;
      best = entry.name;
    }
  }
  if (known.empty()) return Error(token.span, message, "no variable is known here");
  known.resize(known.size() - 2);
  if (known.size() > 300) known = known.substr(0, 300) + "...";
  const std::string suggestion = best.empty() ? "" : "did you mean $" + std::string(best) + "? ";
  return Error(token.span, message, suggestion + "known here: " + known);
}

}  // namespace elevaite::jq
