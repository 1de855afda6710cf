// Keywords about single values: type, enum, numbers, texts, format.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dsl/schema/ecma_regex.h"
#include "dsl/schema/evaluation.h"
#include "dsl/schema/formats.h"
#include "dsl/schema/keywords.h"
#include "dsl/schema/site.h"
#include "foundation/decimal.h"
#include "foundation/text.h"
#include "foundation/utf8.h"

namespace elevaite::schema {
namespace {

constexpr std::string_view kTypes[] = {"array", "boolean", "integer", "null", "number", "object", "string"};

bool IsInteger(const Json& value) {
  return value.IsExactInteger() || (value.IsNumber() && DecimalOf(value).IsInteger());
}

bool HasType(const Json& value, std::string_view type) {
  switch (value.type()) {
    case Json::Type::kNull: return type == "null";
    case Json::Type::kBool: return type == "boolean";
    case Json::Type::kString: return type == "string";
    case Json::Type::kArray: return type == "array";
    case Json::Type::kObject: return type == "object";
    case Json::Type::kNumber: return type == "number" || (type == "integer" && IsInteger(value));
  }
  return false;
}

std::string_view WithArticle(std::string_view type) {
  if (type == "array") return "an array";
  if (type == "boolean") return "a boolean";
  if (type == "integer") return "an integer";
  if (type == "number") return "a number";
  if (type == "object") return "an object";
  if (type == "string") return "a string";
  return "null";
}

Rule Type(Site& site) {
  const Json& argument = *site.Find("type");
  const std::vector<Json> wanted =
      argument.IsArray() ? std::vector<Json>(argument.AsArray().begin(), argument.AsArray().end())
                         : std::vector<Json>{argument};
  std::vector<std::string_view> types;
  std::vector<std::string_view> words;
  for (const Json& one : wanted) {
    const auto known = std::ranges::find(kTypes, one.StringOr(""));
    if (known == std::end(kTypes)) {
      const std::string meant = DidYouMean(one.StringOr(""), kTypes);
      return site.Fail(site.At("type"), fmt::format("{} is no type", Excerpt(one)),
                       meant.empty() ? fmt::format("the types are {}", fmt::join(kTypes, ", ")) : meant);
    }
    types.push_back(*known);
    words.push_back(WithArticle(*known));
  }
  if (types.empty()) return site.Fail(site.At("type"), "`type` is an empty list: no value could be valid");
  return [at = site.At("type"), types, expected = fmt::format("{}", fmt::join(words, " or "))](
             const Json& value, Evaluation& run, Seen&) {
    if (std::ranges::any_of(types, [&](std::string_view type) { return HasType(value, type); })) return true;
    return run.Report(at, [&] {
      const bool number = value.IsNumber();
      return fmt::format("must be {}, it is {}", expected, number ? Excerpt(value) : KindOf(value));
    });
  };
}

Rule Enum(Site& site) {
  const Json& argument = *site.Find("enum");
  if (!argument.IsArray()) return site.Fail(site.At("enum"), "`enum` must be a list of values");
  return [at = site.At("enum"), choices = argument](const Json& value, Evaluation& run, Seen&) {
    if (!run.Step(choices.Size())) return false;
    if (std::ranges::find(choices.AsArray(), value) != choices.AsArray().end()) return true;
    return run.Report(at, [&] {
      constexpr std::size_t kShownMax = 10;
      std::vector<std::string> shown;
      for (const Json& choice : choices.AsArray().first(std::min(choices.Size(), kShownMax)))
        shown.push_back(Excerpt(choice));
      return fmt::format("must be one of {}{}, it is {}", fmt::join(shown, ", "),
                         choices.Size() > kShownMax ? " ..." : "", Excerpt(value));
    });
  };
}

Rule Const(Site& site) {
  return [at = site.At("const"), wanted = *site.Find("const")](const Json& value, Evaluation& run, Seen&) {
    return value == wanted || run.Report(at, [&] {
      return fmt::format("must be {}, it is {}", Excerpt(wanted), Excerpt(value));
    });
  };
}

std::optional<Json> Number(Site& site, std::string_view keyword) {
  const Json& argument = *site.Find(keyword);
  if (argument.IsNumber()) return argument;
  site.Fail(site.At(keyword), fmt::format("`{}` must be a number, it is {}", keyword, Excerpt(argument)));
  return std::nullopt;
}

// As written, to the last digit.
int CompareNumbers(const Json& a, const Json& b) {
  if (a.IsExactInteger() && b.IsExactInteger()) return Json::Compare(a, b);
  return Compare(DecimalOf(a), DecimalOf(b));
}

template <class Holds>
Rule Bound(Site& site, std::string_view keyword, std::string_view words, Holds holds) {
  const auto bound = Number(site, keyword);
  if (!bound) return {};
  return [at = site.At(keyword), bound = *bound, words, holds](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsNumber() || holds(CompareNumbers(value, bound))) return true;
    return run.Report(
        at, [&] { return fmt::format("must be {} {}, it is {}", words, Excerpt(bound), Excerpt(value)); });
  };
}

Rule Minimum(Site& site) {
  return Bound(site, "minimum", "at least", [](int order) { return order >= 0; });
}
Rule Maximum(Site& site) {
  return Bound(site, "maximum", "at most", [](int order) { return order <= 0; });
}
Rule ExclusiveMinimum(Site& site) {
  return Bound(site, "exclusiveMinimum", "more than", [](int order) { return order > 0; });
}
Rule ExclusiveMaximum(Site& site) {
  return Bound(site, "exclusiveMaximum", "less than", [](int order) { return order < 0; });
}

Rule MultipleOf(Site& site) {
  const auto number = Number(site, "multipleOf");
  if (!number) return {};
  const Decimal divisor = DecimalOf(*number);
  if (divisor.negative || divisor.IsZero())
    return site.Fail(site.At("multipleOf"), "`multipleOf` must be more than 0");
  if (divisor.digits.size() > kDivisorDigitsMax) {
    return site.Fail(site.At("multipleOf"),
                     fmt::format("`multipleOf` may have {} significant digits at most", kDivisorDigitsMax));
  }
  return [at = site.At("multipleOf"), number = *number, divisor](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsNumber()) return true;
    const Decimal decimal = DecimalOf(value);
    if (!run.Step(decimal.digits.size() / 16) || IsMultipleOf(decimal, divisor)) return !run.stopped();
    return run.Report(at, [&] {
      return fmt::format("must be a multiple of {}, it is {}", Excerpt(number), Excerpt(value));
    });
  };
}

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Rule Length(Site& site) {
  const auto least = site.Count("minLength");
  const auto most = site.Count("maxLength");
  if (site.failed()) return {};
  return [least, most, at_least = site.At("minLength"), at_most = site.At("maxLength")](
             const Json& value, Evaluation& run, Seen&) {
    if (!value.IsString()) return true;
    if (!run.Step(value.Size() / 64)) return false;
    const std::size_t length = CodePoints(value.AsString());
    if (least && length < *least) {
      return run.Report(at_least, [&] {
        return fmt::format("must have at least {} characters, it has {}", *least, length);
      });
    }
    if (!most || length <= *most) return true;
    return run.Report(
        at_most, [&] { return fmt::format("must have at most {} characters, it has {}", *most, length); });
  };
}

