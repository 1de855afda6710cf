#include "dsl/tools/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "dsl/reader.h"
#include "dsl/suggest.h"
#include "dsl/tools/flow_targets.h"
#include "dsl/tools/graph.h"
#include "dsl/tools/pointer.h"
#include "dsl/tools/schema_diff.h"
#include "dsl/tools/source.h"

namespace elevaite::dsl::tools {
namespace {

constexpr DiffInfo kCodes[] = {
#define DIFF_CODE(name, number, impact, title, explanation, advice) \
  {DiffCode::name, Impact::impact, title, explanation, advice},
#include "dsl/tools/diff_codes.def"
#undef DIFF_CODE
};

// Tasks in tasks with monstrous names are not looked at.
constexpr std::size_t kPointerBytesMax = 4096;

// A task, known by the names of the tasks around it: "do.a.do.b". Its index in the list may change without it
// being another task.
struct TaskFacts {
  std::string pointer;
  std::string name;
  std::string list;    // "do.a.do"
  std::string parent;  // "do.a"
  std::string kind;
  std::string definition;  // its text, lists of tasks left out
};

// What a version says, as far as others depend on it. Sets hold the pointer of the first place.
struct Facts {
  std::map<std::string, TaskFacts> tasks;
  std::map<std::string, std::vector<std::string>> order;  // names in each list
  std::map<std::string, std::string> errors;
  std::map<std::string, std::string> emitted;
  std::map<std::string, std::string> awaited;
  std::map<std::string, std::string> calls;
  std::map<std::string, std::string> secrets;
};

class FactFinder {
 public:
  explicit FactFinder(const Json& root) : root_(root) {}

  Facts Find() {
    List(root_["do"], "/do", "do", "");
    Strategy(root_["schedule"]["on"], "/schedule/on");
    const Json& secrets = root_["use"]["secrets"];
    for (std::size_t i = 0; secrets.IsArray() && i < secrets.Size(); ++i) {
      Note(facts_.secrets, secrets.At(i), Child("/use/secrets", i));
    }
    return std::move(facts_);
  }

 private:
  static void Note(std::map<std::string, std::string>& set, const Json& name, std::string pointer) {
    if (name.IsString()) set.emplace(name.AsString(), std::move(pointer));
  }

  void List(const Json& list, const std::string& pointer, const std::string& key, const std::string& parent) {
    if (pointer.size() > kPointerBytesMax || !IsTaskList(list)) return;
    for (std::size_t i = 0; i < list.Size(); ++i) {
      const std::string name(NameOfItem(list.At(i)));
      const Json& definition = list.At(i)[name];
      const std::string at = Child(Child(pointer, i), name);
      const std::string path = key + "." + name;
      facts_.order[key].push_back(name);
      Json own = definition;
      for (const auto steps : TaskListsOf(definition)) {
        const Json* inner = &definition;
        std::string below = at;
        std::string below_key = path;
        for (const std::string_view step : steps) {
          inner = &(*inner)[step];
          below = Child(below, step);
          below_key += "." + std::string(step);
        }
        if (!IsTaskList(*inner)) continue;
        own = WithoutList(own, steps);
        List(*inner, below, below_key, path);
      }
      Task(definition, at);
      facts_.tasks.emplace(path,
                           TaskFacts{at, name, key, parent, std::string(KindOfTask(definition)), own.Dump()});
    }
  }

  static Json WithoutList(const Json& value, std::span<const std::string_view> steps) {
    if (!value.IsObject() || value.Find(steps.front()) == nullptr) return value;
    if (steps.size() == 1) return Json::WithMember(value, steps.front(), Json::EmptyArray());
    return Json::WithMember(value, steps.front(), WithoutList(value[steps.front()], steps.subspan(1)));
  }

  void Task(const Json& definition, const std::string& pointer) {
    if (!definition.IsObject()) return;
    Note(facts_.calls, definition["call"], Child(pointer, "call"));
    Note(facts_.emitted, definition["emit"]["event"]["with"]["type"], pointer + "/emit/event/with/type");
    const Json& error = definition["raise"]["error"];
    const Json& inline_or_named = error.IsString() ? root_["use"]["errors"][error.AsString()] : error;
    Note(facts_.errors, inline_or_named["type"], pointer + "/raise/error");
    Strategy(definition["listen"]["to"], pointer + "/listen/to");
  }

