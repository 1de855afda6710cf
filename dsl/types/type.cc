#include "dsl/types/type.h"

#include <algorithm>
#include <iterator>

namespace elevaite::dsl::types {

struct Type::ObjectPart {
  std::vector<Member> members;  // by name
  bool is_open = true;
  bool operator==(const ObjectPart&) const = default;
};

Kinds KindOf(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull: return kNull;
    case Json::Type::kBool: return value.AsBool() ? kTrue : kFalse;
    case Json::Type::kNumber: return kNumber;
    case Json::Type::kString: return kString;
    case Json::Type::kArray: return kArray;
    case Json::Type::kObject: return kObject;
  }
  return kNull;
}

// ---- Building
// ----------------------------------------------------------------------------------------------------------

Type Type::OfKinds(Kinds kinds) {
  Type type;
  type.kinds_ = kinds;
  return type;
}

Type Type::Literal(std::string_view text) {
  Type type = String();
  type.SetTexts({std::string(text)});
  return type;
}

Type Type::Array(const Type& items) {
  Type type = OfKinds(kArray);
  type.SetItems(items);
  return type;
}

Type Type::Object(std::vector<Member> members, Openness openness) {
  Type type = OfKinds(kObject);
  if (!std::ranges::is_sorted(members, {}, &Member::name)) std::ranges::sort(members, {}, &Member::name);
  type.SetObject(std::move(members), openness);
  return type;
}

void Type::SetItems(const Type& items) {
  if (items.IsAny() || items.depth_ >= kDepthMax || size_ + items.size_ > kSizeMax) return;
  items_ = std::make_shared<const Type>(items);
  depth_ = std::max(depth_, items.depth_ + 1);
  size_ += items.size_;
}

void Type::SetObject(std::vector<Member> members, Openness openness) {
  const bool open = openness == Openness::kOpen || members.size() > kMembersMax;
  if (members.size() > kMembersMax) members.resize(kMembersMax);
  for (Member& member : members) {
    if (member.type.depth_ >= kDepthMax || size_ + member.type.size_ > kSizeMax) member.type = Any();
    depth_ = std::max(depth_, member.type.depth_ + 1);
    size_ += member.type.size_;
  }
  if (open && members.empty()) return;
  object_ = std::make_shared<const ObjectPart>(ObjectPart{std::move(members), open});
}

void Type::SetTexts(std::vector<std::string> texts) {
  if (texts.size() > kLiteralsMax) return;
  texts_ = std::make_shared<const std::vector<std::string>>(std::move(texts));
}

Type Type::FromValue(const Json& value) {
  if (value.IsString()) return value.Size() <= 200 ? Literal(value.AsString()) : String();
  if (value.IsArray()) {
    Type items = Never();
    if (value.Depth() > kDepthMax) return OfKinds(kArray);
    for (const Json& item : value.AsArray()) {
      items = Union(items, FromValue(item));
      if (items.IsAny()) break;
    }
    return Array(items);
  }
  if (value.IsObject()) {
    if (value.Depth() > kDepthMax || value.Size() > kMembersMax) return OfKinds(kObject);
    std::vector<Member> members;
    for (const Json::Member& member : value.AsObject())
      members.push_back({std::string(member.key.AsString()), FromValue(member.value)});
    return Object(std::move(members), Openness::kClosed);
  }
  return OfKinds(KindOf(value));
}

// ---- Looking
// -----------------------------------------------------------------------------------------------------------

Type Type::Items() const {
  if (!Has(kArray)) return Never();
  return items_ == nullptr ? Any() : *items_;
}

std::span<const Member> Type::members() const {
  return object_ == nullptr ? std::span<const Member>() : std::span(object_->members);
}

bool Type::is_open() const { return object_ == nullptr || object_->is_open; }

const Member* Type::Find(std::string_view name) const {
  const auto list = members();
  const auto at = std::ranges::lower_bound(list, name, {}, &Member::name);
  return at != list.end() && at->name == name ? &*at : nullptr;
}

