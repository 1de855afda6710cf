// Regular expressions (foundation/regex.h): a pattern that backtracks without end becomes a budget error.
#include "foundation/regex.h"

#include <optional>
#include <utility>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

struct Options {
  bool global = false;
  bool skip_empty = false;
  RegexOptions regex;
};

bool ParseFlags(Context& context, const Json& flags, Options& options) {
  if (flags.IsNull()) return true;
  if (!flags.IsString()) return context.Fail(Describe(flags) + " is not a string");
  for (const char flag : flags.AsString()) {
    switch (flag) {
      case 'g': options.global = true; break;
      case 'i': options.regex.ignore_case = true; break;
      case 'x': options.regex.extended = true; break;
      case 's': options.regex.single_line = true; break;
      case 'p': options.regex.dot_matches_newline = options.regex.single_line = true; break;
      case 'l': options.regex.longest = true; break;
      case 'n': options.skip_empty = true; break;
      default: return context.Fail(std::string(flags.AsString()) + " is not a valid modifier string");
    }
  }
  return true;
}

// A few compiled patterns a thread: workflows run the same filter over and over.
struct Cached {
  std::string pattern;
  RegexOptions options;
  std::optional<Regex> regex;
};

bool CompileRegex(Context& context, std::string_view pattern, const RegexOptions& options,
                  std::optional<Regex>& out) {
  thread_local Cached cache[16];
  thread_local unsigned next = 0;
  for (const Cached& one : cache) {
    if (one.regex && one.options == options && one.pattern == pattern) {
      out = one.regex;
      return true;
    }
  }
  if (pattern.size() > Regex::kPatternBytesMax) return context.Fail("the regular expression is too long");
  if (!context.Step(50 + pattern.size())) return false;
  auto regex = Regex::Compile(pattern, options);
  if (!regex)
    return context.Fail(std::string(pattern) + " (at offset 0) is not a valid regex: " + regex.error());
  out = *std::move(regex);
  cache[next++ % std::size(cache)] = {std::string(pattern), options, out};
  return true;
}

// The arguments of test, match and the like: a pattern, or [pattern] or [pattern, flags] with no flags
// beside.
bool Arguments(Context& context, const Json& input, const Json* arguments, Options& options,
               std::optional<Regex>& regex) {
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
         CompileRegex(context, pattern->AsString(), options.regex, regex);
}

// Calls found(groups) for each match; it answers false to fail. One match unless `global`.
template <class F>
bool Search(Context& context, std::string_view text, const Options& options, bool global, const Regex& regex,
            F&& found) {
  Regex::Groups groups;
  std::size_t start = 0;
  for (;;) {
    const Regex::SearchResult result = regex.Search(text, start, &groups);
    if (!context.Step(result.cost)) return false;
    switch (result.outcome) {
      case Regex::Outcome::kNoMatch: return true;
      case Regex::Outcome::kGaveUp: return context.FailBudget("a regular expression took too long to match");
      case Regex::Outcome::kError: return context.Fail("Regex failure: " + result.error);
      case Regex::Outcome::kMatch: break;
    }
    const bool empty = groups[0].end == groups[0].begin;
    if (!(empty && options.skip_empty) && !found(groups)) return false;
    if (!global) return true;
    start = static_cast<std::size_t>(groups[0].end);
    if (empty) {  // go on behind the next character
      if (start >= text.size()) return true;
      start += OffsetOf(text.substr(start), 1);
    }
  }
}

