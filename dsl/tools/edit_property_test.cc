// Random documents and random operations: the text that comes out has the value that the operation gives when
// it is done on the value, the changes lead from one text to the other, and comments of other parts are all
// there.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dsl/tools/edit.h"
#include "dsl/tools/random_document.h"
#include "dsl/tools/source.h"

namespace elevaite::dsl::tools {
namespace {

// Pointers of all tasks, of all lists of tasks, and of everything.
struct Places {
  std::vector<Tokens> tasks;
  std::vector<Tokens> lists;
  std::vector<Tokens> all;
};

void Collect(const Json& value, const Tokens& path, Places& places) {
  if (!path.empty()) places.all.push_back(path);
  const bool is_list =
      !path.empty() && (path.back() == "do" || path.back() == "branches" || path.back() == "try");
  if (value.IsArray()) {
    if (is_list) places.lists.push_back(path);
    for (std::size_t i = 0; i < value.Size(); ++i) {
      Tokens child = path;
      child.push_back(std::to_string(i));
      if (is_list) {
        places.tasks.push_back(child);
        places.tasks.back().emplace_back(value.At(i).AsObject().front().key.AsString());
      }
      Collect(value.At(i), child, places);
    }
  }
  for (const auto& [key, member] : value.IsObject() ? value.AsObject() : std::span<const Json::Member>()) {
    Tokens child = path;
    child.emplace_back(key.AsString());
    Collect(member, child, places);
  }
}

std::string Applied(const std::string& text, const std::vector<TextChange>& changes) {
  const Source source = *Source::Read(text);
  std::vector<Splice> splices;
  for (const TextChange& change : changes) {
    const std::size_t from = source.OffsetOf(change.from);
    splices.push_back({from, source.OffsetOf(change.to) - from, change.insert});
  }
  return Spliced(text, splices);
}

bool IsBelow(std::string_view pointer, std::string_view owner) {
  return pointer.starts_with(owner) && (pointer.size() == owner.size() || pointer[owner.size()] == '/');
}

void CheckComments(const RandomDocument& document, const std::string& result,
                   const std::vector<std::string>& gone) {
  for (const auto& [comment, owner] : document.comments) {
    if (std::ranges::any_of(gone, [&](const std::string& part) { return IsBelow(owner, part); })) continue;
    if (result.find(comment) == std::string::npos) RC_FAIL("lost " + comment + " of " + owner);
  }
}

Json Run(const RandomDocument& document, const Json& operation, const Json& wanted,
         const std::vector<std::string>& gone) {
  const auto edited = Edit(document.text, Json::Array({operation}));
  RC_LOG() << document.text << "\n" << operation.Dump() << "\n";
  if (!edited) RC_FAIL(edited.error().message);
  RC_LOG() << edited->source;
  const auto read = yaml::Read(edited->source);
  if (!read) RC_FAIL(read.error().ToString());
  RC_ASSERT(read->value().Dump() == wanted.Dump());
  RC_ASSERT(Applied(document.text, edited->changes) == edited->source);
  CheckComments(document, edited->source, gone);
  return Json(edited->source);
}

RC_GTEST_PROP(EditProperty, TheTextOfARandomDocumentReadsAsItsValue, (std::uint32_t seed)) {
  const RandomDocument document = DocumentGenerator(seed).Yaml();
  const auto read = yaml::Read(document.text);
  RC_LOG() << document.text;
  if (!read) RC_FAIL(read.error().ToString());
  RC_ASSERT(read->value().Dump() == document.value.Dump());
}

RC_GTEST_PROP(EditProperty, AddThenDeleteGivesTheFirstTextBack, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const RandomDocument document = generator.Yaml();
  Places places;
  Collect(document.value, {}, places);
  const Tokens list = places.lists[generator.Below(places.lists.size())];
  const Json& items = *ValueAt(document.value, list);
  const std::size_t at = generator.Below(items.Size() + 1);
  const Json task = generator.Task(2);
  const Json wanted = Changed(document.value, list, [&](const Json& l) {
    return WithInserted(l, at, Json::Object({{"fresh", task}}));
  });
  const Json added = Run(
      document,
      Json::Object({{"op", "add"}, {"list", PointerOf(list)}, {"at", at}, {"name", "fresh"}, {"task", task}}),
      wanted, {});
  const auto back =
      Edit(added.AsString(),
           Json::Array({Json::Object(
               {{"op", "delete"}, {"task", PointerOf(list) + "/" + std::to_string(at) + "/fresh"}})}));
  if (!back) RC_FAIL(back.error().message);
  if (items.Size() > 0) {
    RC_ASSERT(back->source == document.text);
  } else {
    RC_ASSERT(yaml::Read(back->source)->value().Dump() == document.value.Dump());
  }
}

RC_GTEST_PROP(EditProperty, SetOfWhatIsThereAndOfNewMembers, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const RandomDocument document = generator.Yaml();
  Places places;
  Collect(document.value, {}, places);
  Tokens path = places.all[generator.Below(places.all.size())];
  const Json value = generator.OneIn(3)   ? generator.Task(2)
                     : generator.OneIn(6) ? Json::EmptyArray()
                                          : generator.Scalar();
  const Json& there = *ValueAt(document.value, path);
  Json wanted;
  if (there.IsObject() && generator.OneIn(2)) {
    wanted =
        Changed(document.value, path, [&](const Json& o) { return Json::WithMember(o, "new key", value); });
    path.emplace_back("new key");
  } else {
    wanted = Changed(document.value, path, [&](const Json&) { return value; });
  }
  Run(document, Json::Object({{"op", "set"}, {"at", PointerOf(path)}, {"value", value}}), wanted,
      {PointerOf(path)});
}

RC_GTEST_PROP(EditProperty, UnsetTakesThePartAndItsCommentsOnly, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const RandomDocument document = generator.Yaml();
  Places places;
  Collect(document.value, {}, places);
  const Tokens path = places.all[generator.Below(places.all.size())];
  const Json wanted = Changed(document.value, std::span(path).first(path.size() - 1), [&](const Json& o) {
    return o.IsArray() ? WithErased(o, *IndexOf(path.back())) : Json::WithoutMember(o, path.back());
  });
  Run(document, Json::Object({{"op", "unset"}, {"at", PointerOf(path)}}), wanted, {PointerOf(path)});
}

RC_GTEST_PROP(EditProperty, RenameKeepsEverythingElse, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const RandomDocument document = generator.Yaml();
  Places places;
  Collect(document.value, {}, places);
  const Tokens task = places.tasks[generator.Below(places.tasks.size())];
  const auto edited = Edit(
      document.text,
      Json::Array({Json::Object({{"op", "rename"}, {"task", PointerOf(task)}, {"name", "other name: x"}})}));
  RC_LOG() << document.text << PointerOf(task);
  if (!edited) RC_FAIL(edited.error().message);
  CheckComments(document, edited->source, {});
  const Json value = yaml::Read(edited->source)->value();
  Tokens renamed = task;
  renamed.back() = "other name: x";
  RC_ASSERT(ValueAt(value, renamed) != nullptr);
  const Json& list = *ValueAt(value, std::span(task).first(task.size() - 2));
  for (const Json& item : list.AsArray())
    RC_ASSERT(item.AsObject().front().value["then"] != Json(task.back()));
  const auto back = Edit(
      edited->source,
      Json::Array({Json::Object({{"op", "rename"}, {"task", PointerOf(renamed)}, {"name", task.back()}})}));
  RC_ASSERT(yaml::Read(back->source)->value().Dump() == document.value.Dump());
}

RC_GTEST_PROP(EditProperty, MoveTakesTheTaskAndItsCommentsAlong, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const RandomDocument document = generator.Yaml();
  Places places;
  Collect(document.value, {}, places);
  const Tokens task = places.tasks[generator.Below(places.tasks.size())];
  const Tokens list = places.lists[generator.Below(places.lists.size())];
  RC_PRE(!IsBelow(PointerOf(list), PointerOf(task)));
  const bool same = std::ranges::equal(list, std::span(task).first(task.size() - 2));
  const std::size_t at = generator.Below(ValueAt(document.value, list)->Size() + (same ? 0 : 1));
  const Json operation =
      Json::Object({{"op", "move"}, {"task", PointerOf(task)}, {"list", PointerOf(list)}, {"at", at}});
  const auto edited = Edit(document.text, Json::Array({operation}));
  RC_LOG() << document.text << "\n" << operation.Dump() << "\n";
  if (!edited) RC_FAIL(edited.error().message);
  RC_LOG() << edited->source;
  const Json value = yaml::Read(edited->source)->value();
  RC_ASSERT(Applied(document.text, edited->changes) == edited->source);
  Places after;
  Collect(value, {}, after);
  RC_ASSERT(after.tasks.size() == places.tasks.size());
  const auto found =
      std::ranges::find_if(after.tasks, [&](const Tokens& t) { return t.back() == task.back(); });
  RC_ASSERT(found != after.tasks.end());
  RC_ASSERT((*found)[found->size() - 2] == std::to_string(at));
  if (edited->repairs.empty())
    RC_ASSERT(ValueAt(value, *found)->Dump() == ValueAt(document.value, task)->Dump());
  // The item's owner is `/do/0`; a part in brackets has no place for comments.
  const bool into_brackets = edited->source.find(task.back() + ": {") != std::string::npos ||
                             edited->source.find("\"" + task.back() + "\": {") != std::string::npos;
  const std::string item = PointerOf(std::span(task).first(task.size() - 1));
  std::vector<std::string> gone;
  if (into_brackets) gone.push_back(item);
  for (const Repair& repair : edited->repairs) gone.push_back(repair.pointer);
  CheckComments(document, edited->source, gone);
}

}  // namespace
}  // namespace elevaite::dsl::tools
