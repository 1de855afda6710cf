#include "dsl/jq/values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace elevaite::jq {
namespace {

// A member and its place in the index of a large object.
constexpr std::size_t kMemberBytes = sizeof(Json::Member) + 16;

constexpr std::int64_t kExact = (std::int64_t{1} << 53) - 1;

bool SmallInteger(const Json& v) { return v.IsInt64() && v.AsInt64() <= kExact && v.AsInt64() >= -kExact; }

// Before a change of a container: counts the copy that is made if others refer to it too.
bool CountCopy(Context& context, const Json& container) {
  if (!container.IsShared()) return true;
  const std::size_t bytes = container.Size() * (container.IsArray() ? sizeof(Json) : sizeof(Json::Member));
  return context.Step(container.Size() / 8) && context.Charge(bytes);
}

bool FailIndex(Context& context, const Json& value, const Json& key) {
  std::string message = std::string("Cannot index ") + TypeName(value) + " with ";
  return context.Fail(message + (key.IsNull() || key.IsArray() || key.IsObject() ? std::string(TypeName(key))
                                                                                 : Describe(key)));
}

// A slice as a key: {"start": 1, "end": null}.
bool IsSlice(Context& context, const Json& key) {
  if (key.Find("start") != nullptr && key.Find("end") != nullptr) return true;
  return context.Fail("Start and end indices of an array slice must be numbers");
}

// Resolves jq's slice bounds: start rounds down, end rounds up, negative counts from the end.
bool SliceBounds(Context& context, const Json& from, const Json& to, std::size_t length, std::size_t& begin,
                 std::size_t& end) {
  if ((!from.IsNull() && !from.IsNumber()) || (!to.IsNull() && !to.IsNumber())) {
    return context.Fail("Start and end indices of an array slice must be numbers");
  }
  const double size = static_cast<double>(length);
  double first = from.IsNull() || std::isnan(from.AsDouble()) ? 0 : from.AsDouble();
  double last = to.IsNull() || std::isnan(to.AsDouble()) ? size : to.AsDouble();
  if (first < 0) first += size;
  if (last < 0) last += size;
  first = std::clamp(std::floor(first), 0.0, size);
  last = std::clamp(std::ceil(last), first, size);
  begin = static_cast<std::size_t>(first);
  end = static_cast<std::size_t>(last);
  return true;
}

bool SearchArray(Context& context, const Json& array, const Json& wanted, Json& out) {
  std::vector<Json> found;
  const auto items = array.AsArray();
  const auto pattern = wanted.AsArray();
  for (std::size_t i = 0; !pattern.empty() && i + pattern.size() <= items.size(); ++i) {
    bool match = true;
    for (std::size_t k = 0; match && k < pattern.size(); ++k) {
      int order = 0;
      if (!context.Step() || !CompareValues(context, items[i + k], pattern[k], order, true)) return false;
      match = order == 0;
    }
    if (match) found.emplace_back(static_cast<std::int64_t>(i));
  }
  if (pattern.empty()) {
    out = Json();
    return true;
  }
  return MakeArray(context, std::move(found), out);
}

// An index into an array as an integer: floor, then from the end if negative. False: outside (or nan).
bool ArrayPosition(const Json& key, std::size_t size, std::size_t& position) {
  double index = 0;
  if (key.IsInt64()) {
    std::int64_t i = key.AsInt64();
    if (i < 0) i += static_cast<std::int64_t>(size);
    if (i < 0 || i >= static_cast<std::int64_t>(size)) return false;
    position = static_cast<std::size_t>(i);
    return true;
  }
  index = std::floor(key.AsDouble());
  if (std::isnan(index)) return false;
  if (index < 0) index += static_cast<double>(size);
  if (index < 0 || index >= static_cast<double>(size)) return false;
  position = static_cast<std::size_t>(index);
  return true;
}

}  // namespace

Json Number(double value) {
  if (value >= -static_cast<double>(kExact) && value <= static_cast<double>(kExact)) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value && (integer != 0 || !std::signbit(value))) return integer;
  }
  return value;
}

// ---- Indexing
// ----------------------------------------------------------------------------------------------------------

