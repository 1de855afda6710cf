// Where two values differ, by path.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::rehearsal {

struct Difference {
  std::string path;              // a JSON Pointer; empty: the whole
  std::optional<Json> expected;  // none: nothing should be there
  std::optional<Json> actual;    // none: nothing is there
};

// kContains: objects may have more members than expected; lists are as long, item by item.
enum class Comparison : std::uint8_t { kEqual, kContains };

// At most `most`. None: they are equal (1 is 1.0, the order of members does not count).
std::vector<Difference> Differences(const Json& expected, const Json& actual, Comparison comparison,
                                    std::size_t most = 20);

// {path, expected?, actual?}
Json ToJson(const Difference& difference);

}  // namespace elevaite::rehearsal
