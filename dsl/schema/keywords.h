// The keywords that check something: a table in the order in which they are applied.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "dsl/schema/node.h"

namespace elevaite::schema {

class Site;

struct KeywordRow {
  std::array<std::string_view, 3> names;  // compiled once if any of them is present
  Rule (*compile)(Site&);                 // no rule: nothing to check, or an error was reported
  bool validates = false;                 // of the validation vocabulary
  bool last = false;                      // after all others
};

std::span<const KeywordRow> Keywords();

// By file.
std::span<const KeywordRow> AssertionKeywords();    // assertions.cc: values
std::span<const KeywordRow> CombinationKeywords();  // combinations.cc: allOf, if, $ref ...
std::span<const KeywordRow> ObjectKeywords();       // objects.cc: properties, required ...
std::span<const KeywordRow> ArrayKeywords();        // arrays.cc: items, contains ...

}  // namespace elevaite::schema