bool Index(Context& context, const Json& value, const Json& key, Json& out) {
  if (key.IsString()) {
    if (value.IsObject()) {
      const Json* found = value.Find(key.AsString());
      out = found != nullptr ? *found : Json();
      return true;
    }
    if (value.IsNull()) {
      out = Json();
      return true;
    }
    return FailIndex(context, value, key);
  }
  if (key.IsNumber()) {
    if (value.IsArray()) {
      std::size_t position = 0;
      out = ArrayPosition(key, value.Size(), position) ? value.AsArray()[position] : Json();
      return true;
    }
    if (value.IsNull()) {
      out = Json();
      return true;
    }
    return FailIndex(context, value, key);
  }
  if (key.IsObject() && (value.IsNull() || value.IsArray() || value.IsString())) {
    if (!IsSlice(context, key)) return false;
    return SliceOf(context, value, key["start"], key["end"], out);
  }
  if (key.IsArray() && value.IsArray())
    return context.Step(value.Size()) && SearchArray(context, value, key, out);
  if (value.IsNull() && key.IsNull()) {
    out = Json();
    return true;
  }
  return FailIndex(context, value, key);
}

bool SliceOf(Context& context, const Json& value, const Json& from, const Json& to, Json& out) {
  if (value.IsNull()) {
    out = Json();
    return true;
  }
  if (!value.IsArray() && !value.IsString()) {
    return context.Fail(std::string("Cannot index ") + TypeName(value) + " with object");
  }
  std::size_t begin = 0;
  std::size_t end = 0;
  if (value.IsArray()) {
    if (!SliceBounds(context, from, to, value.Size(), begin, end)) return false;
    if (!context.Step((end - begin) / 4) || !context.Charge((end - begin) * sizeof(Json))) return false;
    out = Json::Slice(value, begin, end);
    return true;
  }
  const std::string_view text = value.AsString();
  if (!context.Step(text.size() / 16)) return false;
  if (!SliceBounds(context, from, to, CountCodePoints(text), begin, end)) return false;
  const std::size_t first = OffsetOf(text, begin);
  const std::size_t last = first + OffsetOf(text.substr(first), end - begin);
  if (!context.ChargeText(last - first)) return false;
  out = Json(text.substr(first, last - first));
  return true;
}

namespace {

bool SetSlice(Context& context, Json value, const Json& key, const Json& item, Json& out) {
  if (value.IsNull()) value = Json::EmptyArray();
  if (value.IsString()) return context.Fail("Cannot update string slices");
  if (!value.IsArray())
    return context.Fail(std::string("Cannot update field at object index of ") + TypeName(value));
  if (!IsSlice(context, key)) return false;
  if (!item.IsArray()) return context.Fail("A slice of an array can only be assigned another array");
  std::size_t begin = 0;
  std::size_t end = 0;
  if (!SliceBounds(context, key["start"], key["end"], value.Size(), begin, end)) return false;
  if (!context.Step((value.Size() + item.Size()) / 4)) return false;
  const auto old = value.AsArray();
  const auto added = item.AsArray();
  std::vector<Json> items(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(begin));
  items.insert(items.end(), added.begin(), added.end());
  items.insert(items.end(), old.begin() + static_cast<std::ptrdiff_t>(end), old.end());
  return MakeArray(context, std::move(items), out);
}

}  // namespace

