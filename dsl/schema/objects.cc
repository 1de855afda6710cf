// Keywords about objects.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "dsl/schema/ecma_regex.h"
#include "dsl/schema/evaluation.h"
#include "dsl/schema/keywords.h"
#include "dsl/schema/site.h"
#include "foundation/text.h"

namespace elevaite::schema {
namespace {

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class T>
using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

std::string Name(std::string_view name) { return Excerpt(Json(name)); }

// `properties`, `patternProperties` and `additionalProperties`, which is about what the others leave.
struct Members {
  struct ByPattern {
    Regex regex;
    const Node* node;
  };
  ByName<const Node*> named;
  std::vector<ByPattern> patterns;
  const Node* additional = nullptr;

  bool operator()(const Json& value, Evaluation& run, Seen& seen) const;
  bool CheckMember(const Json::Member& member, Evaluation& run, bool& known) const;
  bool CheckAdditional(const Json::Member& member, Evaluation& run) const;
};

bool Members::operator()(const Json& value, Evaluation& run, Seen& seen) const {
  if (!value.IsObject()) return true;
  bool valid = true;
  const auto members = value.AsObject();
  for (std::size_t i = 0; i < members.size(); ++i) {
    bool known = false;
    valid = CheckMember(members[i], run, known) && valid;
    if (!known && additional != nullptr) {
      known = true;
      valid = CheckAdditional(members[i], run) && valid;
    }
    if (known && run.tracks_seen()) seen.Mark(i);
    if (!run.Step() || (!valid && !run.collecting())) return false;
  }
  return valid;
}

bool Members::CheckMember(const Json::Member& member, Evaluation& run, bool& known) const {
  bool valid = true;
  const std::string_view name = member.key.AsString();
  if (const auto found = named.find(name); found != named.end()) {
    known = true;
    valid = run.ApplyToMember(*found->second, member);
  }
  for (const ByPattern& one : patterns) {
    if (!Matches(one.regex, name, run)) continue;
    known = true;
    valid = run.ApplyToMember(*one.node, member) && valid;
  }
  return valid && !run.stopped();
}

bool Members::CheckAdditional(const Json::Member& member, Evaluation& run) const {
  if (additional->boolean != false) return run.ApplyToMember(*additional, member);
  return run.ReportMember(member, additional->pointer, [&] {
    std::vector<std::string_view> names;
    for (const auto& [name, node] : named) names.push_back(name);
    std::ranges::sort(names);
    const std::string meant = DidYouMean(member.key.AsString(), names);
    return meant.empty() ? std::string("is not allowed here") : "is not allowed here; " + meant;
  });
}

Rule Properties(Site& site) {
  Members members;
  for (const auto& [name, schema] : site.Map("properties"))
    members.named.emplace(name.AsString(), site.Child("properties", name.AsString()));
  for (const auto& [pattern, schema] : site.Map("patternProperties")) {
    auto regex = CompileEcmaRegex(pattern.AsString());
    if (!regex) {
      return site.Fail(site.At("patternProperties"),
                       fmt::format("{} is no regular expression: {}", Excerpt(pattern), regex.error()));
    }
    members.patterns.push_back({*std::move(regex), site.Child("patternProperties", pattern.AsString())});
  }
  if (site.failed()) return {};
  if (site.Find("additionalProperties") != nullptr) members.additional = site.Child("additionalProperties");
  return members;
}

Rule PropertyNames(Site& site) {
  return [node = site.Child("propertyNames"), at = site.At("propertyNames")](const Json& value,
                                                                             Evaluation& run, Seen&) {
    if (!value.IsObject()) return true;
    bool valid = true;
    for (const Json::Member& member : value.AsObject()) {
      std::vector<Objection> captured;
      if (run.Capture(captured, [&] { return run.ApplyToName(*node, member); })) continue;
      if (run.stopped() || !run.collecting()) return false;
      valid = run.ReportMember(member, at, [&] {
        return "has a name that is not allowed: it " + (captured.empty() ? "" : captured.front().what);
      });
    }
    return valid;
  };
}

Rule Required(Site& site) {
  const auto names = site.Names(*site.Find("required"), site.At("required"));
  if (!names) return {};
  return [at = site.At("required"), names = *names](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsObject()) return true;
    if (!run.Step(names.size())) return false;
    bool valid = true;
    for (const std::string& name : names) {
      if (value.Find(name) != nullptr) continue;
      valid = run.Report(at, [&] { return fmt::format("must have the member {}", Name(name)); });
      if (!run.collecting()) break;
    }
    return valid;
  };
}

Rule DependentRequired(Site& site) {
  ByName<std::vector<std::string>> needs;
  for (const auto& [name, list] : site.Map("dependentRequired")) {
    const auto names = site.Names(list, site.At("dependentRequired"));
    if (!names) return {};
    needs.emplace(name.AsString(), *names);
  }
  return [at = site.At("dependentRequired"), needs](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsObject()) return true;
    bool valid = true;
    for (const auto& [name, others] : needs) {
      if (!run.Step(1 + others.size())) return false;
      if (value.Find(name) == nullptr) continue;
      for (const std::string& other : others) {
        if (value.Find(other) != nullptr) continue;
        valid = run.Report(
            at, [&] { return fmt::format("must have the member {} as it has {}", Name(other), Name(name)); });
      }
    }
    return valid;
  };
}

