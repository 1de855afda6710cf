#include "dsl/schema/ecma_regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "dsl/schema/evaluation.h"

namespace elevaite::schema {
namespace {

constexpr std::string_view kDigit = "0-9";
constexpr std::string_view kNoDigit = R"(\x{0}-\x{2F}\x{3A}-\x{10FFFF})";
constexpr std::string_view kWord = "0-9A-Z_a-z";
constexpr std::string_view kNoWord = R"(\x{0}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{5E}\x{60}\x{7B}-\x{10FFFF})";
constexpr std::string_view kBlank =
    R"(\x{9}-\x{D}\x{20}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF})";
constexpr std::string_view kNoBlank =
    R"(\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027})"
    R"(\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF})";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  std::expected<std::string, std::string> Run() {
    while (at_ < in_.size() && error_.empty()) Next();
    if (!error_.empty()) return std::unexpected(std::move(error_));
    return std::move(out_);
  }

 private:
  void Next() {
    const char c = in_[at_];
    const bool was_quantified = std::exchange(quantified_, false);
    switch (c) {
      case '\\': Escape(false); break;
      case '[': Class(); break;
      case '(': Group(); break;
      case '^': Emit(1, "\\A"); break;
      case '$': Emit(1, "\\z"); break;
      case '.': Emit(1, R"([^\n\r\x{2028}\x{2029}])"); break;
      case '*':
      case '+':
      case '?': Quantifier(1, was_quantified); break;
      case '{': Braces(was_quantified); break;
      default: Emit(1, in_.substr(at_, 1)); break;
    }
  }

  void Emit(std::size_t consumed, std::string_view text) {
    at_ += consumed;
    out_ += text;
  }
  void Fail(std::string why) {
    if (error_.empty()) error_ = fmt::format("{} (at offset {})", why, at_);
  }
  char Peek(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }

  void Quantifier(std::size_t size, bool was_quantified) {
    if (was_quantified) return Fail("nothing to repeat");
    Emit(size, in_.substr(at_, size));
    if (Peek(0) == '?') Emit(1, "?");
    quantified_ = true;
  }

  void Braces(bool was_quantified) {
    std::size_t end = at_ + 1;
    while (end < in_.size() && (IsDigit(in_[end]) || in_[end] == ',')) ++end;
    if (end == in_.size() || in_[end] != '}' || !IsDigit(Peek(1))) return Emit(1, "\\{");
    Quantifier(end + 1 - at_, was_quantified);
  }

  void Group() {
    if (Peek(1) != '?') return Emit(1, "(");
    const std::string_view rest = in_.substr(at_ + 2);
    for (const std::string_view kind : {":", "=", "!", "<=", "<!"}) {
      if (rest.starts_with(kind)) return Emit(2 + kind.size(), "(?" + std::string(kind));
    }
    if (rest.size() > 1 && rest[0] == '<' && (IsLetter(rest[1]) || rest[1] == '_')) return Emit(3, "(?<");
    Fail("`(?` must be followed by : = ! <= <! or <name>");
  }

  void Class() {
    const bool negated = Peek(1) == '^';
    at_ += negated ? 2 : 1;
    if (Peek(0) == ']') return Emit(1, negated ? R"([\x{0}-\x{10FFFF}])" : "(?!)");
    out_ += negated ? "[^" : "[";
    while (at_ < in_.size() && in_[at_] != ']' && error_.empty()) {
      if (in_[at_] == '\\') {
        Escape(true);
      } else if (in_[at_] == '[' || in_[at_] == '&') {
        Emit(1, in_[at_] == '[' ? "\\[" : "\\&");
      } else {
        Emit(1, in_.substr(at_, 1));
      }
    }
    if (at_ == in_.size()) return Fail("`[` is never closed");
    Emit(1, "]");
  }

  void Set(bool in_class, std::string_view ranges) {
    Emit(2, in_class ? std::string(ranges) : fmt::format("[{}]", ranges));
  }
  void CodePoint(std::size_t consumed, std::uint32_t point) {
    Emit(consumed, fmt::format("\\x{{{:X}}}", point));
  }

