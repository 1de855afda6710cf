#include <algorithm>
#include <atomic>
#include <memory_resource>
#include <new>

#include "foundation/yaml_build.h"

namespace elevaite::yaml {

class Arena {
 public:
  explicit Arena(std::size_t bytes) : memory_(bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (const Node::Rep* rep = newest_; rep != nullptr;) std::destroy_at(std::exchange(rep, rep->next));
  }

  void Hold() { holders_.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  Node::Rep& New() {
    auto* rep = new (Allocate<Node::Rep>(1)) Node::Rep{.arena = this, .next = newest_};
    newest_ = rep;
    return *rep;
  }
  template <class T>
  T* Allocate(std::size_t count) {
    return static_cast<T*>(memory_.allocate(count * sizeof(T), alignof(T)));
  }

 private:
  std::atomic<std::size_t> holders_ = 1;
  std::pmr::monotonic_buffer_resource memory_;
  const Node::Rep* newest_ = nullptr;
};

Node::Node() {
  static const Rep* const kNull = [] {
    Rep& rep = (new Arena(sizeof(Rep)))->New();  // lives as long as the process
    rep.plain = true;
    return &rep;
  }();
  kNull->arena->Hold();
  rep_ = kNull;
}

Node::Node(const Node& other) noexcept : rep_(other.rep_) {
  if (rep_ != nullptr) rep_->arena->Hold();
}
Node& Node::operator=(const Node& other) noexcept {
  Node copy(other);
  std::swap(rep_, copy.rep_);
  return *this;
}
Node& Node::operator=(Node&& other) noexcept {
  if (this == &other) return *this;
  Release();
  rep_ = std::exchange(other.rep_, nullptr);
  return *this;
}
void Node::Release() noexcept {
  if (rep_ != nullptr) rep_->arena->Release();
}

Node::Kind Node::kind() const { return rep_->kind; }
const Range& Node::range() const { return rep_->range; }
const Json& Node::value() const { return rep_->value; }
std::string_view Node::text() const { return rep_->value.IsString() ? rep_->value.AsString() : rep_->text; }
bool Node::plain() const { return rep_->plain; }
std::string_view Node::tag() const { return rep_->tag; }
std::span<const Node> Node::items() const {
  return IsSequence() ? std::span(rep_->items, rep_->children) : std::span<const Node>();
}
std::span<const Member> Node::members() const {
  return IsMapping() ? std::span(rep_->members, rep_->children) : std::span<const Member>();
}

const Member* Node::Find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

std::optional<Position> KeyFinder::Find(std::string_view key, std::span<const OpenMember> members) {
  constexpr std::size_t kFew = 16;
  if (members.size() <= kFew) {
    const auto same = std::ranges::find(members, key, &OpenMember::key);
    return same == members.end() ? std::nullopt : std::optional(same->key_range.begin);
  }
  while (index_.size() < members.size()) index_.emplace(members[index_.size()].key, index_.size());
  const auto found = index_.find(key);
  return found == index_.end() ? std::nullopt : std::optional(members[found->second].key_range.begin);
}

// ---- TreeBuilder

void TreeBuilder::Release::operator()(Arena* arena) const { arena->Release(); }

// A tree takes some four times the bytes of its text.
TreeBuilder::TreeBuilder(std::size_t text_bytes) : arena_(new Arena(1024 + 4 * text_bytes)) {}

Node::Rep& TreeBuilder::New(Node::Kind kind, Range range) {
  Rep& rep = arena_->New();
  rep.kind = kind;
  rep.range = range;
  return rep;
}

std::string_view TreeBuilder::Keep(std::string_view text) {
  char* kept = arena_->Allocate<char>(text.size());
  std::ranges::copy(text, kept);
  return {kept, text.size()};
}

void TreeBuilder::Place(const Rep& rep, Position end) {
  if (open_.empty()) {
    root_ = &rep;
    return;
  }
  Collection& collection = open_.back();
  collection.last_end = std::max(collection.last_end, end);
  if (collection.rep->kind == Node::Kind::kSequence) {
    items_.push_back(&rep);
  } else {
    members_.back().value = &rep;
  }
}

void TreeBuilder::Open(Rep& rep) {
  const bool is_list = rep.kind == Node::Kind::kSequence;
  open_.push_back(
      {.rep = &rep, .first = is_list ? items_.size() : members_.size(), .last_end = rep.range.end});
}

std::optional<Position> TreeBuilder::AddKey(std::string_view key, Range range) {
  Collection& collection = open_.back();
  const auto first = collection.keys.Find(key, std::span(members_).subspan(collection.first));
  if (!first) members_.push_back({.key = Keep(key), .key_range = range});
  return first;
}

Node::Rep& TreeBuilder::Close(std::optional<Position> end) {
  const Collection collection = std::move(open_.back());
  open_.pop_back();
  Rep& rep = *collection.rep;
  rep.range.end = end.value_or(collection.last_end);
  if (rep.kind == Node::Kind::kSequence) {
    FinishSequence(rep, std::span(items_).subspan(collection.first));
    items_.resize(collection.first);
  } else {
    FinishMapping(rep, std::span(members_).subspan(collection.first));
    members_.resize(collection.first);
  }
  ++rep.depth;
  return rep;
}

// The nodes inside of a tree do not count as holders of it, and are never destroyed one by one.
void TreeBuilder::FinishSequence(Rep& rep, std::span<const Rep* const> items) {
  Node* nodes = arena_->Allocate<Node>(items.size());
  std::vector<Json> values;
  values.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    new (nodes + i) Node(items[i]);
    rep.nodes += items[i]->nodes;
    rep.depth = std::max(rep.depth, items[i]->depth);
    values.push_back(items[i]->value);
  }
  rep.items = nodes;
  rep.children = static_cast<std::uint32_t>(items.size());
  rep.value = Json::Array(std::move(values));
}

void TreeBuilder::FinishMapping(Rep& rep, std::span<const OpenMember> members) {
  auto* kept = arena_->Allocate<Member>(members.size());
  std::vector<Json::Member> values;
  values.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& [key, range, value] = members[i];
    new (kept + i) Member{.key = key, .key_range = range, .value = Node(value)};
    rep.nodes += value->nodes + 1;
    rep.depth = std::max(rep.depth, value->depth);
    values.emplace_back(key, value->value);
  }
  rep.members = kept;
  rep.children = static_cast<std::uint32_t>(members.size());
  rep.value = Json::Object(std::move(values));
}

Node TreeBuilder::Root() const {
  if (root_ == nullptr) return {};
  arena_->Hold();
  return Node(root_);
}

}  // namespace elevaite::yaml
