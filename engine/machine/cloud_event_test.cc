#include "engine/machine/cloud_event.h"

#include <gtest/gtest.h>

namespace elevaite::engine {
namespace {

Result<Json> EventWith(const std::string& attribute, std::string_view value) {
  std::vector<Json::Member> members{{"type", "order.placed"}};
  if (attribute == "type") members.clear();
  members.push_back(Json::Member{Json(std::string_view(attribute)), Json(value)});
  return CloudEventOf(Json::Object(std::move(members)), {.id = "1", .source = "here", .time_us = 0});
}

// They are in indexes, whose rows databases limit, and in columns of text, some of which hold no zero bytes.
TEST(CloudEvent, WhatEventsAreFoundByIsShortAndPlain) {
  for (const char* attribute : {"id", "source", "type"}) {
    EXPECT_TRUE(EventWith(attribute, std::string(1000, 'x'))) << attribute;
    const auto longer = EventWith(attribute, std::string(1001, 'x'));
    ASSERT_FALSE(longer) << attribute;
    EXPECT_EQ(longer.error().message,
              "the event's `" + std::string(attribute) + "` must be at most 1000 bytes long");
  }
  EXPECT_TRUE(EventWith("subject", std::string(5000, 'x')));
  for (const char* attribute : {"id", "source", "type", "subject", "datacontenttype"}) {
    EXPECT_TRUE(EventWith(attribute, "größe")) << attribute;
    for (const std::string_view control :
         {std::string_view("a\0b", 3), std::string_view("a\nb"), std::string_view("a\x7f")})
      EXPECT_FALSE(EventWith(attribute, control)) << attribute;
  }
  EXPECT_TRUE(EventWith("data", std::string_view("a\0b\n", 4)));
}

}  // namespace
}  // namespace elevaite::engine
