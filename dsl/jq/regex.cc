// Regular expressions by Oniguruma, with limits: a pattern that backtracks without end becomes a budget
// error.
#include <oniguruma.h>

#include <chrono>
#include <memory>
#include <utility>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

constexpr unsigned long kRetryMax = 1'000'000;  // backtracks in one search
constexpr unsigned kStackMax = 100'000;         // of Oniguruma's own match stack
constexpr std::size_t kPatternBytesMax = 16U << 10U;

struct RegexFree {
  void operator()(regex_t* regex) const { onig_free(regex); }
};
using Regex = std::shared_ptr<regex_t>;

struct Options {
  bool global = false;
  bool skip_empty = false;
  OnigOptionType onig = ONIG_OPTION_CAPTURE_GROUP;
};

bool ParseFlags(Context& context, const Json& flags, Options& options) {
  if (flags.IsNull()) return true;
  if (!flags.IsString()) return context.Fail(Describe(flags) + " is not a string");
  for (const char flag : flags.AsString()) {
    switch (flag) {
      case 'g': options.global = true; break;
      case 'i': options.onig |= ONIG_OPTION_IGNORECASE; break;
      case 'x': options.onig |= ONIG_OPTION_EXTEND; break;
      case 's': options.onig |= ONIG_OPTION_SINGLELINE; break;
      case 'p': options.onig |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE; break;
      case 'l': options.onig |= ONIG_OPTION_FIND_LONGEST; break;
      case 'n': options.skip_empty = true; break;
      default: return context.Fail(std::string(flags.AsString()) + " is not a valid modifier string");
    }
  }
  return true;
}

// A few compiled patterns a thread: workflows run the same filter over and over.
struct Cached {
  std::string pattern;
  OnigOptionType options = 0;
  Regex regex;
};

bool CompileRegex(Context& context, std::string_view pattern, OnigOptionType options, Regex& out) {
  static const int initialised = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_set_parse_depth_limit(200);
    return onig_initialize(encodings, 1);
  }();
  (void)initialised;
  thread_local Cached cache[16];
  thread_local unsigned next = 0;
  for (const Cached& one : cache) {
    if (one.regex && one.options == options && one.pattern == pattern) {
      out = one.regex;
      return true;
    }
  }
  if (pattern.size() > kPatternBytesMax) return context.Fail("the regular expression is too long");
  if (!context.Step(50 + pattern.size())) return false;
  regex_t* raw = nullptr;
  OnigErrorInfo info;
  const auto* begin = reinterpret_cast<const OnigUChar*>(pattern.data());
  const int status =
      onig_new(&raw, begin, begin + pattern.size(), options, ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, &info);
  if (status != ONIG_NORMAL) {
    OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
    const int length = onig_error_code_to_str(message, status, &info);
    return context.Fail(
        std::string(pattern) + " (at offset 0) is not a valid regex: " +
        std::string(reinterpret_cast<const char*>(message), static_cast<std::size_t>(length)));
  }
  out = Regex(raw, RegexFree{});
  cache[next++ % std::size(cache)] = {std::string(pattern), options, out};
  return true;
}

// The arguments of test, match and the like: a pattern, or [pattern] or [pattern, flags] with no flags
// beside.
bool Arguments(Context& context, const Json& input, const Json* arguments, Options& options, Regex& regex) {
  const Json* pattern = &arguments[0];
  const Json* flags = &arguments[1];
  if (pattern->IsArray() && flags->IsNull() && pattern->Size() > 0) {
    flags = &pattern->At(1);
    pattern = &pattern->At(0);
  } else if (!pattern->IsString() && flags->IsNull()) {
    return context.Fail(Describe(*pattern) + " cannot be matched, as it is not a string");
  }
  if (!input.IsString()) return context.Fail(Describe(input) + " cannot be matched, as it is not a string");
  if (!pattern->IsString())
    return context.Fail(Describe(*pattern) + " cannot be matched, as it is not a string");
  return ParseFlags(context, *flags, options) &&
         CompileRegex(context, pattern->AsString(), options.onig, regex);
}

