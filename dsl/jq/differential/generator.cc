// What is left out, because jq 1.6 lacks it or does it differently:
//
// - abs, add/1, ascii/0, pick, have_literal_numbers, have_decnum, skip, toarray, trim, ltrim, rtrim, trimstr,
//   @base32d, @urid, getpath/1 of texts, `if` without `else`, error(null): new or changed in 1.7 and 1.8.
// - limit(0; f): 1.6 gives all of f; limit and nth of negative counts: errors since 1.8; nth(n; f) of
//   fewer values: 1.6 gives the last one.
// - ltrimstr and rtrimstr of other than texts: errors since 1.8.
// - last(f) of nothing: null in 1.6.
// - f |= empty, and several outputs on the right of |=: 1.6 goes on with what was deleted.
// - index, rindex and indices of texts beyond ASCII: offsets of bytes in 1.6; of the empty text: 1.6 hangs.
// - sub and gsub: 1.6 hangs where nothing is matched; scan, match and splits with patterns that match
//   nothing too.
// - @uri: 1.6 leaves !*'() alone; @base64d: 1.6 cuts; implode of other than code points: 1.6 aborts.
// - text times number: 0 and fractions are rounded differently; reverse of texts: 1.6 refuses it.
// - tonumber: 1.6 takes more; numbers as written (1e2), beyond 2^53, nan and infinite: 1.6 knows
//   doubles only.
// - from_entries of keys that are no texts, with_entries of arrays: errors in 1.6.
// - constant object keys that are no texts: refused when compiling, at other places.
// - errors behind a `try` or `?` that has given an output: 1.6 catches them too; so they stand inside [...].
// - ?// in a generator that is cut off: 1.6 takes the cut for an error; so it stands inside [...].
// - (f)? where 1.6's grammar wants a term; -1 as $x: 1.6 negates the whole.
// - walk whose filter gives nothing or several values; bsearch of other than arrays: no error in 1.6.
// - sort, unique, min and their like of other than arrays, for the wording of their errors only. Messages are
//   compared up to the first value in them: 1.6 shows less of it.
// - IN(f; g): 1.6 takes f first; mktime of parts of a second: an error in 1.6.
// - $__loc__, input_line_number, env, input: about the place where a filter stands.
//
// Never generated, because it may not end: free recursion; until, while, repeat and recurse without a bound.
#include "dsl/jq/differential/generator.h"

#include <string_view>