Rule Pattern(Site& site) {
  const Json& argument = *site.Find("pattern");
  if (!argument.IsString()) return site.Fail(site.At("pattern"), "`pattern` must be a text");
  auto regex = CompileEcmaRegex(argument.AsString());
  if (!regex) return site.Fail(site.At("pattern"), "`pattern` is no regular expression: " + regex.error());
  return [at = site.At("pattern"), pattern = std::string(argument.AsString()), regex = *regex](
             const Json& value, Evaluation& run, Seen&) {
    if (!value.IsString() || Matches(regex, value.AsString(), run)) return true;
    return !run.stopped() && run.Report(at, [&] {
      return fmt::format("must match {}, it is {}", Excerpt(Json(pattern)), Excerpt(value));
    });
  };
}

Rule FormatRule(Site& site) {
  const Json& argument = *site.Find("format");
  if (!argument.IsString()) return site.Fail(site.At("format"), "`format` must be a text");
  const Format* format = FindFormat(argument.AsString());
  if (format == nullptr || !site.place().resource->asserts_formats) return {};  // it only describes
  return [at = site.At("format"), format](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsString()) return true;
    if (!run.Step(value.Size() / 16)) return false;
    return format->matches(value.AsString()) || run.Report(at, [&] {
      return fmt::format("must be {}, it is {}", format->description, Excerpt(value));
    });
  };
}

constexpr KeywordRow kRows[] = {
    {.names = {"type"}, .compile = Type, .validates = true},
    {.names = {"const"}, .compile = Const, .validates = true},
    {.names = {"enum"}, .compile = Enum, .validates = true},
    {.names = {"minimum"}, .compile = Minimum, .validates = true},
    {.names = {"maximum"}, .compile = Maximum, .validates = true},
    {.names = {"exclusiveMinimum"}, .compile = ExclusiveMinimum, .validates = true},
    {.names = {"exclusiveMaximum"}, .compile = ExclusiveMaximum, .validates = true},
    {.names = {"multipleOf"}, .compile = MultipleOf, .validates = true},
    {.names = {"minLength", "maxLength"}, .compile = Length, .validates = true},
    {.names = {"pattern"}, .compile = Pattern, .validates = true},
    {.names = {"format"}, .compile = FormatRule},
};

}  // namespace

std::span<const KeywordRow> AssertionKeywords() { return kRows; }

}  // namespace elevaite::schema