bool SetIndex(Context& context, Json value, const Json& key, Json item, Json& out) {
  const Context::LocalRoot root(context, value);
  const Context::LocalRoot item_root(context, item);
  if (item.Depth() >= kDepthMax) return context.Fail("The value is nested too deeply");
  if (!CountCopy(context, value)) return false;
  if (key.IsString() && (value.IsObject() || value.IsNull())) {
    if (value.IsNull()) value = Json::EmptyObject();
    if (!context.ChargeGrowth(value.Size(), kMemberBytes)) return false;
    out = Json::WithMember(std::move(value), key, std::move(item));
    return true;
  }
  if (key.IsNumber() && (value.IsArray() || value.IsNull())) {
    if (value.IsNull()) value = Json::EmptyArray();
    double index = std::floor(key.AsDouble());
    if (std::isnan(index)) return context.Fail("Cannot set array element at NaN index");
    if (index < 0) index += static_cast<double>(value.Size());
    if (index < 0) return context.Fail("Out of bounds negative array index");
    if (index > static_cast<double>(kArrayIndexMax)) return context.Fail("Array index too large");
    const auto position = static_cast<std::size_t>(index);
    if (position >= value.Size()) {
      const std::size_t added = position - value.Size() + 1;
      if (!context.Step(added / 4) || !context.Reserve(added * sizeof(Json))) return false;
      if (!context.ChargeGrowth(value.Size(), sizeof(Json))) return false;
    }
    out = Json::WithItem(std::move(value), position, std::move(item));
    return true;
  }
  if (key.IsObject() && (value.IsArray() || value.IsNull() || value.IsString())) {
    return SetSlice(context, std::move(value), key, item, out);
  }
  if (key.IsArray() && value.IsArray()) return context.Fail("Cannot update field at array index of array");
  if (key.IsObject())
    return context.Fail(std::string("Cannot update field at object index of ") + TypeName(value));
  return FailIndex(context, value, key);
}

// ---- Arithmetic
// --------------------------------------------------------------------------------------------------------

namespace {

bool Unfit(Context& context, const Json& a, const Json& b, const char* what) {
  return context.Fail(Describe(a) + " and " + Describe(b) + " cannot be " + what);
}

bool Add(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNull()) {
    out = b;
    return true;
  }
  if (b.IsNull()) {
    out = std::move(a);
    return true;
  }
  if (a.IsNumber() && b.IsNumber()) {
    if (SmallInteger(a) && SmallInteger(b)) {
      const std::int64_t sum = a.AsInt64() + b.AsInt64();
      out = sum >= -kExact && sum <= kExact ? Json(sum) : Json(a.AsDouble() + b.AsDouble());
    } else {
      out = Number(a.AsDouble() + b.AsDouble());
    }
    return true;
  }
  if (a.IsString() && b.IsString()) {
    const std::size_t bytes = a.Size() + b.Size();
    if (!context.Step(bytes / 64) || !context.Reserve(bytes + kTextHeap)) return false;
    std::string text;
    text.reserve(bytes);
    text += a.AsString();
    text += b.AsString();
    out = Json(text);
    return true;
  }
  if (a.IsArray() && b.IsArray()) {
    if (!context.Step(b.Size())) return false;
    if (!CountCopy(context, a)) return false;
    const Json added = b;  // b may be a
    for (const Json& item : added.AsArray()) {
      if (!context.ChargeGrowth(a.Size(), sizeof(Json))) return false;
      a = Json::Append(std::move(a), item);
    }
    out = std::move(a);
    return true;
  }
  if (a.IsObject() && b.IsObject()) {
    if (!context.Step(b.Size())) return false;
    if (!CountCopy(context, a)) return false;
    const Json added = b;
    for (const Json::Member& member : added.AsObject()) {
      if (!context.ChargeGrowth(a.Size(), kMemberBytes)) return false;
      a = Json::WithMember(std::move(a), member.key, member.value);
    }
    out = std::move(a);
    return true;
  }
  return Unfit(context, a, b, "added");
}

bool Subtract(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    if (SmallInteger(a) && SmallInteger(b)) {
      const std::int64_t difference = a.AsInt64() - b.AsInt64();
      out = difference >= -kExact && difference <= kExact ? Json(difference)
                                                          : Json(a.AsDouble() - b.AsDouble());
    } else {
      out = Number(a.AsDouble() - b.AsDouble());
    }
    return true;
  }
  if (a.IsArray() && b.IsArray()) {
    std::vector<Json> kept;
    for (const Json& item : a.AsArray()) {
      bool found = false;
      for (const Json& removed : b.AsArray()) {
        int order = 0;
        if (!context.Step() || !CompareValues(context, item, removed, order, true)) return false;
        if (order == 0) {
          found = true;
          break;
        }
      }
      if (!found) kept.push_back(item);
    }
    return MakeArray(context, std::move(kept), out);
  }
  return Unfit(context, a, b, "subtracted");
}