  void Strategy(const Json& strategy, const std::string& pointer) {
    if (!strategy.IsObject()) return;
    Note(facts_.awaited, strategy["one"]["with"]["type"], pointer + "/one/with/type");
    for (const std::string_view key : {"any", "all"}) {
      const Json& filters = strategy[key];
      for (std::size_t i = 0; filters.IsArray() && i < filters.Size(); ++i) {
        Note(facts_.awaited, filters.At(i)["with"]["type"], Child(Child(pointer, key), i) + "/with/type");
      }
    }
  }

  const Json& root_;
  Facts facts_;
};

class Differ {
 public:
  Differ(const Json& before, const Json& after)
      : old_(before), new_(after), was_(FactFinder(before).Find()), is_(FactFinder(after).Find()) {}

  std::vector<Difference> Run() {
    Document();
    Schemas();
    Tasks();
    Order();
    Names(was_.errors, is_.errors, DiffCode::kErrorGone, DiffCode::kErrorNew, "the error");
    Names(was_.emitted, is_.emitted, DiffCode::kEventGone, DiffCode::kEventNew, "the event");
    Names(was_.awaited, is_.awaited, DiffCode::kListenGone, DiffCode::kListenNew, "the event");
    Names(was_.secrets, is_.secrets, DiffCode::kSecretGone, DiffCode::kSecretNew, "the secret");
    Names(was_.calls, is_.calls, DiffCode::kCallGone, DiffCode::kCallNew, "the function");
    if (old_["schedule"].Dump() != new_["schedule"].Dump()) {
      Add(DiffCode::kSchedule, In(old_, "schedule"), In(new_, "schedule"), "`schedule` differs");
    }
    std::vector<Difference> sorted;
    for (const Impact impact : {Impact::kBreaking, Impact::kRisky, Impact::kSafe}) {
      std::ranges::copy_if(found_, std::back_inserter(sorted),
                           [&](const Difference& d) { return InfoOf(d.code).impact == impact; });
    }
    return sorted;
  }

 private:
  void Add(DiffCode code, std::string before, std::string after, std::string message) {
    found_.push_back({code, std::move(before), std::move(after), std::move(message)});
  }

  static std::string In(const Json& root, std::string_view key) {
    return root.Find(key) != nullptr ? Child("", key) : "";
  }

  void Document() {
    const Json& was = old_["document"];
    const Json& is = new_["document"];
    for (const std::string_view key : {"namespace", "name"}) {
      if (was[key] == is[key]) continue;
      const std::string pointer = Child("/document", key);
      Add(DiffCode::kIdentity, pointer, pointer,
          fmt::format("`{}` was {} and is {}", key, Excerpt(was[key].StringOr("nothing")),
                      Excerpt(is[key].StringOr("nothing"))));
    }
    if (was["version"] == is["version"] && old_.Dump() != new_.Dump()) {
      Add(DiffCode::kVersion, "/document/version", "/document/version",
          fmt::format("both are version {}", Excerpt(is["version"].StringOr("?"))));
    }
  }

  void Schemas() {
    for (const std::string_view part : {"input", "output"}) {
      const Json& was = old_[part];
      const Json& is = new_[part];
      const std::string_view shape = part == "input" ? "from" : "as";
      if (was[shape].Dump() != is[shape].Dump()) {
        Add(DiffCode::kShapeChanged, was[shape].IsNull() ? "" : fmt::format("/{}/{}", part, shape),
            is[shape].IsNull() ? "" : fmt::format("/{}/{}", part, shape),
            fmt::format("`{}.{}` differs", part, shape));
      }
      const std::string base = fmt::format("/{}/schema", part);
      if (was["schema"]["resource"].Dump() != is["schema"]["resource"].Dump()) {
        Add(DiffCode::kSchemaChanged, base, base, fmt::format("the {} has another schema", part));
        continue;
      }
      for (const SchemaChange& change : CompareSchemas(was["schema"]["document"], is["schema"]["document"])) {
        Schema(part == "input", base + "/document" + change.pointer, change);
      }
    }
  }