Rule DependentSchemas(Site& site) {
  std::vector<std::pair<std::string, const Node*>> needs;
  for (const auto& [name, schema] : site.Map("dependentSchemas"))
    needs.emplace_back(name.AsString(), site.InPlace("dependentSchemas", name.AsString()));
  return [needs](const Json& value, Evaluation& run, Seen& seen) {
    if (!value.IsObject()) return true;
    bool valid = true;
    for (const auto& [name, node] : needs) {
      if (!run.Step()) return false;
      if (value.Find(name) != nullptr) valid = run.Apply(*node, value, seen) && valid;
    }
    return valid;
  };
}

Rule PropertyCount(Site& site) {
  const auto least = site.Count("minProperties");
  const auto most = site.Count("maxProperties");
  if (site.failed()) return {};
  return [least, most, at_least = site.At("minProperties"), at_most = site.At("maxProperties")](
             const Json& value, Evaluation& run, Seen&) {
    if (!value.IsObject()) return true;
    if (least && value.Size() < *least) {
      return run.Report(at_least, [&] {
        return fmt::format("must have at least {} members, it has {}", *least, value.Size());
      });
    }
    if (!most || value.Size() <= *most) return true;
    return run.Report(
        at_most, [&] { return fmt::format("must have at most {} members, it has {}", *most, value.Size()); });
  };
}

Rule UnevaluatedProperties(Site& site) {
  site.compiler().compiled().tracks_seen = true;
  return [node = site.Child("unevaluatedProperties")](const Json& value, Evaluation& run, Seen& seen) {
    if (!value.IsObject()) return true;
    bool valid = true;
    const auto members = value.AsObject();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!run.Step()) return false;
      if (!seen.Has(i)) valid = run.ApplyToMember(*node, members[i]) && valid;
      if (!valid && !run.collecting()) return false;
    }
    seen.MarkAll();
    return valid;
  };
}

constexpr KeywordRow kRows[] = {
    {.names = {"required"}, .compile = Required, .validates = true},
    {.names = {"minProperties", "maxProperties"}, .compile = PropertyCount, .validates = true},
    {.names = {"dependentRequired"}, .compile = DependentRequired, .validates = true},
    {.names = {"properties", "patternProperties", "additionalProperties"}, .compile = Properties},
    {.names = {"propertyNames"}, .compile = PropertyNames},
    {.names = {"dependentSchemas"}, .compile = DependentSchemas},
    {.names = {"unevaluatedProperties"}, .compile = UnevaluatedProperties, .last = true},
};

}  // namespace

std::span<const KeywordRow> ObjectKeywords() { return kRows; }

}  // namespace elevaite::schema
