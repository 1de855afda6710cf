#include "dsl/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace elevaite::dsl::vocabulary {
namespace {

const yaml::Node& Tree() {
  static const yaml::Node tree = *yaml::Read(R"(
use:
  functions: {get/it: {call: http, with: {method: get}}}
  extensions: [{log: {extend: call, before: [{note: {set: {x: 1}}}]}}]
  authentications: {shop: {oauth2: {client: {id: a}}}}
do:
  - load: {call: mcp, with: {transport: {http: {endpoint: {uri: x}}}}, then: end}
  - loop: {for: {in: .x}, do: [{wait it: {wait: PT1S}}]}
  - own: {call: mine, with: {free: {data: 1}}}
  - hear: {listen: {to: {any: [{with: {type: a}, correlate: {room: {from: .x}}}], until: {one: {with: {}}}}}}
  - broken:
)");
  return tree;
}

std::string ObjectAt(std::string_view pointer) {
  const auto place = At(Tree(), pointer);
  return place && place->object != nullptr ? std::string(place->object->name) : place ? "-" : "none";
}

TEST(Vocabulary, NamesTheObjectAtAPlace) {
  EXPECT_EQ(ObjectAt(""), "workflow");
  EXPECT_EQ(ObjectAt("/document"), "document");
  EXPECT_EQ(ObjectAt("/use/functions/get~1it"), "task.call");
  EXPECT_EQ(ObjectAt("/use/functions/get~1it/with"), "with.http");
  EXPECT_EQ(ObjectAt("/use/extensions/0/log"), "extension");
  EXPECT_EQ(ObjectAt("/use/extensions/0/log/before/0/note"), "task.set");
  EXPECT_EQ(ObjectAt("/use/authentications/shop/oauth2/client"), "oauth2.client");
  EXPECT_EQ(ObjectAt("/do/0/load/with/transport/http/endpoint"), "endpoint");
  EXPECT_EQ(ObjectAt("/do/1/loop"), "task.for");
  EXPECT_EQ(ObjectAt("/do/1/loop/for"), "for");
  EXPECT_EQ(ObjectAt("/do/1/loop/do/0/wait it"), "task.wait");
  EXPECT_EQ(ObjectAt("/do/2/own/with"), "with");
  EXPECT_EQ(ObjectAt("/do/3/hear/listen/to/any/0/correlate/room"), "correlation");
  EXPECT_EQ(ObjectAt("/do/3/hear/listen/to/until/one/with"), "filter.with");
  EXPECT_EQ(ObjectAt("/do/4/broken"), "task");
  EXPECT_EQ(ObjectAt("/do"), "-");
  EXPECT_EQ(ObjectAt("/do/1"), "-");
}

TEST(Vocabulary, NamesTheKeyAndItsOwner) {
  const auto then = At(Tree(), "/do/0/load/then");
  ASSERT_TRUE(then);
  EXPECT_EQ(then->key->name, "then");
  EXPECT_EQ(then->owner->name, "task.call");
  EXPECT_TRUE(then->value->Is(kFlow));
}

TEST(Vocabulary, KnowsNothingOfFreeData) {
  EXPECT_EQ(ObjectAt("/do/2/own/with/free"), "none");
  EXPECT_EQ(ObjectAt("/document/metadata/x"), "none");
  EXPECT_EQ(ObjectAt("/nowhere"), "none");
  EXPECT_EQ(ObjectAt("no pointer"), "none");
  EXPECT_EQ(ObjectAt("/do/99/x/set"), "none");
}

void CheckValue(const Object& object, const Key& key, const Value& value) {
  const std::string where = std::string(object.name) + "." + std::string(key.name);
  EXPECT_NE(value.forms, 0U) << where;
  EXPECT_EQ(value.Is(kObject) || value.Is(kNamedList), !value.object.empty()) << where;
  if (!value.object.empty() && value.object != "case") EXPECT_NE(Find(value.object), nullptr) << where;
  EXPECT_EQ(value.Is(kEnum), !value.values.empty()) << where;
  EXPECT_EQ(value.Is(kList) || value.Is(kMap), value.element != nullptr) << where;
  EXPECT_EQ(value.Is(kReference), !value.reference.empty()) << where;
  if (value.Is(kReference)) EXPECT_NE(Get("use").Find(value.reference), nullptr) << where;
  if (value.element != nullptr) CheckValue(object, key, *value.element);
}

TEST(Vocabulary, IsComplete) {
  std::set<std::string_view> names;
  for (const Object& object : All()) {
    EXPECT_TRUE(names.insert(object.name).second) << object.name;
    EXPECT_FALSE(object.title.empty()) << object.name;
    EXPECT_TRUE(object.description.ends_with('.')) << object.name;
    for (const Key& key : object.keys) {
      EXPECT_TRUE(key.description.ends_with('.')) << object.name << "." << key.name;
      EXPECT_FALSE(key.example.empty()) << object.name << "." << key.name;
      EXPECT_TRUE(yaml::Read(key.example)) << object.name << "." << key.name;
      CheckValue(object, key, key.value);
    }
    for (const KeyGroup& group : object.one_of) {
      for (std::string_view key : group) EXPECT_NE(object.Find(key), nullptr) << object.name << "." << key;
    }
  }
  for (std::string_view kind : TaskKinds()) EXPECT_NE(Find("task." + std::string(kind)), nullptr) << kind;
  for (std::string_view call : StandardCalls()) EXPECT_NE(Find("with." + std::string(call)), nullptr) << call;
}

}  // namespace
}  // namespace elevaite::dsl::vocabulary
