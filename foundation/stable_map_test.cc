#include "foundation/stable_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "foundation/random.h"

namespace elevaite {
namespace {

using Map = StableMap<int, std::string>;

TEST(StableMap, DoesWhatAMapDoes) {
  SeededRandom random(11);
  Map map;
  std::map<int, std::string> model;
  for (int i = 0; i < 20'000; ++i) {
    const int key = static_cast<int>(random.Below(40));
    if (random.Below(2) == 0) {
      const auto [place, is_new] = map.emplace(key, std::to_string(i));
      EXPECT_EQ(is_new, model.emplace(key, std::to_string(i)).second);
      EXPECT_EQ(place->first, key);
    } else if (const auto found = map.find(key); found != map.end()) {
      map.erase(found);
      EXPECT_EQ(model.erase(key), 1U);
    }
    ASSERT_EQ(map.size(), model.size());
    ASSERT_EQ(map.contains(key), model.contains(key));
    ASSERT_TRUE(std::ranges::equal(map, model, [](const auto& a, const auto& b) { return a == b; }));
  }
}

TEST(StableMap, EntriesDoNotMove) {
  Map map;
  const std::string* const first = &map.emplace(5, "five").first->second;
  for (int i = 10; i < 100; ++i) map.emplace(i, "later");
  map.emplace(1, "before");
  map.erase(map.find(50));
  EXPECT_EQ(&map.at(5), first);
}

TEST(StableMap, ACopyIsItsOwn) {
  Map map;
  map.emplace(1, "one");
  Map copy = map;
  copy.at(1) = "changed";
  copy.emplace(2, "two");
  EXPECT_EQ(map.at(1), "one");
  EXPECT_EQ(map.size(), 1U);
  map = copy;
  EXPECT_EQ(map.at(2), "two");
}

}  // namespace
}  // namespace elevaite