namespace elevaite::jq {
namespace {

constexpr const char* kTexts[] = {"",  "a",   "b", "ab",  "abc", "a,b", "x y",
                                  "1", "1.5", "A", "été", "😀",  "a\tb"};
constexpr const char* kKeys[] = {"a", "b", "c", "d"};
constexpr const char* kPlainTexts[] = {"a", "b", "ab", ",", " ", "x"};
constexpr const char* kPatterns[] = {"a",      "[ab]+",       "b+",   "^a", "c$",
                                     "\\\\d+", "(?<n>[a-z])", "[^a]", "é",  "."};

// Patterns of builtins. F: any filter; P: a path; V: a filter that gives one value; N: a small count; T: a
// plain text; R: a regular expression; K: a key.
constexpr const char* kBuiltins[] = {
    "length",
    "utf8bytelength",
    "not",
    "keys",
    "keys_unsorted",
    "values",
    "nulls",
    "booleans",
    "numbers",
    "strings",
    "arrays",
    "objects",
    "iterables",
    "scalars",
    "empty",
    "error(\"x\")",
    "error({a: 1})",
    "add",
    "any",
    "all",
    "flatten",
    "flatten(N)",
    "range(N)",
    "range(N; N)",
    "[range(N; N; 2)]",
    "floor",
    "sqrt",
    "tostring",
    "type",
    "(arrays | sort)",
    "(arrays | sort_by(F))",
    "(arrays | group_by(F))",
    "(arrays | unique)",
    "(arrays | unique_by(F))",
    "(arrays | min)",
    "(arrays | max)",
    "(arrays | min_by(F))",
    "(arrays | max_by(F))",
    "(arrays | reverse)",
    "contains(F)",
    "inside(F)",
    "map(F)",
    "map_values(V)",
    "path(P)",
    "paths",
    "paths(F)",
    "leaf_paths",
    "del(P)",
    "to_entries",
    "(objects | with_entries(.value |= V))",
    "(objects | to_entries | from_entries)",
    "select(F)",
    "recurse",
    "recurse(.[]?)",
    "recurse(.a?; . != null)",
    "has(\"K\")",
    "has(N)",
    "(\"K\" | in({a: 1, b: 2}))",
    "ascii_downcase",
    "ascii_upcase",
    "explode",
    "(strings | explode | implode)",
    "split(\"T\")",
    "(strings | split(\"\"))",
    "join(\"T\")",
    "(strings | ltrimstr(\"T\"))",
    "(strings | rtrimstr(\"T\"))",
    "startswith(\"T\")",
    "endswith(\"T\")",
    "test(\"R\")",
    "test(\"R\"; \"i\")",
    "[scan(\"R\")]",
    "[match(\"R\").string]",
    "capture(\"R\")",
    "[match(\"R\"; \"g\").offset]",
    "(arrays | index(V))",
    "(arrays | indices(1))",
    "(arrays | indices([1]))",
    "(\"banana\" | indices(\"T\"))",
    "(\"a,b,c\" | index(\"T\"))",
    "(\"a,b,c\" | rindex(\"T\"))",
    "(arrays | transpose)",
    "first",
    "last",
    "nth(N)",
    "first(F)",
    "last(F, V)",
    "nth(N; F, 1, 2, 3, 4)",
    "limit(1; F)",
    "limit(3; F)",
    "[limit(3; F)]",
    "isempty(F)",
    "any(F)",
    "all(F)",
    "any(F; F)",
    "all(F; F)",
    "until(type != \"number\" or . > 5; . + 1)",
    "[while(type == \"number\" and . < 5; . + 1)]",
    "[limit(4; repeat(V))]",
    "tojson",
    "(tojson | fromjson)",
    "@text",
    "@json",
    "@html",
    "@csv",
    "@tsv",
    "@sh",
    "@base64",
    "(strings | @base64 | @base64d)",
    "tostream",
    "fromstream(tostream)",
    "[1 | truncate_stream([[0], 1], [[1, 0], 2])]",
    "[getpath([\"K\"])?]",
    "[getpath([\"K\", N])?]",
    "setpath([\"K\"]; V)",
    "setpath([N]; V)",
    "delpaths([paths])",
    "delpaths([[\"K\"], [N]])",
    "to_entries",
    "(arrays | [combinations?])",
    "IN(F)",
    "(arrays | INDEX(.[]?; tostring) | keys)",
    "splits(\"R\")",
    "[ascii_downcase?]",
    "walk(if type == \"number\" then . + 1 else . end)",

    "(numbers | pow(.; 2))",
    "(numbers | [floor, ceil, round, fabs])",
    "(numbers | . as $n | [range($n | fabs | [., 4] | min)])",
    "(numbers | todate)",
    "(numbers | fabs | floor | gmtime | mktime)",
    "tojson | length",

    "type",
    "..",

    "@json \"v=\\(V)\"",
    "\"<\\(F)>\"",
    "(.. | numbers)",
    "[..] | length",
    "(arrays | [bsearch(1)?])",
    "getpath([])",
    "[paths(type == \"number\")]",
    "tostring | test(\"R\")",
    "[splits(\", *\")?]",
    "(arrays | min_by(.a?))",
    "(arrays | unique_by(length?))",
    "(arrays | group_by(type))",
    "(arrays | map(numbers) | add)",
};

constexpr const char* kUpdates[] = {
    "P = F",
    "P |= V",
    "P += V",
    "P -= V",
    "(P | numbers) *= 2",
    "P //= V",
    "(P, P) = V",
    "(P | select(F)) |= V",
    ".[] += 1",
    "(.. | numbers) |= . + 1",
    "to_entries",
    "(first(P)) |= V",
    "(if F then P else P end) |= V",
    "(P // P) = V",
    "(P | recurse(.[]?)) |= V",
    "(getpath([\"a\"])) = V",
    "(.[]? | .a?) = F",
    ".[1:] = [V]",
    "(arrays | .[:1]) |= map(V)",
};

constexpr const char* kBinary[] = {
    "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "//"};

}  // namespace

std::string Generator::Text() { return OneOf(kTexts); }

Json Generator::Value(int depth) {
  switch (Below(depth > 0 ? 12 : 7)) {
    case 0: return Json();
    case 1: return Json(Chance(50));
    case 2:
    case 3: return Json(static_cast<std::int64_t>(Below(16)) - 4);
    case 4: return Json(static_cast<double>(Below(40)) / 4.0 - 2.0);
    case 5:
    case 6: return Json(Text());
    case 7:
    case 8:
    case 9: {
      std::vector<Json> items;
      for (std::size_t i = Below(4); i > 0; --i) items.push_back(Value(depth - 1));
      return Json::Array(std::move(items));
    }
    default: {
      std::vector<Json::Member> members;
      for (const char* key : kKeys) {
        if (Chance(45)) members.emplace_back(key, Value(depth - 1));
      }
      return Json::Object(std::move(members));
    }
  }
}

std::string Generator::Filter(int depth) {
  if (depth <= 0) return Term(0);
  switch (Below(20)) {
    case 0:
    case 1:
    case 2: return Filter(depth - 1) + " | " + Filter(depth - 1);
    case 3: return Filter(depth - 1) + ", " + Filter(depth - 1);
    case 4:
    case 5:
    case 6: {
      const std::string symbol = OneOf(kBinary);
      if (symbol == "*") return NoText(depth - 1) + " * " + NoText(depth - 1);
      return Term(depth - 1) + " " + symbol + " " + Term(depth - 1);
    }
    case 7:
    case 8: return Update(depth - 1);
    case 9:
    case 10: return Control(depth - 1);
    case 11:
    case 12: return Binding(depth - 1);
    case 13: return Definition(depth - 1);
    case 14:
    case 15: return Builtin(depth - 1);
    default: return Term(depth);
  }
}

std::string Generator::Literal() {
  switch (Below(6)) {
    case 0: return OneOf({"null", "true", "false"});
    case 1: return std::to_string(Below(6));
    case 2: return OneOf({"-1", "0.5", "2.5", "10", "12"});
    case 3: return OneOf({"[]", "{}", "[1, 2]", "{\"a\": 1}", "[[1], [2]]", "[\"a\", null]"});
    default: return Json(Text()).Dump();
  }
}

std::string Generator::Path(int depth) {
  if (depth > 0 && Chance(40)) return Path(depth - 1) + " | " + Path(depth - 1);
  switch (Below(depth > 0 ? 13 : 9)) {
    case 0: return ".";
    case 1:
    case 2: return std::string(".") + OneOf(kKeys);
    case 3: return std::string(".") + OneOf(kKeys) + "?";
    case 4: return ".[" + std::to_string(Below(3)) + "]";
    case 5: return ".[-1]?";
    case 6: return ".[]?";
    case 7: return ".[]";
    case 8: return ".[1:]?";
    case 9: return "(" + Path(depth - 1) + ", " + Path(depth - 1) + ")";
    case 10: return "select(" + Filter(depth - 1) + ")";
    case 11: return "." + std::string(OneOf(kKeys)) + "[" + std::to_string(Below(2)) + "]?";
    default: return "(" + Path(depth - 1) + " // " + Path(depth - 1) + ")";
  }
}

std::string Generator::Term(int depth) {
  if (!variables_.empty() && Chance(25)) return variables_[Below(variables_.size())];
  if (!filters_.empty() && Chance(15)) return filters_[Below(filters_.size())];
  switch (Below(depth > 0 ? 9 : 3)) {
    case 0: return Literal();
    case 1:
    case 2: return "(" + Path(depth > 0 ? 1 : 0) + ")";
    case 3: return "[" + Filter(depth - 1) + "]";
    case 4: return Construction(depth - 1);
    case 5: return "(" + Builtin(depth - 1) + ")";
    case 6: return "[(" + Filter(depth - 1) + ")?]";
    default: return "(" + Filter(depth - 1) + ")";
  }
}

std::string Generator::NoText(int depth) { return "(" + Term(depth) + " | select(type != \"string\"))"; }

std::string Generator::Construction(int depth) {
  std::string text = "{";
  for (std::size_t i = 1 + Below(3); i > 0; --i) {
    if (text.size() > 1) text += ", ";
    switch (Below(4)) {
      case 0: text += OneOf(kKeys); break;
      case 1: text += "([" + Term(depth) + "][]): " + Term(depth); break;
      case 2: text += std::string("\"k\\(") + Term(depth) + ")\": " + Literal(); break;
      default: text += std::string(OneOf(kKeys)) + ": " + Term(depth);
    }
  }
  return text + "}";
}

std::string Generator::Builtin(int depth) { return Expand(OneOf(kBuiltins), depth); }
std::string Generator::Update(int depth) { return Expand(OneOf(kUpdates), depth); }

std::string Generator::Control(int depth) {
  static constexpr const char* kForms[] = {
      "if F then F else F end",
      "if F then F elif F then F else F end",
      "[try (F) catch \"caught\"]",
      "[try error(F | {value: .}) catch .value]",
      "reduce (F) as $x (V; [., $x] | tojson | .[0:20])",
      "[foreach (F) as $x (0; . + 1; [$x, .])]",
      "[foreach (F) as [$x] (V; $x)]",
      "label $here | (F, break $here, F)",
      "[label $here | (F) as $x | if $x == null then break $here else $x end]",
      "[.[]? | label $here | (., F | if . == 1 then break $here else . end)]",
      "first(F, F)",
      "(F // F)",
      "[(F)?]",
      "[try (F) catch (if type == \"string\" then \"text\" else . end)]",
  };
  return Expand(OneOf(kForms), depth);
}

std::string Generator::Binding(int depth) {
  struct Form {
    const char* pattern;
    std::vector<std::string> names;
  };
  static const Form kForms[] = {{"$x", {"$x"}},          {"[$x, $y]", {"$x", "$y"}},
                                {"{a: $x}", {"$x"}},     {"{$a, b: [$y]}", {"$a", "$y"}},
                                {"[$x] ?// $x", {"$x"}}, {"{a: $x} ?// [$x]", {"$x"}}};
  const Form& form = OneOf(kForms);
  std::string text = "(" + Term(depth) + ") as " + form.pattern + " | ";
  const std::vector<std::string> outer = variables_;
  variables_.insert(variables_.end(), form.names.begin(), form.names.end());
  text += Filter(depth);
  variables_ = outer;
  const bool alternatives = std::string_view(form.pattern).find("?//") != std::string_view::npos;
  return alternatives ? "[" + text + "]" : "(" + text + ")";
}

std::string Generator::Definition(int depth) {
  const std::vector<std::string> variables = variables_;
  const std::vector<std::string> filters = filters_;
  const bool value = Chance(50);
  std::string text = value ? "def f($p): " : "def f(g): ";
  if (value) {
    variables_.emplace_back("$p");
  } else {
    filters_.emplace_back("g");
  }
  text += Filter(depth) + "; ";
  variables_ = variables;
  filters_ = filters;
  return "(" + text + "f(" + Filter(depth) + "))";
}

std::string Generator::Expand(std::string_view pattern, int depth) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto is_letter = [&](std::size_t at) {
      return at < pattern.size() && ((pattern[at] | 0x20) >= 'a' && (pattern[at] | 0x20) <= 'z');
    };
    const bool alone = (i == 0 || !is_letter(i - 1)) && !is_letter(i + 1);
    switch (alone ? pattern[i] : ' ') {
      case 'F': text += "(" + Filter(depth - 1) + ")"; break;
      case 'V': text += "first((" + Filter(depth - 1) + "), 0)"; break;
      case 'P': text += "(" + Path(1) + ")"; break;
      case 'N': text += std::to_string(Below(4)); break;
      case 'T': text += OneOf(kPlainTexts); break;
      case 'R': text += OneOf(kPatterns); break;
      case 'K': text += OneOf(kKeys); break;
      default: text += pattern[i];
    }
  }
  return text;
}

}  // namespace elevaite::jq
