// ParseJson: Boost.JSON's event parser reads the text, this file builds the value and says where an error is.
#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <optional>

#include "foundation/json.h"

namespace elevaite {
namespace {

namespace bj = boost::json;

class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit Builder(bool allow_duplicate_keys) : allow_duplicate_keys_(allow_duplicate_keys) {}

  Json TakeRoot() { return std::move(root_); }
  const std::optional<std::string>& duplicate() const { return duplicate_; }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return Open(Json::EmptyObject()); }
  bool on_array_begin(bj::error_code&) { return Open(Json::EmptyArray()); }
  bool on_object_end(std::size_t, bj::error_code&) { return Close(); }
  bool on_array_end(std::size_t, bj::error_code&) { return Close(); }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return Collect(part); }
  bool on_key(bj::string_view part, std::size_t, bj::error_code& error) {
    Json key(Whole(part));
    text_.clear();
    if (!allow_duplicate_keys_ && open_.back().container.Find(key.AsString()) != nullptr) {
      duplicate_ = std::string(key.AsString());
      error = bj::error::syntax;
      return false;
    }
    open_.back().key = std::move(key);
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return Collect(part); }
  bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
    Json value(Whole(part));
    text_.clear();
    return Put(std::move(value));
  }
  bool on_number_part(bj::string_view part, bj::error_code&) { return Collect(part); }
  bool on_int64(std::int64_t value, bj::string_view part, bj::error_code&) {
    return value == 0 ? Number(part) : PutInteger(value);  // -0 is no integer
  }
  bool on_uint64(std::uint64_t value, bj::string_view, bj::error_code&) { return PutInteger(value); }
  bool on_double(double, bj::string_view part, bj::error_code&) { return Number(part); }
  bool on_bool(bool value, bj::error_code&) { return Put(value); }
  bool on_null(bj::error_code&) { return Put(nullptr); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  struct Frame {
    Json container;
    Json key;
  };

  bool Collect(bj::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  std::string_view Whole(bj::string_view part) {
    if (text_.empty()) return {part.data(), part.size()};
    text_.append(part.data(), part.size());
    return text_;
  }
  bool Number(bj::string_view part) {
    Json value = Json::NumberFromText(Whole(part));
    text_.clear();
    return Put(std::move(value));
  }
  template <class Integer>
  bool PutInteger(Integer value) {
    text_.clear();
    return Put(value);
  }
  bool Open(Json container) {
    open_.push_back({std::move(container), Json()});
    return true;
  }
  bool Close() {
    Json done = std::move(open_.back().container);
    open_.pop_back();
    return Put(std::move(done));
  }
  bool Put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Frame& top = open_.back(); top.container.IsArray()) {
      top.container = Json::Append(std::move(top.container), std::move(value));
    } else {
      top.container = Json::WithMember(std::move(top.container), top.key, std::move(value));
    }
    return true;
  }

  bool allow_duplicate_keys_;
  std::optional<std::string> duplicate_;
  std::string text_;
  std::vector<Frame> open_;
  Json root_;
};

std::string Position(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  return fmt::format("line {}, column {}", line, offset - line_start + 1);
}

std::string Describe(const bj::error_code& error) {
  if (error == bj::error::incomplete) return "the text ends too early";
  if (error == bj::error::extra_data) return "unexpected text after the value";
  if (error == bj::error::too_deep) return "nested too deeply";
  if (error == bj::error::illegal_leading_surrogate || error == bj::error::illegal_trailing_surrogate ||
      error == bj::error::expected_utf16_escape) {
    return "a \\u escape is half of a surrogate pair";
  }
  return "this is not JSON (" + error.message() + ")";
}

}  // namespace

Result<Json> ParseJsonPrefix(std::string_view text, std::size_t& consumed, const JsonParseOptions& options) {
  if (text.size() > options.bytes_max) {
    return Fail(ErrorCode::kPayloadTooLarge, fmt::format("the JSON text has {} bytes; at most {} are read",
                                                         text.size(), options.bytes_max));
  }
  bj::parse_options parse_options;
  parse_options.max_depth = options.depth_max;
  parse_options.allow_invalid_utf8 = true;  // checked below, with a position
  bj::basic_parser<Builder> parser(parse_options, options.allow_duplicate_keys);
  bj::error_code error;
  consumed = parser.write_some(false, text.data(), text.size(), error);
  if (const std::size_t bad = FindInvalidUtf8(text.substr(0, consumed)); bad != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, Position(text, bad) + ": the text is not valid UTF-8");
  }
  if (const auto& key = parser.handler().duplicate()) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: the key \"{}\" is there twice in one object",
                                                         Position(text, consumed), *key));
  }
  if (error) return Fail(ErrorCode::kInvalidArgument, Position(text, consumed) + ": " + Describe(error));
  return parser.handler().TakeRoot();
}

Result<Json> ParseJson(std::string_view text, const JsonParseOptions& options) {
  std::size_t consumed = 0;
  ASSIGN_OR_RETURN(Json value, ParseJsonPrefix(text, consumed, options));
  const std::size_t rest = text.find_first_not_of(" \t\r\n", consumed);
  if (rest == std::string_view::npos) return value;
  return Fail(ErrorCode::kInvalidArgument, Position(text, rest) + ": unexpected text after the value");
}

}  // namespace elevaite
