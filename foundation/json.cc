#include "foundation/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>

#include "foundation/json_internal.h"

namespace elevaite {

struct Json::HeapHeader {
  std::atomic<std::uint32_t> references{1};
  std::uint32_t depth = 0;
};

struct Json::StringRep : HeapHeader {
  explicit StringRep(std::string_view value) : text(value) {}
  std::string text;
};

struct Json::DecimalRep : HeapHeader {
  std::string text;
  double value = 0;
};

struct Json::ArrayRep : HeapHeader {
  std::vector<Json> items;
};

// Members in insertion order, and for more than kIndexFrom of them an open-addressing index of positions + 1
// (0 = free).
struct Json::ObjectRep : HeapHeader {
  static constexpr std::size_t kIndexFrom = 12;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::vector<Member> members;
  std::vector<std::uint32_t> index;

  std::size_t Position(std::string_view key) const {
    if (index.empty()) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i].key.AsString() == key) return i;
      }
      return kNone;
    }
    const std::size_t mask = index.size() - 1;
    for (std::size_t slot = std::hash<std::string_view>{}(key)&mask;; slot = (slot + 1) & mask) {
      if (index[slot] == 0) return kNone;
      if (members[index[slot] - 1].key.AsString() == key) return index[slot] - 1;
    }
  }

  void Add(Member member) {
    depth = std::max(depth, member.value.Depth() + 1);
    members.push_back(std::move(member));
    if (members.size() <= kIndexFrom) return;
    if (members.size() * 2 > index.size()) {
      Reindex();
    } else {
      Enter(members.size() - 1);
    }
  }

  void Remove(std::size_t position) {
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(position));
    index.clear();
    if (members.size() > kIndexFrom) Reindex();
  }

  void Reindex() {
    std::size_t slots = 32;
    while (slots < members.size() * 4) slots *= 2;
    index.assign(slots, 0);
    for (std::size_t i = 0; i < members.size(); ++i) Enter(i);
  }

 private:
  void Enter(std::size_t position) {
    const std::size_t mask = index.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(members[position].key.AsString()) & mask;
    while (index[slot] != 0) slot = (slot + 1) & mask;
    index[slot] = static_cast<std::uint32_t>(position + 1);
  }
};

// The representation of a value, for the functions of this file.
struct Json::Access {
  static ArrayRep* Items(const Json& v) { return static_cast<ArrayRep*>(v.payload_.heap); }
  static ObjectRep* Members(const Json& v) { return static_cast<ObjectRep*>(v.payload_.heap); }
  static bool Unique(const Json& v) {
    return v.payload_.heap->references.load(std::memory_order_acquire) == 1;
  }

  static Json Own(Tag tag, HeapHeader* heap) {
    Json v;
    v.tag_ = tag;
    v.payload_.heap = heap;
    return v;
  }

  // After these the value is the only reference, so that it may be changed in place.
  static ArrayRep& MutableItems(Json& v) {
    if (!Unique(v)) {
      auto copy = std::make_unique<ArrayRep>();
      copy->depth = Items(v)->depth;
      copy->items = Items(v)->items;
      v = Own(Tag::kArray, copy.release());
    }
    return *Items(v);
  }
  static ObjectRep& MutableMembers(Json& v) {
    if (!Unique(v)) {
      auto copy = std::make_unique<ObjectRep>();
      copy->depth = Members(v)->depth;
      copy->members = Members(v)->members;
      copy->index = Members(v)->index;
      v = Own(Tag::kObject, copy.release());
    }
    return *Members(v);
  }

  static void Destroy(Tag tag, HeapHeader* heap) {
    struct Dead {
      Tag tag;
      HeapHeader* heap;
    };
    std::vector<Dead> dead;
    auto drop = [&dead](Json& child) {
      if (!child.OnHeap()) return;
      const Tag child_tag = child.tag_;
      HeapHeader* child_heap = child.payload_.heap;
      child.tag_ = Tag::kNull;
      if (child_heap->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      if (child_tag == Tag::kString) {
        delete static_cast<StringRep*>(child_heap);
      } else if (child_tag == Tag::kDecimal) {
        delete static_cast<DecimalRep*>(child_heap);
      } else {
        dead.push_back({child_tag, child_heap});
      }
    };
    auto bury = [&drop](Dead one) {
      if (one.tag == Tag::kString) {
        delete static_cast<StringRep*>(one.heap);
      } else if (one.tag == Tag::kDecimal) {
        delete static_cast<DecimalRep*>(one.heap);
      } else if (one.tag == Tag::kArray) {
        auto* rep = static_cast<ArrayRep*>(one.heap);
        for (Json& item : rep->items) drop(item);
        delete rep;
      } else {
        auto* rep = static_cast<ObjectRep*>(one.heap);
        for (Member& member : rep->members) {
          drop(member.key);
          drop(member.value);
        }
        delete rep;
      }
    };
    bury({tag, heap});
    while (!dead.empty()) {
      const Dead next = dead.back();
      dead.pop_back();
      bury(next);
    }
  }
};

Json::Json(std::string_view text) : Json() {
  if (text.size() <= kShortMax) {
    tag_ = Tag::kShortString;
    size_ = static_cast<std::uint8_t>(text.size());
    if (!text.empty()) std::memcpy(reinterpret_cast<char*>(this) + 2, text.data(), text.size());
    return;
  }
  payload_.heap = new StringRep(text);
  tag_ = Tag::kString;
}

void Json::CopyFrom(const Json& other) noexcept {
  std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Json));
  if (OnHeap()) payload_.heap->references.fetch_add(1, std::memory_order_relaxed);
}