  void Schema(bool input, const std::string& pointer, const SchemaChange& change) {
    const auto exists = [&](const Json& root) {
      return ValueAt(root, *ParsePointer(pointer)) != nullptr ? pointer : "";
    };
    DiffCode code = DiffCode::kSchemaChanged;
    if (change.kind == SchemaChange::Kind::kNarrowed)
      code = input ? DiffCode::kInputNarrowed : DiffCode::kOutputNarrowed;
    if (change.kind == SchemaChange::Kind::kWidened)
      code = input ? DiffCode::kInputWidened : DiffCode::kOutputWidened;
    Add(code, exists(old_), exists(new_), fmt::format("{}: {}", input ? "input" : "output", change.message));
  }

  using Tasks_ = std::map<std::string, const TaskFacts*>;

  // Tasks of one version that the other has not under that path; of those in such a task nothing is said.
  static Tasks_ Missing(const Facts& from, const Facts& in) {
    Tasks_ missing;
    for (const auto& [path, task] : from.tasks) {
      const bool parent_missing = !task.parent.empty() && !in.tasks.contains(task.parent);
      if (!in.tasks.contains(path) && !parent_missing) missing.emplace(path, &task);
    }
    return missing;
  }

  void Tasks() {
    for (const auto& [path, was] : was_.tasks) {
      const auto found = is_.tasks.find(path);
      if (found == is_.tasks.end()) continue;
      const TaskFacts& is = found->second;
      if (was.kind != is.kind) {
        Add(DiffCode::kTaskKind, was.pointer, is.pointer,
            fmt::format("{} was `{}` and is `{}`", Quote(was.name), was.kind, is.kind));
      } else if (was.definition != is.definition) {
        Add(DiffCode::kTaskChanged, was.pointer, is.pointer,
            fmt::format("{} is defined in another way", Quote(was.name)));
      }
    }
    Tasks_ gone = Missing(was_, is_);
    Tasks_ fresh = Missing(is_, was_);
    Match(gone, fresh, DiffCode::kTaskMoved,
          [](const TaskFacts& a, const TaskFacts& b) { return a.name == b.name && a.kind == b.kind; });
    Match(gone, fresh, DiffCode::kTaskRenamed, [](const TaskFacts& a, const TaskFacts& b) {
      return a.list == b.list && a.kind == b.kind && a.definition == b.definition;
    });
    for (const auto& [path, task] : gone)
      Add(DiffCode::kTaskRemoved, task->pointer, "", fmt::format("{} is gone", Quote(task->name)));
    for (const auto& [path, task] : fresh)
      Add(DiffCode::kTaskAdded, "", task->pointer, fmt::format("{} is new", Quote(task->name)));
  }

  template <class Same>
  void Match(Tasks_& gone, Tasks_& fresh, DiffCode code, const Same& same) {
    for (auto at = gone.begin(); at != gone.end();) {
      const TaskFacts& was = *at->second;
      const auto found =
          std::ranges::find_if(fresh, [&](const auto& entry) { return same(was, *entry.second); });
      if (found == fresh.end()) {
        ++at;
        continue;
      }
      const TaskFacts& is = *found->second;
      Add(code, was.pointer, is.pointer,
          code == DiffCode::kTaskMoved ? fmt::format("{} stands in another list", Quote(was.name))
                                       : fmt::format("{} is called {}", Quote(was.name), Quote(is.name)));
      fresh.erase(found);
      at = gone.erase(at);
    }
  }

  void Order() {
    for (const auto& [list, was] : was_.order) {
      const auto found = is_.order.find(list);
      if (found == is_.order.end()) continue;
      const auto common = [](const std::vector<std::string>& names, const std::vector<std::string>& others) {
        const std::set<std::string> set(others.begin(), others.end());
        std::vector<std::string> kept;
        std::ranges::copy_if(names, std::back_inserter(kept),
                             [&](const std::string& name) { return set.contains(name); });
        return kept;
      };
      const auto before = common(was, found->second);
      if (before == common(found->second, was)) continue;
      const std::string& first = was_.tasks.at(list + "." + before.front()).pointer;
      const std::string& now = is_.tasks.at(list + "." + before.front()).pointer;
      const auto list_of = [](const std::string& pointer) {
        const std::size_t name = pointer.rfind('/');
        return pointer.substr(0, pointer.rfind('/', name - 1));
      };
      Add(DiffCode::kOrderChanged, list_of(first), list_of(now),
          fmt::format("the tasks of `{}` stand in another order", Excerpt(list)));
    }
  }