std::span<const std::string> Type::texts() const {
  return texts_ == nullptr ? std::span<const std::string>() : std::span(*texts_);
}

Type Type::Only(Kinds kinds) const {
  Type type = OfKinds(kinds_ & kinds);
  if (type.kinds_ == kinds_) return *this;
  if (type.Has(kString)) type.texts_ = texts_;
  if (type.Has(kArray) && items_ != nullptr) type.SetItems(*items_);
  if (!type.Has(kObject) || object_ == nullptr) return type;
  type.object_ = object_;
  type.depth_ = depth_;
  type.size_ = size_;
  return type;
}

bool Type::Accepts(const Json& value) const {
  if (!Has(KindOf(value))) return false;
  if (value.IsString()) return texts_ == nullptr || std::ranges::binary_search(*texts_, value.AsString());
  if (value.IsArray()) {
    return items_ == nullptr ||
           std::ranges::all_of(value.AsArray(), [this](const Json& item) { return items_->Accepts(item); });
  }
  if (!value.IsObject() || object_ == nullptr) return true;
  for (const Member& member : object_->members) {
    const Json* found = value.Find(member.name);
    if (found == nullptr ? member.presence == Presence::kRequired : !member.type.Accepts(*found))
      return false;
  }
  return object_->is_open || std::ranges::all_of(value.AsObject(), [this](const Json::Member& member) {
           return Find(member.key.AsString()) != nullptr;
         });
}

bool Type::IsSameAs(const Type& other) const {
  return kinds_ == other.kinds_ && items_ == other.items_ && texts_ == other.texts_ &&
         object_ == other.object_;
}

bool Type::operator==(const Type& other) const {
  const auto same = [](const auto& a, const auto& b) {
    return a == b || (a != nullptr && b != nullptr && *a == *b);
  };
  return kinds_ == other.kinds_ && same(items_, other.items_) && same(texts_, other.texts_) &&
         same(object_, other.object_);
}

// ---- Joining
// -----------------------------------------------------------------------------------------------------------

namespace {

// Walks two lists of members, both by name; `both`, `left`, `right` are given what stands in both or one.
template <class Both, class Left, class Right>
void Merge(std::span<const Member> a, std::span<const Member> b, Both&& both, Left&& left, Right&& right) {
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() || k < b.size()) {
    if (k == b.size() || (i < a.size() && a[i].name < b[k].name)) {
      left(a[i++]);
    } else if (i == a.size() || b[k].name < a[i].name) {
      right(b[k++]);
    } else {
      both(a[i++], b[k++]);
    }
  }
}

}  // namespace

Type Union(const Type& a, const Type& b) {
  if (a.IsNever()) return b;
  if (b.IsNever() || a.IsSameAs(b)) return a;
  Type type = Type::OfKinds(a.kinds_ | b.kinds_);
  const bool both_lists = a.Has(kArray) && b.Has(kArray);
  if (both_lists && a.items_ != nullptr && b.items_ != nullptr) {
    type.SetItems(Union(*a.items_, *b.items_));
  } else if (type.Has(kArray) && !both_lists) {
    type.SetItems(a.Has(kArray) ? a.Items() : b.Items());
  }
  if (type.Has(kString)) {
    const bool known = (!a.Has(kString) || a.texts_ != nullptr) && (!b.Has(kString) || b.texts_ != nullptr);
    if (known) {
      std::vector<std::string> texts;
      const auto left = a.Has(kString) ? a.texts() : std::span<const std::string>();
      const auto right = b.Has(kString) ? b.texts() : std::span<const std::string>();
      std::ranges::set_union(left, right, std::back_inserter(texts));
      type.SetTexts(std::move(texts));
    }
  }
  if (!type.Has(kObject)) return type;
  if (!a.Has(kObject) || !b.Has(kObject)) {
    const Type& one = a.Has(kObject) ? a : b;
    if (one.object_ != nullptr) {
      type.SetObject(one.object_->members, one.is_open() ? Openness::kOpen : Openness::kClosed);
    }
    return type;
  }
  // A member that only one side knows may be anything on the other side, if that one is open.
  std::vector<Member> members;
  const auto one_side = [&members](const Member& member, bool other_is_open) {
    if (!other_is_open) members.push_back({member.name, member.type, Presence::kOptional});
  };
  const auto left = [&](const Member& m) { one_side(m, b.is_open()); };
  const auto right = [&](const Member& m) { one_side(m, a.is_open()); };
  Merge(
      a.members(), b.members(),
      [&members](const Member& x, const Member& y) {
        const bool required = x.presence == Presence::kRequired && y.presence == Presence::kRequired;
        members.push_back(
            {x.name, Union(x.type, y.type), required ? Presence::kRequired : Presence::kOptional});
      },
      left, right);
  type.SetObject(std::move(members), a.is_open() || b.is_open() ? Openness::kOpen : Openness::kClosed);
  return type;
}

