// The order of values: comparing and sorting.
#include <algorithm>
#include <limits>

#include "dsl/jq/values.h"

namespace elevaite::jq {

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

}  // namespace elevaite::jq
