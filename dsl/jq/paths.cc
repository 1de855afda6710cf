// getpath, setpath, delpaths on values; without recursion.
#include <algorithm>

#include "dsl/jq/values.h"

namespace elevaite::jq {

bool GetPath(Context& context, const Json& value, std::span<const Json> path, Json& out) {
  if (path.size() > kWalkDepthMax) return context.Fail("Path too deep");
  if (!context.Step(path.size())) return false;
  Json current = value;
  for (const Json& key : path) {
    if (current.IsNull()) break;  // null all the way down, whatever the keys are
    Json next;
    if (!Index(context, current, key, next)) return false;
    current = std::move(next);
  }
  out = std::move(current);
  return true;
}

bool SetPath(Context& context, Json value, std::span<const Json> path, Json item, Json& out) {
  if (path.size() > kWalkDepthMax) return context.Fail("Path too deep");
  if (!context.Step(path.size())) return false;
  // Take the containers apart on the way down, so that each is the only reference and changes in place on the
  // way up.
  std::vector<Json> above;
  above.reserve(path.size());
  const Context::LocalRoot root(context, above);
  const Context::LocalRoot item_root(context, item);
  for (const Json& key : path) {
    Json next;
    if (key.IsString() && value.IsObject()) {
      next = Json::TakeMember(value, key.AsString());
    } else if (key.IsInt64() && key.AsInt64() >= 0 && value.IsArray()) {
      next = Json::TakeItem(value, static_cast<std::size_t>(key.AsInt64()));
    } else if (key.IsArray() && value.IsArray()) {
      return context.Fail("Cannot update field at array index of array");
    } else if (!Index(context, value, key, next)) {
      return false;
    }
    above.push_back(std::move(value));
    value = std::move(next);
  }
  value = std::move(item);
  for (std::size_t i = above.size(); i-- > 0;) {
    Json changed;
    if (!SetIndex(context, std::move(above[i]), path[i], std::move(value), changed)) return false;
    value = std::move(changed);
  }
  out = std::move(value);
  return true;
}

namespace {

// Removes the given keys (all of one container, sorted ascending by jq's order).
bool DeleteKeys(Context& context, Json value, std::span<const Json> keys, Json& out) {
  if (value.IsNull() || keys.empty()) {
    out = std::move(value);
    return true;
  }
  if (value.IsObject()) {
    for (const Json& key : keys) {
      if (!key.IsString())
        return context.Fail(std::string("Cannot delete ") + TypeName(key) + " field of object");
    }
    if (keys.size() == 1) {
      if (!context.Step(value.Size() / 4) || !context.Charge(value.Size() * sizeof(Json::Member) / 4))
        return false;
      out = Json::WithoutMember(std::move(value), keys[0].AsString());
      return true;
    }
    if (!context.Step(value.Size()) || !context.Charge(value.Size() * sizeof(Json::Member))) return false;
    std::vector<Json::Member> kept;
    for (const Json::Member& member : value.AsObject()) {
      const bool gone = std::ranges::binary_search(keys, member.key.AsString(), {},
                                                   [](const Json& k) { return k.AsString(); });
      if (!gone) kept.push_back(member);
    }
    out = Json::Object(std::move(kept));
    return true;
  }
  if (!value.IsArray()) return context.Fail(std::string("Cannot delete fields from ") + TypeName(value));
  const std::size_t size = value.Size();
  if (!context.Step(size / 4) || !context.Charge(size * sizeof(Json))) return false;
  std::vector<bool> gone(size, false);
  for (const Json& key : keys) {
    if (key.IsNumber()) {
      double index = key.AsDouble();
      if (index != index) continue;
      index = static_cast<double>(static_cast<std::int64_t>(std::clamp(index, -1e15, 1e15)));
      if (index < 0) index += static_cast<double>(size);
      if (index >= 0 && index < static_cast<double>(size)) gone[static_cast<std::size_t>(index)] = true;
    } else if (key.IsObject()) {
      Json positions;  // the slice of 0..size-1 tells the bounds
      std::vector<Json> all(size);
      for (std::size_t i = 0; i < size; ++i) all[i] = Json(static_cast<std::int64_t>(i));
      if (!context.Step(size) || !Index(context, Json::Array(std::move(all)), key, positions)) {
        return false;
      }
      for (const Json& i : positions.AsArray()) gone[static_cast<std::size_t>(i.AsInt64())] = true;
    } else {
      return context.Fail(std::string("Cannot delete ") + TypeName(key) + " element of array");
    }
  }
  std::vector<Json> kept;
  for (std::size_t i = 0; i < size; ++i) {
    if (!gone[i]) kept.push_back(value.AsArray()[i]);
  }
  return MakeArray(context, std::move(kept), out);
}

}  // namespace

// Paths are sorted; those with the same parent are deleted together, the last group first, so that no
// deletion moves what a later one means.
bool DeletePaths(Context& context, Json value, const Json& paths, Json& out) {
  if (!paths.IsArray()) return context.Fail("Paths must be specified as an array");
  const auto list = paths.AsArray();
  for (const Json& path : list) {
    if (!path.IsArray()) return context.Fail("Path must be specified as an array");
    if (path.Size() > kWalkDepthMax) return context.Fail("Path too deep");
    if (path.Size() == 0) {
      out = Json();
      return true;
    }
  }
  std::vector<std::uint32_t> order;
  const Context::LocalRoot root(context, value);
  if (!SortPositions(context, list, order)) return false;
  std::size_t end = order.size();
  while (end > 0) {
    const auto last = list[order[end - 1]].AsArray();
    const auto parent = last.first(last.size() - 1);
    std::size_t begin = end - 1;
    while (begin > 0) {
      const auto other = list[order[begin - 1]].AsArray();
      if (other.size() != last.size()) break;
      bool same = true;
      for (std::size_t i = 0; same && i < parent.size(); ++i) {
        int difference = 0;
        if (!CompareValues(context, parent[i], other[i], difference, true)) return false;
        same = difference == 0;
      }
      if (!same) break;
      --begin;
    }
    std::vector<Json> keys;
    for (std::size_t i = begin; i < end; ++i) keys.push_back(list[order[i]].AsArray().back());
    end = begin;
    if (!context.Step(keys.size() + parent.size())) return false;
    // A missing parent means that there is nothing to delete, and it must not be made.
    Json container;
    if (!GetPath(context, value, parent, container)) return false;
    if (container.IsNull()) continue;
    Json changed;
    if (!DeleteKeys(context, std::move(container), keys, changed)) return false;
    Json whole;
    if (!SetPath(context, std::move(value), parent, std::move(changed), whole)) return false;
    value = std::move(whole);
  }
  out = std::move(value);
  return true;
}

}  // namespace elevaite::jq