struct RegionFree {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct ParamFree {
  void operator()(OnigMatchParam* param) const { onig_free_match_param(param); }
};

// Calls found(region) for each match; it answers false to fail. One match unless `global`.
template <class F>
bool Search(Context& context, std::string_view text, const Options& options, bool global, const Regex& regex,
            F&& found) {
  const std::unique_ptr<OnigRegion, RegionFree> region(onig_region_new());
  const std::unique_ptr<OnigMatchParam, ParamFree> param(onig_new_match_param());
  onig_initialize_match_param(param.get());
  onig_set_retry_limit_in_match_of_match_param(param.get(), kRetryMax);
  onig_set_retry_limit_in_search_of_match_param(param.get(), kRetryMax);
  onig_set_match_stack_limit_size_of_match_param(param.get(), kStackMax);
  const auto* begin = reinterpret_cast<const OnigUChar*>(text.data());
  const auto* end = begin + text.size();
  const auto* start = begin;
  for (;;) {
    if (!context.Step(20 + static_cast<std::size_t>(end - start) / 16)) return false;
    const auto before = std::chrono::steady_clock::now();
    const int at = onig_search_with_param(regex.get(), begin, end, start, end, region.get(), ONIG_OPTION_NONE,
                                          param.get());
    // A search may take long without using up its own limit: count the time as steps, so that the clock is
    // looked at.
    const auto took = std::chrono::steady_clock::now() - before;
    if (took > std::chrono::microseconds(100) &&
        !context.Step(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()) *
            10)) {
      return false;
    }
    if (at == ONIG_MISMATCH) return true;
    if (at == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || at == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER ||
        at == ONIGERR_MATCH_STACK_LIMIT_OVER) {
      return context.FailBudget("a regular expression took too long to match");
    }
    if (at < 0) {
      OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
      const int length = onig_error_code_to_str(message, at);
      return context.Fail("Regex failure: " + std::string(reinterpret_cast<const char*>(message),
                                                          static_cast<std::size_t>(length)));
    }
    const bool empty = region->end[0] == region->beg[0];
    if (!(empty && options.skip_empty) && !found(*region)) return false;
    if (!global) return true;
    if (empty) {  // go on behind the next character
      if (begin + region->end[0] >= end) return true;
      start = begin + region->end[0];
      start += OffsetOf(
          std::string_view(reinterpret_cast<const char*>(start), static_cast<std::size_t>(end - start)), 1);
    } else {
      start = begin + region->end[0];
      if (start > end) return true;
    }
  }
}

// The names of the groups, null where there is none.
std::vector<Json> GroupNames(const Regex& regex) {
  std::vector<Json> names(static_cast<std::size_t>(onig_number_of_captures(regex.get())) + 1);
  onig_foreach_name(
      regex.get(),
      [](const OnigUChar* name, const OnigUChar* name_end, int count, int* groups, regex_t*, void* data) {
        auto& all = *static_cast<std::vector<Json>*>(data);
        const std::string_view text(reinterpret_cast<const char*>(name),
                                    static_cast<std::size_t>(name_end - name));
        for (int i = 0; i < count; ++i) all[static_cast<std::size_t>(groups[i])] = Json(text);
        return 0;
      },
      &names);
  return names;
}

// Byte offsets to code points; asked in mostly rising order.
class PointCounter {
 public:
  explicit PointCounter(std::string_view text) : text_(text) {}
  std::int64_t At(int offset) {
    const auto at = static_cast<std::size_t>(offset);
    if (at < offset_) {
      offset_ = 0;
      points_ = 0;
    }
    points_ += static_cast<std::int64_t>(CountCodePoints(text_.substr(offset_, at - offset_)));
    work_ += at - offset_;
    offset_ = at;
    return points_;
  }

  std::size_t TakeWork() { return std::exchange(work_, 0); }  // bytes looked at since the last call

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  std::int64_t points_ = 0;
  std::size_t work_ = 0;
};