  // At a backslash.
  void Escape(bool in_class) {
    const char c = Peek(1);
    switch (c) {
      case 'd': return Set(in_class, kDigit);
      case 'D': return Set(in_class, kNoDigit);
      case 'w': return Set(in_class, kWord);
      case 'W': return Set(in_class, kNoWord);
      case 's': return Set(in_class, kBlank);
      case 'S': return Set(in_class, kNoBlank);
      case 't': return CodePoint(2, '\t');
      case 'n': return CodePoint(2, '\n');
      case 'v': return CodePoint(2, '\v');
      case 'f': return CodePoint(2, '\f');
      case 'r': return CodePoint(2, '\r');
      case 'b':
      case 'B': return in_class && c == 'b' ? CodePoint(2, '\b') : Boundary(in_class, c == 'b');
      case 'c':
        return IsLetter(Peek(2)) ? CodePoint(3, static_cast<std::uint32_t>(Peek(2)) % 32)
                                 : Fail("\\c must be followed by a letter");
      case 'x': return Hex(2, 2);
      case 'u': return Unicode();
      case 'p':
      case 'P': return Property();
      case 'k': return in_class ? Fail("\\k cannot stand in a class") : Emit(2, "\\k");
      case '0': return IsDigit(Peek(2)) ? Fail("octal escapes are not allowed") : CodePoint(2, 0);
      default: break;
    }
    if (IsDigit(c) && !in_class) return Emit(2, in_.substr(at_, 2));
    if (at_ + 1 == in_.size()) return Fail("`\\` at the end");
    if (IsDigit(c) || IsLetter(c) || static_cast<unsigned char>(c) >= 0x80)
      return Fail("`\\` before a character that needs none");
    CodePoint(2, static_cast<std::uint32_t>(c));
  }

  void Boundary(bool in_class, bool positive) {
    if (in_class) return Fail("\\B cannot stand in a class");
    Emit(2, positive ? fmt::format("(?:(?<=[{0}])(?![{0}])|(?<![{0}])(?=[{0}]))", kWord)
                     : fmt::format("(?:(?<=[{0}])(?=[{0}])|(?<![{0}])(?![{0}]))", kWord));
  }

  std::optional<std::uint32_t> HexAt(std::size_t ahead, std::size_t digits) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = Peek(ahead + i);
      const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!IsDigit(c) && !letter) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
  }

  void Hex(std::size_t ahead, std::size_t digits) {
    const auto value = HexAt(ahead, digits);
    return value ? CodePoint(ahead + digits, *value) : Fail("hexadecimal digits are missing");
  }

  void Unicode() {
    if (Peek(2) == '{') {
      const std::size_t end = std::min(in_.find('}', at_), in_.size());
      const std::size_t digits = end - at_ - 3;
      const auto value = digits >= 1 && digits <= 6 ? HexAt(3, digits) : std::nullopt;
      if (!value || *value > 0x10FFFF || end == in_.size()) return Fail("\\u{...} holds no code point");
      return CodePoint(digits + 4, *value);
    }
    const auto high = HexAt(2, 4);
    if (!high || *high < 0xD800 || *high > 0xDFFF) return Hex(2, 4);
    const auto low = Peek(6) == '\\' && Peek(7) == 'u' ? HexAt(8, 4) : std::nullopt;
    if (*high > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) return Fail("half of a surrogate pair");
    CodePoint(12, 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00));
  }

  // \p{Letter}, \p{Script=Greek}, \p{gc=Lu}: Oniguruma knows the values without the kind.
  void Property() {
    const std::size_t end = in_.find('}', at_);
    if (Peek(2) != '{' || end == std::string_view::npos) return Fail("\\p must be followed by {...}");
    std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
    for (const std::string_view kind :
         {"Script=", "sc=", "Script_Extensions=", "scx=", "General_Category=", "gc="}) {
      if (name.starts_with(kind)) name.remove_prefix(kind.size());
    }
    const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
      return IsLetter(c) || IsDigit(c) || c == '_';
    });
    if (!plain) return Fail("\\p{...} holds no name of a property");
    Emit(end + 1 - at_, fmt::format("\\{}{{{}}}", Peek(1), name));
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::string error_;
  bool quantified_ = false;  // what was just read can be followed by no quantifier
};

}  // namespace

std::expected<Regex, std::string> CompileEcmaRegex(std::string_view pattern) {
  if (pattern.size() > Regex::kPatternBytesMax) return std::unexpected("the regular expression is too long");
  auto translated = Translator(pattern).Run();
  if (!translated) return std::unexpected(std::move(translated).error());
  return Regex::Compile(*translated);
}

bool Matches(const Regex& regex, std::string_view text, Evaluation& run) {
  const Regex::SearchResult result = regex.Search(text);
  if (!run.Step(result.cost)) return false;
  switch (result.outcome) {
    case Regex::Outcome::kMatch: return true;
    case Regex::Outcome::kNoMatch: return false;
    case Regex::Outcome::kGaveUp: return run.Stop("could not be checked: a regular expression took too long");
    case Regex::Outcome::kError: return run.Stop("could not be checked: " + result.error);
  }
  return false;
}

}  // namespace elevaite::schema