// The names of the groups, null where there is none.
std::vector<Json> GroupNames(const Regex& regex) {
  std::vector<Json> names;
  for (const std::string& name : regex.group_names()) names.push_back(name.empty() ? Json() : Json(name));
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
Json MatchObject(std::string_view text, const Regex::Groups& groups, const std::vector<Json>& names,
                 PointCounter& points) {
  std::vector<Json> captures;
  const std::int64_t offset = points.At(groups[0].begin);
  for (std::size_t i = 1; i < groups.size(); ++i) {
    const int begin = groups[i].begin;
    const int end = groups[i].end;
    const auto length = begin < 0
                            ? 0
                            : static_cast<std::int64_t>(CountCodePoints(text.substr(
                                  static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))));
    captures.push_back(Json::Object({{"offset", begin < 0 ? Json(-1) : Json(points.At(begin))},
                                     {"length", Json(length)},
                                     {"string", Member(text, begin, end)},
                                     {"name", names[i]}}));
  }
  const Json whole = Member(text, groups[0].begin, groups[0].end);
  return Json::Object({{"offset", Json(offset)},
                       {"length", Json(static_cast<std::int64_t>(CountCodePoints(whole.AsString())))},
                       {"string", whole},
                       {"captures", Json::Array(std::move(captures))}});
}

bool Test(Context& context, Json& input, Json* arguments, Json& out) {
  Options options;
  std::optional<Regex> regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  bool matched = false;
  const bool done =
      Search(context, input.AsString(), options, options.global, *regex, [&](const Regex::Groups&) {
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
  std::optional<Regex> regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  const std::vector<Json> names = GroupNames(*regex);
  const std::string_view text = input.AsString();
  std::vector<Json> results;
  const Context::LocalRoot root(context, results);
  const bool done = Search(context, text, options, options.global || always_global, *regex,
                           [&](const Regex::Groups& groups) {
                             results.push_back(make(text, groups, names));
                             return context.Charge(400 * groups.size());
                           });
  return done && MakeArray(context, std::vector<Json>(results), out);
}

bool Match(Context& context, Json& input, Json* arguments, Json& out) {
  PointCounter points(input.StringOr(""));
  return EachMatch(
      context, input, arguments, false,
      [&](std::string_view text, const Regex::Groups& groups, const std::vector<Json>& names) {
        Json match = MatchObject(text, groups, names, points);
        (void)context.Step(points.TakeWork() / 16);  // a failure shows at the next step
        return match;
      },
      out);
}

// The named groups of each match as an object.
bool Capture(Context& context, Json& input, Json* arguments, Json& out) {
  return EachMatch(
      context, input, arguments, false,
      [](std::string_view text, const Regex::Groups& groups, const std::vector<Json>& names) {
        Json object = Json::EmptyObject();
        for (std::size_t i = 1; i < groups.size(); ++i) {
          const Json& name = names[i];
          if (!name.IsString()) continue;
          object = Json::WithMember(std::move(object), name, Member(text, groups[i].begin, groups[i].end));
        }
        return object;
      },
      out);
}

bool Scan(Context& context, Json& input, Json* arguments, Json& out) {
  return EachMatch(
      context, input, arguments, true,
      [](std::string_view text, const Regex::Groups& groups, const std::vector<Json>&) {
        if (groups.size() == 1) return Member(text, groups[0].begin, groups[0].end);
        std::vector<Json> texts;
        for (std::size_t i = 1; i < groups.size(); ++i)
          texts.push_back(Member(text, groups[i].begin, groups[i].end));
        return Json::Array(std::move(texts));
      },
      out);
}

// The text between the matches.
bool SplitByRegex(Context& context, Json& input, Json* arguments, Json& out) {
  Options options;
  std::optional<Regex> regex;
  if (!Arguments(context, input, arguments, options, regex)) return false;
  const std::string_view text = input.AsString();
  std::vector<Json> parts;
  const Context::LocalRoot root(context, parts);
  int from = 0;
  const bool done = Search(context, text, options, true, *regex, [&](const Regex::Groups& groups) {
    parts.push_back(Member(text, from, groups[0].begin));
    from = groups[0].end;
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
          [&](std::string_view text, const Regex::Groups& groups, const std::vector<Json>& names) {
            Json object = Json::EmptyObject();
            for (std::size_t i = 1; i < groups.size(); ++i) {
              const Json& name = names[i];
              if (!name.IsString()) continue;
              object =
                  Json::WithMember(std::move(object), name, Member(text, groups[i].begin, groups[i].end));
            }
            Json edit = Json::Array({Member(text, from, groups[0].begin), std::move(object)});
            from = groups[0].end;
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
