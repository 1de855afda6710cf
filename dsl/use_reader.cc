#include "dsl/use_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/cron.h"
#include "dsl/expression.h"
#include "dsl/shape.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {

namespace {

constexpr std::size_t kExtensionsMax = 64;  // each is a task around the tasks that it extends

}  // namespace

using syntax::Field;
using syntax::Place;

void UseReader::Collect(const Place& use) {
  if (!reader_.IsMapping(use, "`use`")) return;
  reader_.CheckKeys(use, "use");
  for (const vocabulary::Key& key : vocabulary::Get("use").keys) {
    const Field part = Reader::Member(use, key.name);
    if (!part) continue;
    if (key.name == "secrets") {
      CollectSecrets(*part);
    } else if (key.name == "extensions") {
      if (reader_.IsList(*part, "`use.extensions`",
                         "write extensions: [{name: {extend: call, before: [...]}}]"))
        extensions_ = part;
    } else if (reader_.IsMapping(*part, fmt::format("`use.{}`", key.name),
                                 "write names with their definitions")) {
      for (const yaml::Member& member : part->node.members()) {
        definitions_.Add(key.name, std::string(member.key),
                         {member.value, Child(part->pointer, member.key), member.key_range});
      }
    }
  }
}

void UseReader::CollectSecrets(const Place& list) {
  if (!reader_.IsList(list, "`use.secrets`", "write secrets: [name]")) return;
  for (std::size_t i = 0; i < list.node.items().size(); ++i) {
    const Place item = Reader::Item(list, i);
    const auto name =
        reader_.LiteralText(item, "the name of a secret", "write the name; the value is kept elsewhere");
    if (!name) continue;
    if (name->empty()) {
      reader_.Add(Code::kEmpty, item, "the name of a secret is empty");
      continue;
    }
    if (definitions_.Of("secrets").contains(*name)) continue;
    definitions_.Add("secrets", *name, item);
    workflow_.secrets.push_back(*name);
  }
}

void UseReader::Read(TaskReader& tasks) {
  for (const auto& [name, place] : definitions_.Of("retries")) tasks.Retry(place);
  for (const auto& [name, place] : definitions_.Of("errors")) tasks.Error(place);
  for (const auto& [name, place] : definitions_.Of("timeouts")) tasks.Timeout(place);
  for (const auto& [name, place] : definitions_.Of("authentications")) {
    if (ShapeChecker(reader_, definitions_).Check(place, vocabulary::Get("policy")))
      workflow_.authentications.emplace(name, place);
  }
  ReadCatalogs();
  ReadFunctions(tasks);
  ReadExtensions(tasks);
}

// Functions are fetched from a catalogue before anything runs: its address cannot be computed.
void UseReader::ReadCatalogs() {
  for (const auto& [name, place] : definitions_.Of("catalogs")) {
    if (!ShapeChecker(reader_, definitions_).Check(place, vocabulary::Get("catalog"))) continue;
    Field endpoint = Reader::Member(place, "endpoint");
    if (endpoint->node.IsMapping()) endpoint = Reader::Member(*endpoint, "uri");
    const auto uri = reader_.LiteralText(*endpoint, "the endpoint of a catalog",
                                         "functions are fetched before the workflow runs");
    if (uri) workflow_.catalogs.emplace(name, *uri);
    if (name == "default") {
      reader_.Add(Code::kIgnoredKey, place, "`default` is the catalog of this server and cannot be redefined",
                  "choose another name");
    }
  }
}

void UseReader::ReadFunctions(TaskReader& tasks) {
  const auto standard = vocabulary::StandardCalls();
  for (const auto& [name, place] : definitions_.Of("functions")) {
    if (std::ranges::find(standard, name) != standard.end()) {
      reader_.Add(Code::kIgnoredKey, place,
                  fmt::format("a function named {} can never be called: the word is a call of the language",
                              Quote(name)),
                  "choose another name");
    }
    workflow_.functions.emplace(name, tasks.One(place, name));
  }
}

void UseReader::ReadExtensions(TaskReader& tasks) {
  if (!extensions_) return;
  if (extensions_->node.items().size() > kExtensionsMax) {
    reader_.Add(Code::kTooComplex, *extensions_,
                fmt::format("a workflow has at most {} extensions", kExtensionsMax),
                "put tasks of several into one");
    return;
  }
  for (std::size_t i = 0; i < extensions_->node.items().size(); ++i) {
    const Place item = Reader::Item(*extensions_, i);
    if (!item.node.IsMapping() || item.node.members().size() != 1) {
      reader_.diagnostics().Add(Code::kTaskShape, {item.node.range().begin, item.node.range().begin},
                                item.pointer, "an extension is one name with its definition",
                                "write `- name: {extend: call, before: [...]}`");
      continue;
    }
    const yaml::Member& member = item.node.members().front();
    const Place place{member.value, Child(item.pointer, member.key), member.key_range};
    if (!ShapeChecker(reader_, definitions_).Check(place, vocabulary::Get("extension"))) continue;
    syntax::Extension extension{.name = std::string(member.key),
                                .extend = std::string(member.value.Find("extend")->value.text()),
                                .when = tasks.ReadExpression(place, "when")};
    const Field before = Reader::Member(place, "before");
    const Field after = Reader::Member(place, "after");
    if (before) extension.before = tasks.List(*before, "`before`");
    if (after) extension.after = tasks.List(*after, "`after`");
    if (!before && !after) {
      reader_.Add(Code::kEmpty, place, fmt::format("the extension {} does nothing", Quote(member.key)),
                  "give it tasks in `before` or `after`");
    }
    workflow_.extensions.push_back(std::move(extension));
  }
}

void UseReader::CheckCron(const Place& place) {
  const auto cron = Cron::Parse(place.node.text());
  if (cron) return;
  const CronError& error = cron.error();
  const yaml::Range range{document_.Locate(place.node, error.begin), document_.Locate(place.node, error.end)};
  reader_.diagnostics().Add(Code::kCron, range, place.pointer, error.message, error.hint);
}

void UseReader::ReadSchedule(const Place& place, TaskReader& tasks) {
  constexpr std::int64_t kSecond = 1'000'000;
  if (!ShapeChecker(reader_, definitions_).Check(place, vocabulary::Get("schedule"))) return;
  syntax::Schedule schedule{.cron = Reader::Member(place, "cron"), .read = tasks.ReadMode(place)};
  if (schedule.cron) CheckCron(*schedule.cron);
  if (const Field every = Reader::Member(place, "every")) {
    schedule.every_us = reader_.DurationLiteral(*every, "`every`");
    if (schedule.every_us && *schedule.every_us < kSecond)
      reader_.Add(Code::kNumberRange, *every, "`every` must be at least one second");
  }
  if (const Field after = Reader::Member(place, "after"))
    schedule.after_us = reader_.DurationLiteral(*after, "`after`");
  const Field on = Reader::Member(place, "on");
  if (on) {
    schedule.on = tasks.Strategy(*on);
  } else if (const Field read = Reader::Member(place, "read")) {
    reader_.Add(Code::kExclusiveKeys, *read, "`read` belongs to `on`", "leave it out");
  }
  workflow_.schedule = std::move(schedule);
}

}  // namespace elevaite::dsl
