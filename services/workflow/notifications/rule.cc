#include "services/workflow/notifications/rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/machine/labels.h"
#include "foundation/text.h"
#include "services/workflow/fields.h"

namespace elevaite::notifications {
namespace {

using engine::Label;
using engine::LabelKind;
using workflow::Fields;

constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kPatternBytesMax = 130;
constexpr std::size_t kLabelsMax = 10;
constexpr std::chrono::hours kWaitingMost{365 * 24};
constexpr std::chrono::seconds kWaitingLeast{10};
constexpr std::chrono::hours kGroupMost{24};

// `*` takes as little as it can, and more when the rest does not fit: linear for one, bounded for several.
bool FitsGlob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// Each text of a list; absent: none.
template <class Each>
Result<void> ForEachText(const Fields& fields, std::string_view name, std::size_t most, Each each) {
  const Json* list = fields.Find(name);
  if (!list) return {};
  if (!list->IsArray() || list->Size() > most)
    return fields.Wrong(name, fmt::format("must be a list of at most {}", most));
  for (const Json& one : list->AsArray()) {
    if (!one.IsString()) return fields.Wrong(name, "must be a list of texts");
    RETURN_IF_ERROR(each(one.AsString()));
  }
  return {};
}

Result<void> ReadKinds(const Fields& fields, RuleSettings& rule) {
  RETURN_IF_ERROR(ForEachText(fields, "on", 20, [&](std::string_view name) -> Result<void> {
    const auto kind = KindFromName(name);
    if (!kind)
      return fields.Wrong("on", fmt::format("has '{}', which is not known", name.substr(0, 40)),
                          "there are " + NamesOfKinds());
    rule.on.insert(*kind);
    return {};
  }));
  if (rule.on.empty()) return fields.Wrong("on", "must name what is told", "there are " + NamesOfKinds());
  return {};
}

Result<void> ReadWorkflows(const Fields& fields, RuleSettings& rule) {
  return ForEachText(
      fields, "workflows", RuleSettings::kWorkflowsMax, [&](std::string_view text) -> Result<void> {
        if (!IsPattern(text))
          return fields.Wrong("workflows", fmt::format("has '{}', which names none", text.substr(0, 80)),
                              "shop.orders, shop.*, or orders for that name in any namespace");
        rule.workflows.emplace_back(text);
        return {};
      });
}

Result<void> ReadLabels(const Fields& fields, std::string_view name, LabelKind kind, RuleSettings& rule) {
  const Json* labels = fields.Find(name);
  if (!labels) return {};
  if (!labels->IsObject() || labels->Size() > kLabelsMax)
    return fields.Wrong(name, fmt::format("must be an object of at most {} texts", kLabelsMax));
  for (const auto& [key, value] : labels->AsObject()) {
    const auto text = engine::LabelValue(value);
    if (!text || text->size() > 200 || key.Size() > 200)
      return fields.Wrong(name, "must be an object of texts, numbers, true or false");
    rule.labels.push_back({.kind = kind, .name = std::string(key.AsString()), .value = *text});
  }
  return {};
}

Result<void> ReadChannels(const Fields& fields, RuleSettings& rule) {
  RETURN_IF_ERROR(
      ForEachText(fields, "channels", RuleSettings::kChannelsMax, [&](std::string_view text) -> Result<void> {
        const auto id = ChannelId::Parse(text);
        if (!id) return fields.Wrong("channels", "has what is no id of a channel", id.error().message);
        if (std::ranges::find(rule.channels, *id) == rule.channels.end()) rule.channels.push_back(*id);
        return {};
      }));
  if (rule.channels.empty())
    return fields.Wrong("channels", "must name at least one", "GET /v1/notification-channels lists them");
  return {};
}

Result<std::optional<Wording>> ReadWording(const Fields& fields, const Json& object, std::string_view name,
                                           Json& text) {
  ASSIGN_OR_RETURN(const auto given, fields.Text(name, kWordingBytesMax));
  if (!given || given->empty()) return std::nullopt;
  auto wording = Wording::Compile(*given);
  if (!wording) return fields.Wrong(name, ": " + wording.error().message, wording.error().hint);
  text = object[name];
  return *std::move(wording);
}

Json LabelsJson(const RuleSettings& rule, LabelKind kind) {
  std::vector<Json::Member> members;
  for (const Label& label : rule.labels) {
    if (label.kind == kind) members.emplace_back(std::string_view(label.name), label.value);
  }
  return Json::Object(std::move(members));
}

Json SourceOf(const RuleSettings& rule, Json subject, Json body) {
  std::vector<Json> on, workflows(rule.workflows.begin(), rule.workflows.end()), channels;
  for (const Kind kind : rule.on) on.emplace_back(NameOf(kind));
  for (const ChannelId& id : rule.channels) channels.emplace_back(id.ToString());
  return Json::Object({{"name", rule.name},
                       {"enabled", rule.enabled},
                       {"on", Json::Array(std::move(on))},
                       {"workflows", Json::Array(std::move(workflows))},
                       {"tags", LabelsJson(rule, LabelKind::kTag)},
                       {"attributes", LabelsJson(rule, LabelKind::kAttribute)},
                       {"subflows", rule.subflows},
                       {"channels", Json::Array(std::move(channels))},
                       {"waiting_after", FormatDuration(rule.waiting_after)},
                       {"group_within", FormatDuration(rule.group_within)},
                       {"subject", std::move(subject)},
                       {"body", std::move(body)}});
}

}  // namespace

Result<RuleSettings> RuleSettingsFrom(const Json& object) {
  ASSIGN_OR_RETURN(const Fields fields,
                   Fields::Of(object, "",
                              {"name", "enabled", "on", "workflows", "tags", "attributes", "subflows",
                               "channels", "waiting_after", "group_within", "subject", "body"}));
  RuleSettings rule;
  ASSIGN_OR_RETURN(const auto name, fields.Text("name", kNameBytesMax));
  rule.name = name.value_or("");
  if (rule.name.empty() || rule.name.find_first_of("\n\t") != std::string::npos)
    return fields.Wrong("name", "must be a line of text");
  ASSIGN_OR_RETURN(rule.enabled, fields.Flag("enabled", true));
  ASSIGN_OR_RETURN(rule.subflows, fields.Flag("subflows", false));
  RETURN_IF_ERROR(ReadKinds(fields, rule));
  RETURN_IF_ERROR(ReadWorkflows(fields, rule));
  RETURN_IF_ERROR(ReadLabels(fields, "tags", LabelKind::kTag, rule));
  RETURN_IF_ERROR(ReadLabels(fields, "attributes", LabelKind::kAttribute, rule));
  RETURN_IF_ERROR(ReadChannels(fields, rule));
  ASSIGN_OR_RETURN(rule.waiting_after,
                   fields.Duration("waiting_after", rule.waiting_after, kWaitingLeast, kWaitingMost));
  ASSIGN_OR_RETURN(rule.group_within, fields.Duration("group_within", rule.group_within,
                                                      std::chrono::microseconds(0), kGroupMost));
  Json subject, body;
  ASSIGN_OR_RETURN(rule.subject, ReadWording(fields, object, "subject", subject));
  ASSIGN_OR_RETURN(rule.body, ReadWording(fields, object, "body", body));
  rule.source = SourceOf(rule, std::move(subject), std::move(body));
  return rule;
}

bool IsPattern(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '*';
  };
  return !text.empty() && text.size() <= kPatternBytesMax && std::ranges::all_of(text, fits) &&
         std::ranges::count(text, '*') <= 4;
}

bool Fits(std::string_view pattern, const Place& place) {
  if (pattern.find('.') == std::string_view::npos) return FitsGlob(pattern, place.workflow);
  return FitsGlob(pattern, place.Full());
}

bool IsAbout(const RuleSettings& rule, const Place& place) {
  return rule.workflows.empty() || std::ranges::any_of(rule.workflows, [&](const std::string& pattern) {
           return Fits(pattern, place);
         });
}

bool Concerns(const Rule& rule, const Occasion& occasion, std::int64_t accepted_us) {
  return rule.settings.enabled && accepted_us >= rule.since_us && rule.settings.on.contains(occasion.kind) &&
         IsAbout(rule.settings, occasion.place);
}

// How a subflow ends is told by the run that it is a part of; what waits for somebody is told of both.
bool Concerns(const RuleSettings& rule, Kind kind, const engine::ExecutionRecord& record) {
  if (record.parent && !rule.subflows && kind <= Kind::kCancelled) return false;
  return std::ranges::all_of(rule.labels, [&](const Label& label) {
    return std::ranges::find(record.labels, label) != record.labels.end();
  });
}

bool NeedsRecord(const RuleSettings& rule) { return !rule.labels.empty(); }

}  // namespace elevaite::notifications
