#include "foundation/regex.h"

#include <oniguruma.h>

#include <chrono>

namespace elevaite {
namespace {

constexpr unsigned long kRetryMax = 1'000'000;  // backtracks in one search
constexpr unsigned kStackMax = 100'000;         // of Oniguruma's own match stack
constexpr unsigned kNestingMax = 200;           // of the pattern
constexpr std::uint64_t kStepsPerMicrosecond = 10;

struct RegionFree {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct ParamFree {
  void operator()(OnigMatchParam* param) const { onig_free_match_param(param); }
};
using Param = std::unique_ptr<OnigMatchParam, ParamFree>;

const OnigUChar* Bytes(std::string_view text) { return reinterpret_cast<const OnigUChar*>(text.data()); }

std::string Text(const OnigUChar* begin, int size) {
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(size)};
}

OnigOptionType OnigOptions(const RegexOptions& options) {
  OnigOptionType result = ONIG_OPTION_CAPTURE_GROUP;
  if (options.ignore_case) result |= ONIG_OPTION_IGNORECASE;
  if (options.extended) result |= ONIG_OPTION_EXTEND;
  if (options.single_line) result |= ONIG_OPTION_SINGLELINE;
  if (options.dot_matches_newline) result |= ONIG_OPTION_MULTILINE;
  if (options.longest) result |= ONIG_OPTION_FIND_LONGEST;
  return result;
}

void Initialise() {
  static const int initialised = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_set_parse_depth_limit(kNestingMax);
    return onig_initialize(encodings, 1);
  }();
  (void)initialised;
}

Param LimitedParam() {
  Param param(onig_new_match_param());
  onig_initialize_match_param(param.get());
  onig_set_retry_limit_in_match_of_match_param(param.get(), kRetryMax);
  onig_set_retry_limit_in_search_of_match_param(param.get(), kRetryMax);
  onig_set_match_stack_limit_size_of_match_param(param.get(), kStackMax);
  return param;
}

std::vector<std::string> NamesOf(regex_t* regex) {
  std::vector<std::string> names(static_cast<std::size_t>(onig_number_of_captures(regex)) + 1);
  onig_foreach_name(
      regex,
      [](const OnigUChar* name, const OnigUChar* name_end, int count, int* groups, regex_t*, void* data) {
        auto& all = *static_cast<std::vector<std::string>*>(data);
        for (int i = 0; i < count; ++i) {
          all[static_cast<std::size_t>(groups[i])] = Text(name, static_cast<int>(name_end - name));
        }
        return 0;
      },
      &names);
  return names;
}

Regex::SearchResult ResultOf(int at) {
  if (at >= 0) return {.outcome = Regex::Outcome::kMatch};
  switch (at) {
    case ONIG_MISMATCH: return {.outcome = Regex::Outcome::kNoMatch};
    case ONIGERR_RETRY_LIMIT_IN_MATCH_OVER:
    case ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER:
    case ONIGERR_MATCH_STACK_LIMIT_OVER: return {.outcome = Regex::Outcome::kGaveUp};
    default: break;
  }
  OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int length = onig_error_code_to_str(message, at);
  return {.outcome = Regex::Outcome::kError, .error = Text(message, length)};
}

}  // namespace

struct Regex::Rep {
  explicit Rep(regex_t* compiled) : regex(compiled), names(NamesOf(compiled)) {}
  ~Rep() { onig_free(regex); }
  Rep(const Rep&) = delete;
  Rep& operator=(const Rep&) = delete;

  regex_t* regex;
  std::vector<std::string> names;
};

std::expected<Regex, std::string> Regex::Compile(std::string_view pattern, const RegexOptions& options) {
  Initialise();
  if (pattern.size() > kPatternBytesMax) return std::unexpected("the regular expression is too long");
  regex_t* raw = nullptr;
  OnigErrorInfo info;
  const int status = onig_new(&raw, Bytes(pattern), Bytes(pattern) + pattern.size(), OnigOptions(options),
                              ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, &info);
  if (status != ONIG_NORMAL) {
    OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
    const int length = onig_error_code_to_str(message, status, &info);
    return std::unexpected(Text(message, length));
  }
  return Regex(std::make_shared<const Rep>(raw));
}

Regex::SearchResult Regex::Search(std::string_view text, std::size_t from, Groups* groups) const {
  const std::unique_ptr<OnigRegion, RegionFree> region(groups != nullptr ? onig_region_new() : nullptr);
  const Param param = LimitedParam();
  const OnigUChar* begin = Bytes(text);
  const OnigUChar* end = begin + text.size();
  const auto before = std::chrono::steady_clock::now();
  const int at = onig_search_with_param(rep_->regex, begin, end, begin + from, end, region.get(),
                                        ONIG_OPTION_NONE, param.get());
  const auto took = std::chrono::steady_clock::now() - before;
  SearchResult result = ResultOf(at);
  // A search may take long without using up its own limit: its time counts too.
  result.cost = 20 + (text.size() - from) / 16;
  if (took > std::chrono::microseconds(100)) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    result.cost += static_cast<std::uint64_t>(us) * kStepsPerMicrosecond;
  }
  if (groups != nullptr && result.outcome == Outcome::kMatch) {
    groups->resize(static_cast<std::size_t>(region->num_regs));
    for (std::size_t i = 0; i < groups->size(); ++i) (*groups)[i] = {region->beg[i], region->end[i]};
  }
  return result;
}

const std::vector<std::string>& Regex::group_names() const { return rep_->names; }

}  // namespace elevaite
