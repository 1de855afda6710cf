#include "dsl/data_flow/state.h"

#include <utility>
#include <vector>

namespace elevaite::dsl::data_flow {

using types::Member;
using types::Openness;
using types::Presence;
using types::Type;

namespace {

constexpr types::Kinds kNoObject = types::kAnyKind & static_cast<types::Kinds>(~types::kObject);

bool MayHave(const Type& type, std::string_view name) {
  return type.Has(types::kObject) && (type.is_open() || type.Find(name) != nullptr);
}

// Two objects: the members of `copy` take the place of those of `joined`, unless they are as they were
// `before`.
Type MergeObjects(const Type& before, const Type& joined, const Type& copy) {
  std::vector<Member> members;
  for (const Member& member : joined.members()) {
    const Member* other = copy.Find(member.name);
    Type type = member.type;
    if (other != nullptr) type = Union(type, other->type);
    if (other == nullptr && copy.is_open()) type = Type::Any();
    members.push_back({member.name, std::move(type), member.presence});
  }
  for (const Member& member : copy.members()) {
    if (joined.Find(member.name) != nullptr) continue;
    const bool stays = member.presence == Presence::kRequired && !MayHave(before, member.name);
    members.push_back({member.name, joined.is_open() ? Type::Any() : member.type,
                       stays ? Presence::kRequired : Presence::kOptional});
  }
  const bool open = joined.is_open() || copy.is_open();
  return Type::Object(std::move(members), open ? Openness::kOpen : Openness::kClosed);
}

}  // namespace

State State::Any() { return {Type::Any(), Type::Any(), true, false}; }

State Join(const State& a, const State& b) {
  if (!a.IsReached()) return b;
  if (!b.IsReached()) return a;
  return {Union(a.data, b.data), Union(a.context, b.context), a.may_have_written || b.may_have_written,
          a.has_written && b.has_written};
}

Type MergeBranch(const Type& before, const Type& joined, const State& branch) {
  if (!branch.may_have_written) return joined;
  const Type& copy = branch.context;
  Type result = branch.has_written ? Type::Never() : joined;
  result = Union(result, joined.Has(kNoObject) ? copy : copy.Only(kNoObject));
  if (joined.Has(types::kObject) && copy.Has(types::kObject)) {
    result = Union(result, MergeObjects(before, joined.Only(types::kObject), copy.Only(types::kObject)));
  }
  return result;
}

}  // namespace elevaite::dsl::data_flow