bool Repeat(Context& context, const Json& text, double times, Json& out) {
  if (times < 0 || std::isnan(times)) {
    out = Json();
    return true;
  }
  const double count = std::floor(times);
  const double bytes = count * static_cast<double>(text.Size());
  if (bytes > std::numeric_limits<int>::max()) return context.Fail("Repeat string result too long");
  const auto size = static_cast<std::size_t>(bytes);
  if (!context.Step(size / 64) || !context.Reserve(size)) return false;
  std::string result;
  result.reserve(size);
  while (result.size() < size) result += text.AsString();
  out = Json(result);
  return true;
}

// Deep merge without recursion: one frame an object that is being merged.
bool Merge(Context& context, Json a, const Json& b, Json& out) {
  struct Frame {
    Json left;
    const Json* right;
    std::size_t next;
  };
  if (!CountCopy(context, a)) return false;
  std::vector<Frame> open;
  open.push_back({std::move(a), &b, 0});
  for (;;) {
    Frame& frame = open.back();
    if (frame.next == frame.right->Size()) {
      Json done = std::move(frame.left);
      open.pop_back();
      if (open.empty()) {
        out = std::move(done);
        return true;
      }
      Frame& parent = open.back();
      const Json& key = parent.right->AsObject()[parent.next - 1].key;
      parent.left = Json::WithMember(std::move(parent.left), key, std::move(done));
      continue;
    }
    if (!context.Step() || !context.Charge(sizeof(Json::Member))) return false;
    const Json::Member& member = frame.right->AsObject()[frame.next++];
    const Json* old = frame.left.Find(member.key.AsString());
    if (old != nullptr && old->IsObject() && member.value.IsObject()) {
      if (open.size() > kWalkDepthMax) return context.Fail("Object merge too deep");
      Json inner = Json::TakeMember(frame.left, member.key.AsString());
      open.push_back({std::move(inner), &member.value, 0});
    } else {
      frame.left = Json::WithMember(std::move(frame.left), member.key, member.value);
    }
  }
}

bool Multiply(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    std::int64_t product = 0;
    if (SmallInteger(a) && SmallInteger(b) && !__builtin_mul_overflow(a.AsInt64(), b.AsInt64(), &product) &&
        product >= -kExact && product <= kExact && product != 0) {
      out = product;
    } else {
      out = Number(a.AsDouble() * b.AsDouble());
    }
    return true;
  }
  if (a.IsString() && b.IsNumber()) return Repeat(context, a, b.AsDouble(), out);
  if (a.IsNumber() && b.IsString()) return Repeat(context, b, a.AsDouble(), out);
  if (a.IsObject() && b.IsObject()) return Merge(context, std::move(a), b, out);
  return Unfit(context, a, b, "multiplied");
}

bool Divide(Context& context, const Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    if (b.AsDouble() == 0) return Unfit(context, a, b, "divided because the divisor is zero");
    out = Number(a.AsDouble() / b.AsDouble());
    return true;
  }
  if (a.IsString() && b.IsString()) {
    const std::string_view text = a.AsString();
    const std::string_view separator = b.AsString();
    std::vector<Json> parts;
    const Context::LocalRoot root(context, parts);
    if (!context.Step(text.size() / 8)) return false;
    if (separator.empty()) {
      for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = OffsetOf(text.substr(i), 1);
        parts.emplace_back(text.substr(i, length));
        if (!context.Charge(sizeof(Json))) return false;
        i += length;
      }
    } else if (!text.empty()) {
      std::size_t from = 0;
      for (std::size_t at = text.find(separator); at != std::string_view::npos;
           at = text.find(separator, from)) {
        parts.emplace_back(text.substr(from, at - from));
        if (!context.Charge(2 * sizeof(Json)) || !context.ChargeText(at - from)) return false;
        from = at + separator.size();
      }
      parts.emplace_back(text.substr(from));
    }
    return MakeArray(context, std::vector<Json>(parts), out);
  }
  return Unfit(context, a, b, "divided");
}

