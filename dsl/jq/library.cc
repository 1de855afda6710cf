// The builtins that are written in jq: mostly those that call a closure from itself. Compiled once a process.
#include <cstdio>
#include <unordered_map>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {
namespace {

constexpr std::string_view kLibrary = R"jq(
def recurse(f): def again: ., (f | again); again;
def recurse(f; condition): def again: ., (f | select(condition) | again); again;
def while(condition; update): def again: if condition then ., (update | again) else empty end; again;
def until(condition; update): def again: if condition then . else update | again end; again;
def repeat(f): def again: f, again; again;
def walk(f): def down: (if type == "object" then map_values(down) elif type == "array" then map(down) else . end) | f; down;
def paths: path(..) | select(length > 0);
def paths(condition): path(.[]? | .. | select(condition));
def leaf_paths: paths(scalars);
def pick(f): . as $whole | reduce path(f) as $path (null; setpath($path; $whole | getpath($path)));
def combinations:
  if length == 0 then []
  else .[0][] as $first | (.[1:] | combinations) as $rest | [$first] + $rest end;
def combinations(n): . as $set | [range(n) | $set] | combinations;
def fromstream(events):
  {value: null, done: false} as $start
  | foreach events as $event ($start;
      (if .done then $start else . end)
      | if ($event | length) == 2
        then .done = (($event[0] | length) == 0) | .value |= setpath($event[0]; $event[1])
        else .done = (($event[0] | length) == 1) end;
      if .done then .value else empty end);
def truncate_stream(events): . as $depth | null | events | select((.[0] | length) > $depth) | .[0] |= .[$depth:];
def sub($pattern; replacement; $flags):
  . as $text
  | _edits($pattern; $flags) as $edits
  | (reduce range(($edits | length) - 1) as $i ([];
       . as $results
       | [$edits[$i][1] | replacement] as $new
       | reduce range($new | length) as $k ($results; .[$k] += $edits[$i][0] + $new[$k]))
     | .[] + $edits[-1]) // $text;
def sub($pattern; replacement): sub($pattern; replacement; "");
def gsub($pattern; replacement; $flags): sub($pattern; replacement; $flags + "g");
def gsub($pattern; replacement): sub($pattern; replacement; "g");
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def todateiso8601: todate;
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(unit; count): . + count;
def datesub(unit; count): . - count;
def isfinite: type == "number" and (isinfinite | not);
def INDEX(rows; key): reduce rows as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; rows; key): rows | [., $index[key]];
def JOIN($index; rows; key; join): rows | [., $index[key]] | join;
def nth($n): .[$n];
def format($name):
  if $name == "text" then @text elif $name == "json" then @json elif $name == "csv" then @csv
  elif $name == "tsv" then @tsv elif $name == "html" then @html elif $name == "uri" then @uri
  elif $name == "urid" then @urid elif $name == "sh" then @sh elif $name == "base64" then @base64
  elif $name == "base64d" then @base64d elif $name == "base32" then @base32 elif $name == "base32d" then @base32d
  else error("\($name) is not a valid format") end;
)jq";

struct Library {
  Code code;
  std::unordered_multimap<std::string_view, const Function*> by_name;
};

// While the library is compiled its functions call each other as functions in scope.
thread_local bool compiling = false;

const Library& Get() {
  static const Library* library = [] {
    auto* made = new Library;  // for the life of the process
    compiling = true;
    made->code.text = std::string(kLibrary);
    const CompileOptions options;
    Compiler compiler(made->code, options);
    if (!compiler.CompileLibrary()) {
      const CompileError error = compiler.TakeError();
      std::fprintf(stderr, "jq library: %s at %u\n", error.message.c_str(), error.span.begin);
      CHECK(false);
    }
    compiling = false;
    for (const Function& function : made->code.functions) {
      if (function.level == 1 && !function.name.empty()) made->by_name.emplace(function.name, &function);
    }
    return made;
  }();
  return *library;
}

}  // namespace

const Function* FindLibraryFunction(std::string_view name, std::size_t arity) {
  if (compiling) return nullptr;
  const auto [begin, end] = Get().by_name.equal_range(name);
  for (auto it = begin; it != end; ++it) {
    if (it->second->closures == arity) return it->second;
  }
  return nullptr;
}

bool IsLibraryName(std::string_view name) { return !compiling && Get().by_name.contains(name); }

}  // namespace elevaite::jq
