#include "foundation/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <ostream>

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

// ---- Order
// -------------------------------------------------------------------------------------------------------------

namespace {

int Sign(auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); }

// sign * 0.DIGITS * 10^exponent, without leading or trailing zeros; zero has no digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

Decimal DecimalOf(const Json& number) {
  std::string text;
  number.DumpTo(text);
  Decimal result;
  std::string_view rest = text;
  result.negative = rest.starts_with('-');
  if (result.negative) rest.remove_prefix(1);
  const std::size_t e = std::min(rest.find_first_of("eE"), rest.size());
  if (e < rest.size()) {
    std::string_view exponent = rest.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    constexpr std::int64_t kFar =
        std::numeric_limits<std::int64_t>::max() / 4;  // beyond any length of digits
    const auto [ptr, error] =
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), result.exponent);
    if (error == std::errc::result_out_of_range) result.exponent = exponent.starts_with('-') ? -kFar : kFar;
    result.exponent = std::clamp(result.exponent, -kFar, kFar);
  }
  const std::string_view mantissa = rest.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  result.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) result.digits += mantissa.substr(point + 1);
  result.exponent += static_cast<std::int64_t>(point);
  const std::size_t zeros = std::min(result.digits.find_first_not_of('0'), result.digits.size());
  result.digits.erase(0, zeros);
  result.exponent -= static_cast<std::int64_t>(zeros);
  while (result.digits.ends_with('0')) result.digits.pop_back();
  if (result.digits.empty()) result = {};
  return result;
}

int CompareDecimals(const Decimal& a, const Decimal& b) {
  const int sign_a = a.digits.empty() ? 0 : (a.negative ? -1 : 1);
  const int sign_b = b.digits.empty() ? 0 : (b.negative ? -1 : 1);
  if (sign_a != sign_b || sign_a == 0) return Sign(sign_a, sign_b);
  if (a.exponent != b.exponent) return Sign(a.exponent, b.exponent) * sign_a;
  return Sign(a.digits, b.digits) * sign_a;
}

int CompareNumbers(const Json& a, const Json& b) {
  if (a.IsInt64() && b.IsInt64()) return Sign(a.AsInt64(), b.AsInt64());
  if (a.IsExactInteger() && b.IsExactInteger()) {
    if (a.IsUint64() && b.IsUint64()) return Sign(a.AsUint64(), b.AsUint64());
    return a.IsUint64() ? 1 : -1;
  }
  // As jq does: numbers as written compare exactly, a computed double compares as double.
  const bool as_written = (a.IsDecimal() || a.IsExactInteger()) && (b.IsDecimal() || b.IsExactInteger());
  if (as_written) return CompareDecimals(DecimalOf(a), DecimalOf(b));
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  if (std::isnan(x)) return -1;
  if (std::isnan(y)) return 1;
  return Sign(x, y);
}

std::vector<const Json::Member*> SortedMembers(const Json& object) {
  std::vector<const Json::Member*> sorted;
  sorted.reserve(object.Size());
  for (const Json::Member& member : object.AsObject()) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, [](const Json::Member* m) { return m->key.AsString(); });
  return sorted;
}

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

// ---- Text
// --------------------------------------------------------------------------------------------------------------

namespace {

// Shortest digits that read back as the same double, laid out as jq does: plain unless 15 or more zeros would
// follow or 4 precede.
void AppendDouble(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "null";
    return;
  }
  if (std::isinf(value))
    value = value > 0 ? std::numeric_limits<double>::max() : std::numeric_limits<double>::lowest();
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (value == 0) {
    out += '0';
  } else if (point <= -4 || point > count + 15) {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += exponent < 0 ? "e-" : "e+";
    const int magnitude = std::abs(exponent);
    if (magnitude < 10) out += '0';
    out += std::to_string(magnitude);
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else if (point >= count) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  }
}