void Json::Release() noexcept {
  if (payload_.heap->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    Access::Destroy(tag_, payload_.heap);
}

Json Json::Array(std::vector<Json> items) {
  auto rep = std::make_unique<ArrayRep>();
  std::uint32_t deepest = 0;
  for (const Json& item : items) deepest = std::max(deepest, item.Depth());
  CHECK(deepest < kMaxDepth);
  rep->depth = deepest + 1;
  rep->items = std::move(items);
  return Access::Own(Tag::kArray, rep.release());
}

Json Json::EmptyArray() { return Array(std::vector<Json>{}); }

Json Json::Object(std::vector<Member> members) {
  auto rep = std::make_unique<ObjectRep>();
  rep->depth = 1;
  rep->members.reserve(members.size());
  for (Member& member : members) {
    DCHECK(member.key.IsString());
    const std::size_t position = rep->Position(member.key.AsString());
    if (position == ObjectRep::kNone) {
      rep->Add(std::move(member));
    } else {
      rep->depth = std::max(rep->depth, member.value.Depth() + 1);
      rep->members[position].value = std::move(member.value);
    }
  }
  CHECK(rep->depth <= kMaxDepth);
  return Access::Own(Tag::kObject, rep.release());
}

Json Json::Object(std::initializer_list<Member> members) { return Object(std::vector<Member>(members)); }
Json Json::EmptyObject() { return Object(std::vector<Member>{}); }

Json::Type Json::type() const noexcept {
  switch (tag_) {
    case Tag::kNull: return Type::kNull;
    case Tag::kBool: return Type::kBool;
    case Tag::kInt:
    case Tag::kUint:
    case Tag::kDouble:
    case Tag::kDecimal: return Type::kNumber;
    case Tag::kShortString:
    case Tag::kString: return Type::kString;
    case Tag::kArray: return Type::kArray;
    case Tag::kObject: return Type::kObject;
  }
  return Type::kNull;
}

bool Json::AsBool() const {
  CHECK(IsBool());
  return payload_.integer != 0;
}

double Json::AsDouble() const {
  switch (tag_) {
    case Tag::kInt: return static_cast<double>(payload_.integer);
    case Tag::kUint: return static_cast<double>(static_cast<std::uint64_t>(payload_.integer));
    case Tag::kDouble: return payload_.real;
    case Tag::kDecimal: return static_cast<DecimalRep*>(payload_.heap)->value;
    default: CHECK(IsNumber()); return 0;
  }
}

std::string_view Json::AsString() const {
  if (tag_ == Tag::kShortString) return {reinterpret_cast<const char*>(this) + 2, size_};
  CHECK(tag_ == Tag::kString);
  return static_cast<StringRep*>(payload_.heap)->text;
}

std::span<const Json> Json::AsArray() const {
  CHECK(IsArray());
  return Access::Items(*this)->items;
}

std::span<const Json::Member> Json::AsObject() const {
  CHECK(IsObject());
  return Access::Members(*this)->members;
}

std::int64_t Json::AsInt64() const {
  CHECK(IsInt64());
  return payload_.integer;
}

std::uint64_t Json::AsUint64() const {
  CHECK(IsExactInteger());
  return static_cast<std::uint64_t>(payload_.integer);
}

std::string_view Json::DecimalText() const {
  CHECK(IsDecimal());
  return static_cast<DecimalRep*>(payload_.heap)->text;
}

std::size_t Json::Size() const noexcept {
  switch (tag_) {
    case Tag::kShortString: return size_;
    case Tag::kString: return static_cast<StringRep*>(payload_.heap)->text.size();
    case Tag::kArray: return Access::Items(*this)->items.size();
    case Tag::kObject: return Access::Members(*this)->members.size();
    default: return 0;
  }
}

std::uint32_t Json::Depth() const noexcept {
  return tag_ == Tag::kArray || tag_ == Tag::kObject ? payload_.heap->depth : 0;
}

const Json* Json::Find(std::string_view key) const {
  if (!IsObject()) return nullptr;
  const ObjectRep& rep = *Access::Members(*this);
  const std::size_t position = rep.Position(key);
  return position == ObjectRep::kNone ? nullptr : &rep.members[position].value;
}

namespace {
const Json kNullValue;
}  // namespace

const Json& Json::operator[](std::string_view key) const {
  const Json* found = Find(key);
  return found ? *found : kNullValue;
}

const Json& Json::At(std::size_t index) const {
  return IsArray() && index < Size() ? Access::Items(*this)->items[index] : kNullValue;
}

Json Json::Append(Json array, Json item) {
  CHECK(array.IsArray());
  ArrayRep& rep = Access::MutableItems(array);
  rep.depth = std::max(rep.depth, item.Depth() + 1);
  CHECK(rep.depth <= kMaxDepth);
  rep.items.push_back(std::move(item));
  return array;
}

Json Json::WithItem(Json array, std::size_t index, Json item) {
  CHECK(array.IsArray());
  ArrayRep& rep = Access::MutableItems(array);
  rep.depth = std::max(rep.depth, item.Depth() + 1);
  CHECK(rep.depth <= kMaxDepth);
  if (index >= rep.items.size()) rep.items.resize(index + 1);
  rep.items[index] = std::move(item);
  return array;
}

Json Json::Slice(const Json& array, std::size_t begin, std::size_t end) {
  const auto items = array.AsArray();
  end = std::min(end, items.size());
  begin = std::min(begin, end);
  return Array(std::vector<Json>(items.begin() + static_cast<std::ptrdiff_t>(begin),
                                 items.begin() + static_cast<std::ptrdiff_t>(end)));
}

Json Json::WithMember(Json object, const Json& key, Json value) {
  CHECK(object.IsObject() && key.IsString());
  ObjectRep& rep = Access::MutableMembers(object);
  CHECK(value.Depth() < kMaxDepth);
  const std::size_t position = rep.Position(key.AsString());
  if (position == ObjectRep::kNone) {
    rep.Add(Member(key, std::move(value)));
  } else {
    rep.depth = std::max(rep.depth, value.Depth() + 1);
    rep.members[position].value = std::move(value);
  }
  return object;
}

Json Json::WithoutMember(Json object, std::string_view key) {
  CHECK(object.IsObject());
  const std::size_t position = Access::Members(object)->Position(key);
  if (position == ObjectRep::kNone) return object;
  Access::MutableMembers(object).Remove(position);
  return object;
}

Json Json::TakeMember(Json& object, std::string_view key) {
  if (!object.IsObject()) return {};
  ObjectRep& rep = *Access::Members(object);
  const std::size_t position = rep.Position(key);
  if (position == ObjectRep::kNone) return {};
  if (!Access::Unique(object)) return rep.members[position].value;
  return std::exchange(rep.members[position].value, Json());
}

Json Json::TakeItem(Json& array, std::size_t index) {
  if (!array.IsArray() || index >= array.Size()) return {};
  ArrayRep& rep = *Access::Items(array);
  if (!Access::Unique(array)) return rep.items[index];
  return std::exchange(rep.items[index], Json());
}

bool Json::IsShared() const noexcept { return OnHeap() && !Access::Unique(*this); }

bool Json::SameAs(const Json& other) const noexcept {
  if (tag_ != other.tag_) return false;
  if (OnHeap()) return payload_.heap == other.payload_.heap;
  if (tag_ == Tag::kShortString) return AsString() == other.AsString();
  return tag_ == Tag::kNull || payload_.integer == other.payload_.integer;
}

std::size_t Json::MemoryBytes(std::size_t stop_at) const {
  std::size_t bytes = 0;
  std::vector<const Json*> open;  // containers whose items are not counted yet
  const auto count = [&](const Json& v) {
    bytes += sizeof(Json);
    switch (v.tag_) {
      case Tag::kString: bytes += sizeof(StringRep) + v.Size(); break;
      case Tag::kDecimal: bytes += sizeof(DecimalRep) + v.DecimalText().size(); break;
      case Tag::kArray:
      case Tag::kObject: open.push_back(&v); break;
      default: break;
    }
  };
  count(*this);
  while (!open.empty() && bytes < stop_at) {
    const Json& container = *open.back();
    open.pop_back();
    if (container.IsArray()) {
      bytes += sizeof(ArrayRep);
      std::ranges::for_each(container.AsArray(), count);
      continue;
    }
    bytes += sizeof(ObjectRep) + Access::Members(container)->index.size() * sizeof(std::uint32_t);
    for (const Member& member : container.AsObject()) {
      count(member.key);
      count(member.value);
    }
  }
  return bytes;
}

Json Json::NumberFromText(std::string_view text) {
  const bool integer = text.find_first_of(".eE") == std::string_view::npos;
  const char* end = text.data() + text.size();
  if (integer && text != "-0") {
    std::int64_t exact = 0;
    if (auto [ptr, error] = std::from_chars(text.data(), end, exact); error == std::errc() && ptr == end)
      return exact;
    std::uint64_t large = 0;
    if (auto [ptr, error] = std::from_chars(text.data(), end, large); error == std::errc() && ptr == end)
      return large;
  }
  double value = 0;
  if (auto [ptr, error] = std::from_chars(text.data(), end, value); error == std::errc::result_out_of_range) {
    // from_chars leaves the value alone: overflow is infinite, underflow is zero.
    const std::size_t e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-';
    value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
    if (text.starts_with('-')) value = -value;
  }
  std::string shortest;
  AppendDouble(shortest, value);
  if (shortest == text) return value;
  auto rep = std::make_unique<DecimalRep>();
  rep->text = std::string(text);
  rep->value = value;
  return Access::Own(Tag::kDecimal, rep.release());
}
}  // namespace elevaite