Json Member(std::string_view text, int begin, int end) {
  return begin < 0
             ? Json()
             : Json(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

// {offset, length, string, captures: [{offset, length, string, name}]}
Json MatchObject(std::string_view text, const OnigRegion& region, const std::vector<Json>& names,
                 PointCounter& points) {
  std::vector<Json> captures;
  const std::int64_t offset = points.At(region.beg[0]);
  for (int i = 1; i < region.num_regs; ++i) {
    const int begin = region.beg[i];
    const int end = region.end[i];
    const auto length = begin < 0
                            ? 0
                            : static_cast<std::int64_t>(CountCodePoints(text.substr(
                                  static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))));
    captures.push_back(Json::Object({{"offset", begin < 0 ? Json(-1) : Json(points.At(begin))},
                                     {"length", Json(length)},
                                     {"string", Member(text, begin, end)},
                                     {"name", names[static_cast<std::size_t>(i)]}}));
  }
  const Json whole = Member(text, region.beg[0], region.end[0]);
  return Json::Object({{"offset", Json(offset)},
                       {"length", Json(static_cast<std::int64_t>(CountCodePoints(whole.AsString())))},
                       {"string", whole},
                       {"captures", Json::Array(std::move(captures))}});
}

bool Test(Context& context, Json& input, Json* arguments, Json& out) {
  Options options;
  Regex regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  bool matched = false;
  const bool done = Search(context, input.AsString(), options, options.global, regex, [&](const OnigRegion&) {
    matched = true;
    return true;
  });
  out = Json(matched);
  return done;
}

bool TestPattern(Context& context, Json& input, Json* arguments, Json& out) {
  Json two[2] = {arguments[0], Json()};
  return Test(context, input, two, out);
}

template <class F>
bool EachMatch(Context& context, const Json& input, const Json* arguments, bool always_global, F&& make,
               Json& out) {
  Options options;
  Regex regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  const std::vector<Json> names = GroupNames(regex);
  const std::string_view text = input.AsString();
  std::vector<Json> results;
  const Context::LocalRoot root(context, results);
  const bool done =
      Search(context, text, options, options.global || always_global, regex, [&](const OnigRegion& region) {
        results.push_back(make(text, region, names));
        return context.Charge(400 * static_cast<std::size_t>(region.num_regs));
      });
  return done && MakeArray(context, std::vector<Json>(results), out);
}

bool Match(Context& context, Json& input, Json* arguments, Json& out) {
  PointCounter points(input.StringOr(""));
  return EachMatch(
      context, input, arguments, false,
      [&](std::string_view text, const OnigRegion& region, const std::vector<Json>& names) {
        Json match = MatchObject(text, region, names, points);
        (void)context.Step(points.TakeWork() / 16);  // a failure shows at the next step
        return match;
      },
      out);
}

// The named groups of each match as an object.
bool Capture(Context& context, Json& input, Json* arguments, Json& out) {
  return EachMatch(
      context, input, arguments, false,
      [](std::string_view text, const OnigRegion& region, const std::vector<Json>& names) {
        Json object = Json::EmptyObject();
        for (int i = 1; i < region.num_regs; ++i) {
          const Json& name = names[static_cast<std::size_t>(i)];
          if (!name.IsString()) continue;
          object = Json::WithMember(std::move(object), name, Member(text, region.beg[i], region.end[i]));
        }
        return object;
      },
      out);
}

bool Scan(Context& context, Json& input, Json* arguments, Json& out) {
  return EachMatch(
      context, input, arguments, true,
      [](std::string_view text, const OnigRegion& region, const std::vector<Json>&) {
        if (region.num_regs == 1) return Member(text, region.beg[0], region.end[0]);
        std::vector<Json> groups;
        for (int i = 1; i < region.num_regs; ++i)
          groups.push_back(Member(text, region.beg[i], region.end[i]));
        return Json::Array(std::move(groups));
      },
      out);
}

// The text between the matches.
bool SplitByRegex(Context& context, Json& input, Json* arguments, Json& out) {
  Options options;
  Regex regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  const std::string_view text = input.AsString();
  std::vector<Json> parts;
  const Context::LocalRoot root(context, parts);
  int from = 0;
  const bool done = Search(context, text, options, true, regex, [&](const OnigRegion& region) {
    parts.push_back(Member(text, from, region.beg[0]));
    from = region.end[0];
    return context.Charge(64);
  });
  if (!done) return false;
  parts.push_back(Member(text, from, static_cast<int>(text.size())));
  return MakeArray(context, std::vector<Json>(parts), out);
}

// For sub and gsub: [[gap before, captures object] ..., rest].
bool Edits(Context& context, Json& input, Json* arguments, Json& out) {
  int from = 0;
  const Json held = input;
  Json matches;
  if (!EachMatch(
          context, held, arguments, false,
          [&](std::string_view text, const OnigRegion& region, const std::vector<Json>& names) {
            Json object = Json::EmptyObject();
            for (int i = 1; i < region.num_regs; ++i) {
              const Json& name = names[static_cast<std::size_t>(i)];
              if (!name.IsString()) continue;
              object = Json::WithMember(std::move(object), name, Member(text, region.beg[i], region.end[i]));
            }
            Json edit = Json::Array({Member(text, from, region.beg[0]), std::move(object)});
            from = region.end[0];
            return edit;
          },
          matches)) {
    return false;
  }
  out = Json::Append(std::move(matches), Member(held.AsString(), from, static_cast<int>(held.Size())));
  return true;
}

constexpr Native kNatives[] = {
    {"test", 1, false, TestPattern}, {"test", 2, false, Test},  {"_match", 2, false, Match},
    {"_capture", 2, false, Capture}, {"_scan", 2, false, Scan}, {"split", 2, false, SplitByRegex},
    {"_edits", 2, false, Edits},
};

}  // namespace

std::span<const Native> RegexNatives() { return kNatives; }

}  // namespace elevaite::jq