Type Intersection(const Type& a, const Type& b) {
  if (a.IsAny() || a.IsSameAs(b)) return b;
  if (b.IsAny()) return a;
  Type type = Type::OfKinds(a.kinds_ & b.kinds_);
  if (type.Has(kArray) && a.items_ != nullptr && b.items_ != nullptr) {
    type.SetItems(Intersection(*a.items_, *b.items_));
  } else if (type.Has(kArray)) {
    type.SetItems(a.items_ == nullptr ? b.Items() : a.Items());
  }
  if (type.Has(kString)) {
    if (a.texts_ == nullptr || b.texts_ == nullptr) {
      type.texts_ = a.texts_ == nullptr ? b.texts_ : a.texts_;
    } else {
      std::vector<std::string> texts;
      std::ranges::set_intersection(a.texts(), b.texts(), std::back_inserter(texts));
      if (texts.empty()) type.kinds_ &= static_cast<Kinds>(~kString);
      type.SetTexts(std::move(texts));
    }
  }
  if (!type.Has(kObject)) return type;
  std::vector<Member> members;
  const auto one_side = [&members](const Member& member, bool other_is_open) {
    if (other_is_open) members.push_back(member);
  };
  const auto left = [&](const Member& m) { one_side(m, b.is_open()); };
  const auto right = [&](const Member& m) { one_side(m, a.is_open()); };
  Merge(
      a.members(), b.members(),
      [&members](const Member& x, const Member& y) {
        const bool required = x.presence == Presence::kRequired || y.presence == Presence::kRequired;
        members.push_back(
            {x.name, Intersection(x.type, y.type), required ? Presence::kRequired : Presence::kOptional});
      },
      left, right);
  type.SetObject(std::move(members), a.is_open() && b.is_open() ? Openness::kOpen : Openness::kClosed);
  return type;
}

Type Overlay(const Type& below, const Type& above) {
  Type type = Type::OfKinds(kObject);
  if (above.is_open()) return type;  // what it has beside may take the place of any
  std::vector<Member> members;
  members.reserve(below.members().size() + above.members().size());
  const auto over = [&members](const Member& old, const Member& member) {
    const bool always = member.presence == Presence::kRequired;
    members.push_back({member.name, always ? member.type : Union(member.type, old.type),
                       always ? member.presence : old.presence});
  };
  const auto only_above = [&](const Member& member) {
    const bool may_be_old = member.presence == Presence::kOptional && below.is_open();
    members.push_back({member.name, may_be_old ? Type::Any() : member.type, member.presence});
  };
  const auto only_below = [&members](const Member& member) { members.push_back(member); };
  Merge(below.members(), above.members(), over, only_below, only_above);
  type.SetObject(std::move(members), below.is_open() ? Openness::kOpen : Openness::kClosed);
  return type;
}

}  // namespace elevaite::dsl::types
