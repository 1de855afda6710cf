// The composer: libyaml's events to nodes, with an explicit stack, so that depth costs no C stack.
#include "foundation/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "foundation/yaml_build.h"
#include "foundation/yaml_json.h"

namespace elevaite::yaml {
namespace {

constexpr std::uint32_t kDepthCap = 1000;
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

Position PositionOf(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}
Range RangeOf(const yaml_event_t& event) {
  return {PositionOf(event.start_mark), PositionOf(event.end_mark)};
}

std::string_view TextOf(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct Event {
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
  yaml_event_t raw{};
};

class Composer {
 public:
  Composer(std::string_view text, const ReadOptions& options)
      : text_(text), options_(options), tree_(text.size()) {
    CHECK(yaml_parser_initialize(&parser_) == 1);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Composer(const Composer&) = delete;
  Composer& operator=(const Composer&) = delete;
  ~Composer() { yaml_parser_delete(&parser_); }

  std::expected<Node, YamlError> Compose() {
    while (!done_) {
      Event event;
      if (yaml_parser_parse(&parser_, &event.raw) != 1) return std::unexpected(ScannerError());
      if (auto taken = Take(event.raw); !taken) return std::unexpected(std::move(taken).error());
    }
    return tree_.Root();
  }

 private:
  using Rep = Node::Rep;
  using Done = std::expected<void, YamlError>;

  Done Take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (documents_++ > 0) {
          return FailAt(PositionOf(event.start_mark),
                        "a second document begins here; only one is allowed in a text");
        }
        return {};
      case YAML_STREAM_END_EVENT: done_ = true; return {};
      case YAML_ALIAS_EVENT: return TakeAlias(event);
      case YAML_SCALAR_EVENT: return TakeScalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return Begin(event, Node::Kind::kSequence, TextOf(event.data.sequence_start.anchor),
                     TextOf(event.data.sequence_start.tag),
                     event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
      case YAML_MAPPING_START_EVENT:
        return Begin(event, Node::Kind::kMapping, TextOf(event.data.mapping_start.anchor),
                     TextOf(event.data.mapping_start.tag),
                     event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return End(event);
      default: return {};
    }
  }

  std::size_t DepthMax() const { return std::min(options_.depth_max, kDepthCap); }
  Done TooDeep(Position position) const {
    return TooLarge(position, "nested deeper than " + std::to_string(DepthMax()) + " levels");
  }

  Done Count(std::size_t nodes, Position position) {
    nodes_ += nodes;
    if (nodes_ <= options_.nodes_max) return {};
    return TooLarge(position, "more than " + std::to_string(options_.nodes_max) +
                                  " values, counting what aliases stand for");
  }

  static std::unexpected<YamlError> TooLarge(Position position, std::string message) {
    auto error = FailAt(position, std::move(message));
    error.error().too_large = true;
    return error;
  }

  Done Begin(const yaml_event_t& event, Node::Kind kind, std::string_view anchor, std::string_view tag,
             bool flow) {
    const Position begin = PositionOf(event.start_mark);
    if (tree_.ExpectsKey()) {
      return FailAt(begin,
                    "a key must be text, not a list or mapping; quote it if it begins with '[', '{' or '?'");
    }
    const std::string_view expected = kind == Node::Kind::kMapping ? "map" : "seq";
    if (!tag.empty() && tag != "!" && tag != std::string(kCoreTag).append(expected)) {
      return FailAt(begin, "the tag '" + std::string(tag) + "' is not supported here");
    }
    if (tree_.depth() >= DepthMax()) return TooDeep(begin);
    if (auto counted = Count(1, begin); !counted) return counted;
    Rep& rep = tree_.New(kind, RangeOf(event));
    rep.tag = tree_.Keep(tag);
    tree_.Open(rep);
    open_.push_back({.anchor = std::string(anchor), .flow = flow});
    if (!anchor.empty()) anchors_open_.emplace(anchor);
    return {};
  }

  Done End(const yaml_event_t& event) {
    const Open open = std::move(open_.back());
    open_.pop_back();
    anchors_open_.erase(open.anchor);
    // libyaml ends a block at the next token, maybe lines later; we end it with its last child.
    const Rep& rep = tree_.Close(open.flow ? std::optional(PositionOf(event.end_mark)) : std::nullopt);
    Place(rep, rep.range.end, open.anchor);
    return {};
  }

  Done TakeAlias(const yaml_event_t& event) {
    const Position begin = PositionOf(event.start_mark);
    const std::string anchor(TextOf(event.data.alias.anchor));
    if (tree_.ExpectsKey()) return FailAt(begin, "an alias cannot be a key; write the key out");
    if (anchors_open_.contains(anchor))
      return FailAt(begin, "the alias '*" + anchor + "' stands inside what it refers to");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      return FailAt(begin, "no anchor '&" + anchor + "' before this alias; quote the value if it is text");
    }
    const Rep& rep = *found->second;
    if (auto counted = Count(rep.nodes, begin); !counted) return counted;
    if (tree_.depth() + rep.depth > DepthMax()) return TooDeep(begin);
    Place(rep, PositionOf(event.end_mark), {});
    return {};
  }

  Done TakeScalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const Range range = RangeOf(event);
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = TextOf(scalar.tag);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (auto counted = Count(1, range.begin); !counted) return counted;
    if (tree_.ExpectsKey()) return TakeKey(text, range, plain, tag, TextOf(scalar.anchor));

    Rep& rep = tree_.New(Node::Kind::kScalar, range);
    rep.plain = plain;
    if (tag != "!") rep.tag = tree_.Keep(tag);
    if (!Resolve(text, plain, tag, rep.value)) return FailAt(range.begin, WhyUnresolved(text, tag));
    if (!rep.value.IsString()) rep.text = tree_.Keep(text);
    Place(rep, range.end, TextOf(scalar.anchor));
    return {};
  }

  Done TakeKey(std::string_view text, Range range, bool plain, std::string_view tag,
               std::string_view anchor) {
    if (plain && text.empty() && tag.empty()) return FailAt(range.begin, "a key is missing before ':'");
    if (plain && text == "<<") {
      return FailAt(range.begin, "merge keys ('<<') are not part of YAML 1.2; write the members out");
    }
    if (!tag.empty() && tag != "!" && tag != "tag:yaml.org,2002:str") {
      return FailAt(range.begin, "the tag '" + std::string(tag) + "' is not supported on a key");
    }
    if (!anchor.empty()) return FailAt(range.begin, "an anchor on a key is not supported");
    if (const auto first = tree_.AddKey(text, range)) return Duplicate(text, range.begin, *first);
    return {};
  }

  static bool Resolve(std::string_view text, bool plain, std::string_view tag, Json& value) {
    if (tag.empty()) {
      if (plain) return ResolvePlain(text, value);
      value = Json(text);
      return true;
    }
    if (tag == "!" || tag == "tag:yaml.org,2002:str") {
      value = Json(text);
      return true;
    }
    if (!tag.starts_with(kCoreTag) || !ResolvePlain(text, value)) return false;
    tag.remove_prefix(kCoreTag.size());
    if (tag == "null") return value.IsNull();
    if (tag == "bool") return value.IsBool();
    if (tag == "float") return value.IsNumber();
    if (tag == "int") return value.IsNumber() && text.find_first_of(".eE") == std::string_view::npos;
    return false;
  }

  static std::string WhyUnresolved(std::string_view written, std::string_view tag) {
    const std::string text(written);
    if (!tag.empty()) {
      return "the tag '" + std::string(tag) +
             "' does not go with this value; supported are !!str, !!int, !!float, " + "!!bool and !!null";
    }
    if (text.starts_with("0x") || text.starts_with("0o")) return "'" + text + "' does not fit into 64 bits";
    return "'" + text + "' has no JSON form; quote it if it is text";
  }

  void Place(const Rep& rep, Position end, std::string_view anchor) {
    if (!anchor.empty()) anchors_[std::string(anchor)] = &rep;
    tree_.Place(rep, end);
  }

  // libyaml's words, and what is probably meant.
  YamlError ScannerError() const {
    if (parser_.error == YAML_READER_ERROR) {
      const Position at = PositionOfOffset(text_, parser_.problem_offset);
      return {.message =
                  "a control character that YAML does not allow here; write it as an escape in double quotes",
              .line = at.line,
              .column = at.column};
    }
    const Position at = PositionOf(parser_.problem_mark);
    YamlError error{.message = parser_.problem == nullptr ? "not valid YAML" : parser_.problem,
                    .line = at.line,
                    .column = at.column};
    const std::string_view rest = text_.substr(std::min(OffsetOf(at), text_.size()));
    const char next = rest.empty() ? '\0' : rest.front();
    if (error.message.starts_with("found character that cannot start any token")) {
      error.message = next == '\t'
                          ? "a tab cannot indent; use spaces"
                          : std::string("a value cannot begin with '") + next + "' unless it is quoted";
    } else if (error.message.starts_with("found a tab character") ||
               error.message.starts_with("found a tab")) {
      error.message = "a tab cannot indent; use spaces";
    } else if (error.message.starts_with("mapping values are not allowed")) {
      error.message =
          "a ':' followed by a space is not expected here; check the indentation, or quote the text";
    } else if (parser_.context != nullptr) {
      error.message += std::string(", ") + parser_.context;
      if (parser_.context_mark.line != parser_.problem_mark.line) {
        error.related = PositionOf(parser_.context_mark);
        error.message += " that begins at " + At(*error.related);
      }
    }
    return error;
  }

  std::size_t OffsetOf(Position position) const {
    std::size_t offset = 0;
    for (std::uint32_t line = 1; line < position.line && offset < text_.size(); ++line) {
      const std::size_t end = text_.find('\n', offset);
      offset = end == std::string_view::npos ? text_.size() : end + 1;
    }
    for (std::uint32_t column = 1; column < position.column && offset < text_.size(); ++column) {
      do ++offset;
      while (offset < text_.size() && (static_cast<unsigned char>(text_[offset]) & 0xC0U) == 0x80U);
    }
    return offset;
  }

  std::string_view text_;
  const ReadOptions& options_;
  yaml_parser_t parser_{};
  bool done_ = false;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  TreeBuilder tree_;
  struct Open {  // a list or mapping
    std::string anchor;
    bool flow = false;
  };
  std::vector<Open> open_;
  std::unordered_map<std::string, const Rep*> anchors_;
  std::unordered_set<std::string> anchors_open_;
};

}  // namespace

std::expected<Node, YamlError> Read(std::string_view text, const ReadOptions& options) {
  if (text.size() > options.bytes_max) {
    auto error = FailAt({1, 1}, "larger than " + std::to_string(options.bytes_max) + " bytes");
    error.error().too_large = true;
    return error;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const std::size_t bad = FindInvalidUtf8(text); bad != std::string_view::npos) {
    return FailAt(PositionOfOffset(text, bad), "not valid UTF-8");
  }
  if (auto json = ReadJson(text, options)) return std::move(*json);
  return Composer(text, options).Compose();
}

}  // namespace elevaite::yaml
