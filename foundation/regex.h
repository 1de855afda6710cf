// Regex: Oniguruma with limits. A pattern that backtracks without end is stopped and says so.
//
// UTF-8 in patterns and texts; both must be valid. Syntax: Perl's with named groups
// (https://github.com/kkos/oniguruma/blob/master/doc/RE), where `^` and `$` are the ends of the whole text.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elevaite {

struct RegexOptions {
  bool ignore_case = false;
  bool extended = false;     // blanks and comments in the pattern do not count
  bool single_line = false;  // `$` is the end only
  bool dot_matches_newline = false;
  bool longest = false;  // the longest of the alternatives, not the first
  friend bool operator==(const RegexOptions&, const RegexOptions&) = default;
};

// Immutable; may be shared by threads; copying is O(1).
class Regex {
 public:
  static constexpr std::size_t kPatternBytesMax = 16U << 10U;

  struct Group {  // byte offsets; -1: the group took no part
    int begin = -1;
    int end = -1;
  };
  using Groups = std::vector<Group>;  // [0] is the whole match

  enum class Outcome : std::uint8_t { kMatch, kNoMatch, kGaveUp, kError };
  struct SearchResult {
    Outcome outcome = Outcome::kNoMatch;
    std::uint64_t cost = 0;  // about 0.1 microseconds each; to be charged to the caller's budget
    std::string error{};     // of kError
  };

  // The error is a sentence for people.
  static std::expected<Regex, std::string> Compile(std::string_view pattern,
                                                   const RegexOptions& options = {});

  // The first match that begins at `from` or later. At most 1,000,000 backtracks, then kGaveUp.
  SearchResult Search(std::string_view text, std::size_t from = 0, Groups* groups = nullptr) const;

  // The name of each group, [0] included; empty where there is none.
  const std::vector<std::string>& group_names() const;

 private:
  struct Rep;
  explicit Regex(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

}  // namespace elevaite
