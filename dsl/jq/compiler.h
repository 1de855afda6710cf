// From text to tree: a recursive descent parser (depth-limited) that resolves names while it reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/jq/code.h"
#include "dsl/jq/lexer.h"

namespace elevaite::jq {

class Compiler {
 public:
  Compiler(Code& code, const CompileOptions& options) : code_(code), options_(options), lexer_(code.text) {}

  // False: error() says why.
  bool CompileProgram();
  // A text of definitions only, for the library: the functions stay in code.functions.
  bool CompileLibrary();
  CompileError TakeError() { return std::move(error_); }

 private:
  using NodeRef = const Node*;  // nullptr: failed, error_ is set

  // A name that is visible at this place.
  struct Entry {
    enum class Kind : std::uint8_t { kVariable, kFunction, kParameter, kLabel } kind;
    std::string_view name;
    std::uint16_t level;
    std::uint32_t slot;
    std::uint32_t arity;
    Function* function;
  };
  struct Level {
    std::uint32_t slots = 0;
  };
  struct BindStep {
    NodeRef source;
    std::uint32_t slot;
  };
  struct PatternGroup {
    std::size_t scope_begin;
    std::uint32_t first_slot;
  };
  using Steps = std::vector<BindStep>;
  using Arguments = std::vector<NodeRef>;

  // parse.cc, parse_terms.cc, parse_bindings.cc
  NodeRef ParseQuery();
  NodeRef ParseQueryOperand();
  NodeRef ParseExpression(int precedence);
  NodeRef ParseUnary();
  NodeRef ParsePostfix(NodeRef term, std::uint32_t begin);
  NodeRef ParseTerm();
  NodeRef ParseDotTerm(std::uint32_t begin);
  NodeRef ParseBracket(NodeRef target, std::uint32_t begin);
  NodeRef ParseString(const Native* format, std::uint32_t begin);
  NodeRef ParseObject(std::uint32_t begin);
  bool ParseObjectEntry(std::vector<NodeRef>& entries);
  NodeRef ParseObjectValue();
  NodeRef ParseIf(std::uint32_t begin);
  NodeRef ParseTry(std::uint32_t begin);
  NodeRef ParseFold(bool foreach, std::uint32_t begin);
  NodeRef ParseLabel(std::uint32_t begin);
  NodeRef ParseBind(NodeRef source, std::uint32_t begin);
  NodeRef ParseVariable(const Token& token);
  NodeRef ParseCall(const Token& name);
  NodeRef ParseClosure();
  bool ParseDefinition();
  bool ParsePatterns(std::uint32_t source_slot, std::vector<Steps>& alternatives, PatternGroup& group);
  bool ParsePattern(NodeRef value, Steps& steps, const PatternGroup& group, bool top,
                    std::uint32_t source_slot);
  bool ParseArrayPattern(std::uint32_t slot, Steps& steps, const PatternGroup& group);
  bool ParseObjectPattern(std::uint32_t slot, Steps& steps, const PatternGroup& group);
  NodeRef WrapPatterns(const std::vector<Steps>& alternatives, const PatternGroup& group, NodeRef body);

  // builder.cc, builtin_syntax.cc, classes.cc
  Node* New(Op op, std::uint32_t begin);
  NodeRef Finish(Node* node);
  NodeRef Literal(Json value, std::uint32_t begin);
  NodeRef Make(Op op, std::uint32_t begin, NodeRef a, NodeRef b = nullptr, NodeRef c = nullptr);
  NodeRef MakeList(Op op, std::uint32_t begin, const Arguments& list, std::uint8_t variant = 0);
  NodeRef MakeVariable(std::uint32_t slot, std::uint32_t begin);
  NodeRef MakeIndex(NodeRef target, NodeRef key, std::uint32_t begin);
  NodeRef MakeOptional(NodeRef step, std::uint32_t begin);
  NodeRef MakeField(NodeRef target, std::string_view name, std::uint32_t begin);
  NodeRef MakeBind(NodeRef source, std::uint32_t slot, NodeRef body, std::uint32_t begin);
  NodeRef MakeBinary(std::string_view symbol, NodeRef a, NodeRef b, std::uint32_t begin);
  NodeRef MakeAssignment(std::string_view symbol, NodeRef target, NodeRef value, std::uint32_t begin,
                         std::uint32_t slot);
  NodeRef MakeNative(const Native* native, std::uint32_t begin, const Arguments& arguments);
  NodeRef MakeNamed(std::string_view native, std::uint32_t begin, const Arguments& arguments);
  NodeRef MakeCollect(NodeRef body, std::uint32_t begin);
  NodeRef MakeSpecial(std::string_view name, const Arguments& arguments, std::uint32_t begin, bool& found);
  void Classify(Node& node) const;
  static bool IsChain(const Node* node);

  // names.cc
  NodeRef ResolveCall(const Token& name, const Arguments& arguments);
  bool UserDefines(std::string_view name) const;
  NodeRef UndefinedFunction(const Token& name, std::size_t arity);
  NodeRef UndefinedVariable(const Token& token);

  NodeRef Error(Span span, std::string message, std::string hint = {});
  NodeRef Unexpected(std::string_view expected);
  void Advance() {
    previous_end_ = token_.span.end;
    token_ = lexer_.Next();
  }
  bool IsSymbol(std::string_view symbol) const {
    return token_.kind == TokenKind::kSymbol && token_.text == symbol;
  }
  bool IsWord(std::string_view word) const { return token_.kind == TokenKind::kName && token_.text == word; }
  bool TakeSymbol(std::string_view symbol);
  bool TakeWord(std::string_view word);
  bool ExpectSymbol(std::string_view symbol);
  bool ExpectWord(std::string_view word);
  std::uint32_t NewSlot() { return levels_.back().slots++; }
  std::uint16_t CurrentLevel() const { return static_cast<std::uint16_t>(levels_.size() - 1); }
  std::string_view Keep(std::string name);

  struct Nesting;  // counts the depth of the recursion

  Code& code_;
  const CompileOptions& options_;
  Lexer lexer_;
  Token token_;
  std::uint32_t previous_end_ = 0;
  std::vector<Entry> scope_;
  std::vector<Level> levels_;
  std::vector<bool> bound_used_;  // of options_.variables
  std::uint32_t depth_ = 0;
  bool failed_ = false;
  CompileError error_;
};

// Lives as long as a function that the parser recurses through.
struct Compiler::Nesting {
  explicit Nesting(Compiler& compiler) : compiler_(compiler) { ++compiler_.depth_; }
  ~Nesting() { --compiler_.depth_; }
  bool TooDeep() {
    if (compiler_.depth_ <= compiler_.options_.depth_max) return false;
    compiler_.Error(compiler_.token_.span, "the filter is nested too deeply");
    return true;
  }
  Compiler& compiler_;
};

bool IsLibraryName(std::string_view name);

}  // namespace elevaite::jq
