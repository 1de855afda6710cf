// The order of JSON values, which is jq's.
#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/decimal.h"
#include "foundation/json.h"
#include "foundation/json_internal.h"

namespace elevaite {

namespace {

int Sign(auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); }

int CompareNumbers(const Json& a, const Json& b) {
  if (a.IsInt64() && b.IsInt64()) return Sign(a.AsInt64(), b.AsInt64());
  if (a.IsExactInteger() && b.IsExactInteger()) {
    if (a.IsUint64() && b.IsUint64()) return Sign(a.AsUint64(), b.AsUint64());
    return a.IsUint64() ? 1 : -1;
  }
  // As jq does: numbers as written compare exactly, a computed double compares as double.
  const bool as_written = (a.IsDecimal() || a.IsExactInteger()) && (b.IsDecimal() || b.IsExactInteger());
  if (as_written) return Compare(DecimalOf(a), DecimalOf(b));
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  if (std::isnan(x)) return -1;
  if (std::isnan(y)) return 1;
  return Sign(x, y);
}

}  // namespace

std::vector<const Json::Member*> SortedMembers(const Json& object) {
  std::vector<const Json::Member*> sorted;
  sorted.reserve(object.Size());
  for (const Json::Member& member : object.AsObject()) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, [](const Json::Member* m) { return m->key.AsString(); });
  return sorted;
}

namespace {

// First the sorted key sets as arrays, then the values in key order.
int CompareObjects(const Json& a, const Json& b) {
  const auto left = SortedMembers(a);
  const auto right = SortedMembers(b);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const int order = left[i]->key.AsString().compare(right[i]->key.AsString());
    if (order != 0) return order < 0 ? -1 : 1;
  }
  if (left.size() != right.size()) return Sign(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (const int order = Json::Compare(left[i]->value, right[i]->value); order != 0) return order;
  }
  return 0;
}

// null < false < true < numbers < strings < arrays < objects
int Rank(const Json& v) {
  if (v.IsBool()) return v.AsBool() ? 2 : 1;
  return v.IsNull() ? 0 : static_cast<int>(v.type()) + 1;
}

}  // namespace

int Json::Compare(const Json& a, const Json& b) {
  if (a.OnHeap() && a.SameAs(b) && !a.IsDecimal()) {
    return 0;  // shared; a NaN inside would differ from itself, which nobody can rely on
  }
  const int rank = Rank(a);
  if (const int order = Sign(rank, Rank(b)); order != 0) return order;
  switch (a.type()) {
    case Type::kNull:
    case Type::kBool: return 0;
    case Type::kNumber: return CompareNumbers(a, b);
    case Type::kString: {
      const int order = a.AsString().compare(b.AsString());
      return order < 0 ? -1 : (order > 0 ? 1 : 0);
    }
    case Type::kArray: {
      const auto left = a.AsArray();
      const auto right = b.AsArray();
      for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (const int order = Compare(left[i], right[i]); order != 0) return order;
      }
      return Sign(left.size(), right.size());
    }
    case Type::kObject: return CompareObjects(a, b);
  }
  return 0;
}

}  // namespace elevaite
