#include "dsl/jq/values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace elevaite::jq {
namespace {

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

bool CountCopy(Context& context, const Json& container) {
  if (!container.IsShared()) return true;
  const std::size_t bytes = container.Size() * (container.IsArray() ? sizeof(Json) : sizeof(Json::Member));
  return context.Step(container.Size() / 8) && context.Charge(bytes);
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