// Both operands are cut to 64-bit integers (saturating); the result has the dividend's sign.
bool Modulo(Context& context, const Json& a, const Json& b, Json& out) {
  if (!a.IsNumber() || !b.IsNumber()) return Unfit(context, a, b, "divided");
  auto integer = [](double v) -> std::int64_t {
    if (v >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
    if (v < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(v);
  };
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  if (std::isnan(x) || std::isnan(y)) {
    out = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const std::int64_t divisor = integer(y);
  if (divisor == 0) return Unfit(context, a, b, "divided (remainder) because the divisor is zero");
  const std::int64_t dividend = integer(x);
  auto magnitude = [](std::int64_t v) {
    return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
  };
  const auto rest = static_cast<double>(magnitude(dividend) % magnitude(divisor));
  out = Number(dividend < 0 && rest != 0 ? -rest : rest);
  return true;
}

}  // namespace

bool Arithmetic2(Context& context, Arithmetic op, Json& a, const Json& b, Json& out) {
  switch (op) {
    case Arithmetic::kAdd: return Add(context, a, b, out);
    case Arithmetic::kSubtract: return Subtract(context, a, b, out);
    case Arithmetic::kMultiply: return Multiply(context, a, b, out);
    case Arithmetic::kDivide: return Divide(context, a, b, out);
    case Arithmetic::kModulo: return Modulo(context, a, b, out);
  }
  return true;
}

bool Negate(Context& context, const Json& value, Json& out) {
  if (!value.IsNumber()) return context.Fail(Describe(value) + " cannot be negated");
  if (value.IsInt64() && value.AsInt64() != 0 &&
      value.AsInt64() != std::numeric_limits<std::int64_t>::min()) {
    out = -value.AsInt64();
  } else if (value.IsDecimal() || value.IsUint64()) {  // exact: change the sign of the text
    std::string text =
        value.IsDecimal() ? std::string(value.DecimalText()) : std::to_string(value.AsUint64());
    out = Json::NumberFromText(text.starts_with('-') ? text.substr(1) : "-" + text);
  } else {
    out = Number(-value.AsDouble());
  }
  return true;
}

// ---- Order
// -------------------------------------------------------------------------------------------------------------

namespace {

std::vector<const Json::Member*> SortedMembers(const Json& object) {
  std::vector<const Json::Member*> sorted;
  sorted.reserve(object.Size());
  for (const Json::Member& member : object.AsObject()) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, [](const Json::Member* m) { return m->key.AsString(); });
  return sorted;
}

}  // namespace

bool CompareValues(Context& context, const Json& a, const Json& b, int& order, bool equality) {
  auto is_container = [](const Json& v) { return v.IsArray() || v.IsObject(); };
  if (a.IsString() && b.IsString() && !context.Step(std::min(a.Size(), b.Size()) / 64)) return false;
  if (!is_container(a) || !is_container(b) || a.type() != b.type()) {
    if (a.type() == b.type() || !is_container(a) || !is_container(b)) {
      order = Json::Compare(a, b);
      return true;
    }
    order = a.IsArray() ? -1 : 1;
    return true;
  }
  // Pairs of containers that are equal so far, deepest last. Shared parts are equal without a look, which
  // also keeps jq's messages: only a walk is limited in depth.
  struct Frame {
    const Json* a;
    const Json* b;
    std::size_t next;
    std::vector<const Json::Member*> left, right;
  };
  if (std::max(a.Depth(), b.Depth()) > kWalkDepthMax + 1) {
    return context.Fail(equality ? "Equality check too deep" : "Comparison too deep");
  }
  std::vector<Frame> open;
  order = 0;
  auto enter = [&](const Json& x, const Json& y) -> bool {  // sets order for scalars and unequal shapes
    if (x.type() != y.type() || !is_container(x)) {
      order = is_container(x) && is_container(y) ? (x.IsArray() ? -1 : 1) : Json::Compare(x, y);
      return true;
    }
    if (x.SameAs(y)) return true;
    Frame frame{&x, &y, 0, {}, {}};
    if (x.IsObject()) {
      if (!context.Step(x.Size() + y.Size())) return false;
      frame.left = SortedMembers(x);
      frame.right = SortedMembers(y);
      const std::size_t common = std::min(frame.left.size(), frame.right.size());
      for (std::size_t i = 0; i < common && order == 0; ++i) {
        const int key_order = frame.left[i]->key.AsString().compare(frame.right[i]->key.AsString());
        order = key_order < 0 ? -1 : (key_order > 0 ? 1 : 0);
      }
      if (order == 0 && x.Size() != y.Size()) order = x.Size() < y.Size() ? -1 : 1;
    }
    if (order == 0) open.push_back(std::move(frame));
    return true;
  };
  if (!enter(a, b)) return false;
  while (order == 0 && !open.empty()) {
    if (!context.Step()) return false;
    Frame& frame = open.back();
    const std::size_t i = frame.next++;
    if (frame.a->IsArray()) {
      const std::size_t left = frame.a->Size();
      const std::size_t right = frame.b->Size();
      if (i >= left || i >= right) {
        if (left != right) order = left < right ? -1 : 1;
        open.pop_back();
      } else if (!enter(frame.a->AsArray()[i], frame.b->AsArray()[i])) {
        return false;
      }
    } else if (i >= frame.left.size()) {
      open.pop_back();
    } else if (!enter(frame.left[i]->value, frame.right[i]->value)) {
      return false;
    }
  }
  return true;
}

bool CompareWith(Context& context, Comparison op, const Json& a, const Json& b, bool& out) {
  int order = 0;
  const bool equality = op == Comparison::kEqual || op == Comparison::kNotEqual;
  if (!CompareValues(context, a, b, order, equality)) return false;
  switch (op) {
    case Comparison::kEqual: out = order == 0; break;
    case Comparison::kNotEqual: out = order != 0; break;
    case Comparison::kLess: out = order < 0; break;
    case Comparison::kLessEqual: out = order <= 0; break;
    case Comparison::kGreater: out = order > 0; break;
    case Comparison::kGreaterEqual: out = order >= 0; break;
  }
  return true;
}

bool SortPositions(Context& context, std::span<const Json> values, std::vector<std::uint32_t>& positions) {
  positions.resize(values.size());
  for (std::uint32_t i = 0; i < positions.size(); ++i) positions[i] = i;
  if (!context.Step(values.size() * 4)) return false;
  for (const Json& value : values) {
    if (value.Depth() > kWalkDepthMax) return context.Fail("Comparison too deep");
  }
  // A merge sort: stable, ends at once when a comparison fails, and no order, however odd (nan), can lead it
  // astray.
  std::vector<std::uint32_t> merged(positions.size());
  for (std::size_t width = 1; width < positions.size(); width *= 2) {
    for (std::size_t begin = 0; begin < positions.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, positions.size());
      const std::size_t end = std::min(begin + 2 * width, positions.size());
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t to = begin; to < end; ++to) {
        bool take_right = left == middle;
        if (!take_right && right < end) {
          int order = 0;
          if (!context.Step() ||
              !CompareValues(context, values[positions[right]], values[positions[left]], order))
            return false;
          take_right = order < 0;
        }
        merged[to] = take_right ? positions[right++] : positions[left++];
      }
    }
    positions.swap(merged);
  }
  return true;
}

