// The abstract interpreter: runs a filter once, on types. Each node answers with the union of what it can
// give.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dsl/jq/code.h"
#include "dsl/types/infer.h"

namespace elevaite::dsl::types {

class Interpreter {
 public:
  Interpreter(const jq::Code& code, const VariableTypes& variables);

  Type Run(const Type& input) { return Eval(code_.root, root_, input); }
  std::vector<Finding> TakeFindings();
  std::size_t steps() const { return steps_; }

 private:
  struct Scope;
  struct Closure {
    const jq::Node* node = nullptr;
    Scope* scope = nullptr;
  };
  // The variables and parameters of one activation of a level, as jq::Env.
  struct Scope {
    Scope* parent = nullptr;
    std::uint16_t level = 0;
    std::vector<Type> slots;
    std::vector<Closure> closures;
  };
  using Change = std::function<Type(const Type&)>;

  Type Eval(const jq::Node* node, Scope* scope, Type input);
  Type EvalNode(const jq::Node* node, Scope* scope, const Type& input);
  Type EvalQuietly(const jq::Node* node, Scope* scope, const Type& input);

  const Type& Literal(const jq::Node* node);
  Type Index(const jq::Node* node, Scope* scope, const Type& input);
  Type Member(const jq::Node* node, const Type& target, const std::string& name);
  Type Iterate(const jq::Node* node, const Type& target);
  Type Condition(const jq::Node* node, Scope* scope, const Type& input);
  Type Logic(const jq::Node* node, Scope* scope, const Type& input);
  Type Narrowed(const jq::Node* condition, const Type& input, bool holds) const;
  Type Fold(const jq::Node* node, Scope* scope, const Type& input);
  Type Call(const jq::Node* node, Scope* scope, const Type& input);
  Type Object(const jq::Node* node, Scope* scope, const Type& input);
  Type Compare(const jq::Node* node, Scope* scope, const Type& input);
  Type Arithmetic(const jq::Node* node, const Type& left, const Type& right);
  Type Native(const jq::Node* node, Scope* scope, const Type& input);
  static Type UpdateItems(const Type& target, const Change& change, bool total);
  static Type UpdateMember(const Type& target, const std::string& name, const Change& change, bool total);
  Type Update(const jq::Node* path, Scope* scope, const Type& target, const Change& change, bool total);

  void Report(Finding finding);
  void ReportMember(const jq::Node* node, const Type& target, const std::string& name);

  // Counts a step over something of `size` parts; false: there have been too many.
  bool Step(std::size_t size) {
    steps_ += 1 + size / 16;
    return steps_ <= kStepsMax;
  }
  static Scope* ScopeOf(Scope* scope, std::uint16_t level) {
    while (scope->level > level) scope = scope->parent;
    return scope;
  }
  Scope* NewScope(Scope* parent, std::uint16_t level, std::size_t slots);

  const jq::Code& code_;
  std::deque<Scope> scopes_;
  Scope* root_ = nullptr;
  std::unordered_map<const jq::Node*, Type> literals_;
  std::vector<Finding> findings_;
  int quiet_ = 0;  // > 0: nothing is reported
  std::size_t steps_ = 0;
  std::size_t depth_ = 0;
};

// Of a whole filter: exactly one output for each input, or an error.
bool GivesValue(const jq::Node* root);

// What a function of C++ gives for `input`; fails: it takes no value of that type.
Type ResultOfNative(const std::string& name, const Type& input, bool& fails);

}  // namespace elevaite::dsl::types
