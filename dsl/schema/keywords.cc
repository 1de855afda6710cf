#include "dsl/schema/keywords.h"

#include <vector>

namespace elevaite::schema {

std::span<const KeywordRow> Keywords() {
  static const std::vector<KeywordRow> all = [] {
    std::vector<KeywordRow> rows;
    for (const auto part : {AssertionKeywords(), ObjectKeywords(), ArrayKeywords(), CombinationKeywords()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return all;
}

}  // namespace elevaite::schema