// ---- Building
// ----------------------------------------------------------------------------------------------------------

bool MakeArray(Context& context, std::vector<Json> items, Json& out) {
  if (!context.Charge(48 + items.size() * sizeof(Json))) return false;
  for (const Json& item : items) {
    if (item.Depth() >= kDepthMax) return context.Fail("The value is nested too deeply");
  }
  out = Json::Array(std::move(items));
  return true;
}

bool AppendItem(Context& context, Json& array, Json item) {
  if (item.Depth() >= kDepthMax) return context.Fail("The value is nested too deeply");
  if (!context.ChargeGrowth(array.Size(), sizeof(Json))) return false;
  array = Json::Append(std::move(array), std::move(item));
  return true;
}

bool PutMember(Context& context, Json& object, const Json& key, Json value) {
  if (value.Depth() >= kDepthMax) return context.Fail("The value is nested too deeply");
  if (!context.ChargeGrowth(object.Size(), kMemberBytes)) return false;
  object = Json::WithMember(std::move(object), key, std::move(value));
  return true;
}

std::size_t CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  return count;
}

std::size_t OffsetOf(std::string_view text, std::size_t code_point) {
  std::size_t offset = 0;
  while (offset < text.size() && code_point > 0) {
    const auto lead = static_cast<unsigned char>(text[offset]);
    offset += lead < 0x80 ? 1 : (lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4));
    --code_point;
  }
  return std::min(offset, text.size());
}

}  // namespace elevaite::jq