  void Names(const std::map<std::string, std::string>& was, const std::map<std::string, std::string>& is,
             DiffCode gone, DiffCode fresh, std::string_view what) {
    for (const auto& [name, pointer] : was) {
      if (!is.contains(name)) Add(gone, pointer, "", fmt::format("{} {}", what, Quote(name)));
    }
    for (const auto& [name, pointer] : is) {
      if (!was.contains(name)) Add(fresh, "", pointer, fmt::format("{} {}", what, Quote(name)));
    }
  }

  const Json& old_;
  const Json& new_;
  Facts was_;
  Facts is_;
  std::vector<Difference> found_;
};

Result<Json> ValueOf(std::string_view source, std::string_view what) {
  const auto read = Source::Read(std::string(source));
  if (read && read->root().IsMapping()) return read->root().value();
  return Fail(ErrorCode::kInvalidWorkflow, fmt::format("the document {} cannot be read: {}", what,
                                                       read ? "it is no mapping" : read.error().ToString()));
}

}  // namespace

std::string_view NameOf(Impact impact) {
  return impact == Impact::kBreaking ? "breaking" : impact == Impact::kRisky ? "risky" : "safe";
}

std::span<const DiffInfo> AllDiffCodes() { return kCodes; }

const DiffInfo& InfoOf(DiffCode code) { return *std::ranges::find(kCodes, code, &DiffInfo::code); }

std::string TextOf(DiffCode code) { return fmt::format("DIFF{:03}", static_cast<int>(code)); }

Result<std::vector<Difference>> Diff(std::string_view before, std::string_view after) {
  ASSIGN_OR_RETURN(const Json was, ValueOf(before, "before"));
  ASSIGN_OR_RETURN(const Json is, ValueOf(after, "after"));
  return Differ(was, is).Run();
}

Json ToJson(const Difference& difference) {
  const auto place = [](const std::string& pointer) { return pointer.empty() ? Json() : Json(pointer); };
  const DiffInfo& info = InfoOf(difference.code);
  return Json::Object({{"code", TextOf(difference.code)},
                       {"severity", NameOf(info.impact)},
                       {"before", place(difference.before)},
                       {"after", place(difference.after)},
                       {"title", info.title},
                       {"message", difference.message},
                       {"advice", info.advice}});
}

Result<Json> DiffReport(std::string_view before, std::string_view after) {
  ASSIGN_OR_RETURN(const std::vector<Difference> differences, Diff(before, after));
  std::vector<Json> changes;
  std::size_t counts[3] = {};
  for (const Difference& difference : differences) {
    changes.push_back(ToJson(difference));
    ++counts[static_cast<std::size_t>(InfoOf(difference.code).impact)];
  }
  return Json::Object({{"breaking", counts[0]},
                       {"risky", counts[1]},
                       {"safe", counts[2]},
                       {"changes", Json::Array(std::move(changes))}});
}

std::string RenderDiffDocs() {
  std::string out =
      "# Changes between two versions of a workflow\n\n"
      "Generated from `dsl/tools/diff_codes.def`; do not edit. `elevaite dsl diff BEFORE AFTER` and `POST "
      "/v1/dsl/diff` report "
      "these.\nRunning executions stay on their version, whatever is published; [migration.md](migration.md) "
      "says how they "
      "are moved.\n\n"
      "| code | severity | change |\n| --- | --- | --- |\n";
  for (const DiffInfo& info : kCodes) {
    out += fmt::format("| [{0}](#diff{1:03}) | {2} | {3} |\n", TextOf(info.code), static_cast<int>(info.code),
                       NameOf(info.impact), info.title);
  }
  for (const DiffInfo& info : kCodes) {
    out += fmt::format("\n## {}\n\n**{}** ({})\n\n{}\n\n{}\n", TextOf(info.code), info.title,
                       NameOf(info.impact), info.explanation, info.advice);
  }
  return out;
}

}  // namespace elevaite::dsl::tools
