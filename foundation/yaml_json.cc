// Two passes: ParseJson decides whether the text is JSON; then this reader, which need not check syntax any
// more, walks along and notes where things stand.
#include "foundation/yaml_json.h"

#include <algorithm>

namespace elevaite::yaml {
namespace {

constexpr std::uint32_t kDepthCap = 1000;

class JsonComposer {
 public:
  JsonComposer(std::string_view text, const ReadOptions& options)
      : text_(text), options_(options), tree_(text.size()) {}

  std::expected<Node, YamlError> Compose() {
    while (true) {
      SkipBlanks();
      if (at_ == text_.size()) return tree_.Root();
      if (auto taken = TakeToken(); !taken) return std::unexpected(std::move(taken).error());
    }
  }

 private:
  using Done = std::expected<void, YamlError>;

  void Step() {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      here_ = {here_.line + 1, 1};
    } else if ((byte & 0xC0U) != 0x80U && byte != '\r') {
      ++here_.column;
    }
  }

  void SkipBlanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n,:").find(text_[at_]) != std::string_view::npos)
      Step();
  }

  static std::unexpected<YamlError> TooLarge(Position position, std::string message) {
    auto error = FailAt(position, std::move(message));
    error.error().too_large = true;
    return error;
  }

  Done TakeToken() {
    const char first = text_[at_];
    if (first == ']' || first == '}') {
      Step();
      return Close();
    }
    if (++nodes_ > options_.nodes_max) {
      return TooLarge(here_, "more than " + std::to_string(options_.nodes_max) + " values");
    }
    if (first == '[' || first == '{')
      return Begin(first == '[' ? Node::Kind::kSequence : Node::Kind::kMapping);
    return TakeScalar(first == '"');
  }

  Done Begin(Node::Kind kind) {
    const std::uint32_t depth_max = std::min(options_.depth_max, kDepthCap);
    if (tree_.depth() >= depth_max)
      return TooLarge(here_, "nested deeper than " + std::to_string(depth_max) + " levels");
    tree_.Open(tree_.New(kind, {here_, {}}));
    Step();
    return {};
  }

  Done Close() {
    tree_.Place(tree_.Close(here_), here_);
    return {};
  }

  Done TakeScalar(bool quoted) {
    const std::size_t first = at_;
    Range range{here_, {}};
    Step();
    if (quoted) {
      while (text_[at_] != '"') {
        if (text_[at_] == '\\') Step();
        Step();
      }
      Step();
    } else {
      while (at_ < text_.size() && std::string_view(" \t\r\n,:]}").find(text_[at_]) == std::string_view::npos)
        Step();
    }
    range.end = here_;
    const std::string_view written = text_.substr(first, at_ - first);
    auto value = ParseJson(written);
    CHECK(value.has_value());  // a part of what has been parsed as a whole
    if (tree_.ExpectsKey()) return TakeKey(quoted ? value->AsString() : written, range);
    Node::Rep& rep = tree_.New(Node::Kind::kScalar, range);
    rep.plain = !quoted;
    rep.value = std::move(*value);
    if (!quoted) rep.text = tree_.Keep(written);
    tree_.Place(rep, range.end);
    return {};
  }

  Done TakeKey(std::string_view key, Range range) {
    if (const auto first = tree_.AddKey(key, range)) return Duplicate(key, range.begin, *first);
    return {};
  }

  std::string_view text_;
  const ReadOptions& options_;
  std::size_t at_ = 0;
  Position here_{1, 1};
  std::size_t nodes_ = 0;
  TreeBuilder tree_;
};

}  // namespace

std::optional<std::expected<Node, YamlError>> ReadJson(std::string_view text, const ReadOptions& options) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return std::nullopt;
  const JsonParseOptions parse{
      .bytes_max = options.bytes_max, .depth_max = kDepthCap + 1, .allow_duplicate_keys = true};
  if (!ParseJson(text, parse)) return std::nullopt;
  return JsonComposer(text, options).Compose();
}

}  // namespace elevaite::yaml