template <class Integer>
void AppendInteger(std::string& out, Integer value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

enum class NumberForm { kAsWritten, kCanonical };

void AppendScalar(std::string& out, const Json& v, NumberForm form) {
  switch (v.type()) {
    case Json::Type::kNull: out += "null"; return;
    case Json::Type::kBool: out += v.AsBool() ? "true" : "false"; return;
    case Json::Type::kString: AppendJsonString(out, v.AsString()); return;
    case Json::Type::kNumber: break;
    default: return;
  }
  if (v.IsInt64()) {
    AppendInteger(out, v.AsInt64());
  } else if (v.IsUint64()) {
    AppendInteger(out, v.AsUint64());
  } else if (v.IsDecimal() && form == NumberForm::kAsWritten) {
    out += v.DecimalText();
  } else {
    AppendDouble(out, v.AsDouble());
  }
}

// Writes without recursion: one frame a container that is open.
class Writer {
 public:
  struct Style {
    int indent = 0;  // 0: compact
    bool sorted = false;
    NumberForm numbers = NumberForm::kAsWritten;
  };
  Writer(std::string& out, Style style) : out_(out), style_(style) {}

  void Write(const Json& root) {
    Open(root);
    while (!open_.empty()) Step();
  }

 private:
  struct Frame {
    const Json* container;
    std::size_t next = 0;
    std::vector<const Json::Member*> sorted;
  };

  void Open(const Json& v) {
    if (!v.IsArray() && !v.IsObject()) {
      AppendScalar(out_, v, style_.numbers);
      return;
    }
    if (v.Size() == 0) {
      out_ += v.IsArray() ? "[]" : "{}";
      return;
    }
    out_ += v.IsArray() ? '[' : '{';
    Frame frame{.container = &v, .next = 0, .sorted = {}};
    if (style_.sorted && v.IsObject()) frame.sorted = SortedMembers(v);
    open_.push_back(std::move(frame));
  }

  void Step() {
    Frame& frame = open_.back();
    const Json& container = *frame.container;
    if (frame.next == container.Size()) {
      const char close = container.IsArray() ? ']' : '}';
      open_.pop_back();
      NewLine();
      out_ += close;
      return;
    }
    if (frame.next > 0) out_ += ',';
    NewLine();
    const std::size_t i = frame.next++;
    if (container.IsArray()) {
      Open(container.AsArray()[i]);
      return;
    }
    const Json::Member& member = frame.sorted.empty() ? container.AsObject()[i] : *frame.sorted[i];
    AppendJsonString(out_, member.key.AsString());
    out_ += style_.indent > 0 ? ": " : ":";
    Open(member.value);
  }

  void NewLine() {
    if (style_.indent == 0) return;
    out_ += '\n';
    out_.append(open_.size() * static_cast<std::size_t>(style_.indent), ' ');
  }

  std::string& out_;
  Style style_;
  std::vector<Frame> open_;
};

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(text, from, i - from);
    from = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += kHex[c >> 4U];
        out += kHex[c & 15U];
    }
  }
  out.append(text, from);
  out += '"';
}

void Json::DumpTo(std::string& out) const { Writer(out, {}).Write(*this); }

std::string Json::Dump() const {
  std::string out;
  DumpTo(out);
  return out;
}

std::string Json::DumpPretty(int indent) const {
  std::string out;
  Writer(out, {.indent = indent}).Write(*this);
  return out;
}

std::string Json::DumpCanonical() const {
  std::string out;
  Writer(out, {.sorted = true, .numbers = NumberForm::kCanonical}).Write(*this);
  return out;
}

std::ostream& operator<<(std::ostream& out, const Json& value) { return out << value.Dump(); }

std::size_t Json::MemoryBytes(std::size_t stop_at) const {
  std::size_t bytes = 0;
  std::vector<const Json*> open{this};
  while (!open.empty() && bytes < stop_at) {
    const Json& v = *open.back();
    open.pop_back();
    bytes += sizeof(Json);
    switch (v.tag_) {
      case Tag::kString: bytes += sizeof(StringRep) + v.Size(); break;
      case Tag::kDecimal: bytes += sizeof(DecimalRep) + v.DecimalText().size(); break;
      case Tag::kArray:
        bytes += sizeof(ArrayRep);
        for (const Json& item : v.AsArray()) open.push_back(&item);
        break;
      case Tag::kObject:
        bytes += sizeof(ObjectRep) + Access::Members(v)->index.size() * sizeof(std::uint32_t);
        for (const Member& member : v.AsObject()) {
          open.push_back(&member.key);
          open.push_back(&member.value);
        }
        break;
      default: break;
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

std::size_t FindInvalidUtf8(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return i;
    const unsigned second = byte(i + 1);
    // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
    const unsigned low = lead == 0xE0 ? 0xA0 : (lead == 0xF0 ? 0x90 : 0x80);
    const unsigned high = lead == 0xED ? 0x9F : (lead == 0xF4 ? 0x8F : 0xBF);
    if (second < low || second > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace elevaite
