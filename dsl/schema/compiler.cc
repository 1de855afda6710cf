#include "dsl/schema/compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/schema/keywords.h"
#include "dsl/schema/site.h"
#include "dsl/schema/uri.h"
#include "foundation/json_pointer.h"
#include "foundation/utf8.h"

namespace elevaite::schema {
namespace {

std::string Cut(std::string_view text) { return std::string(Utf8Prefix(text, 200)); }

}  // namespace

std::expected<std::shared_ptr<const CompiledSchema>, SchemaError> Compiler::Compile(Json document) {
  if (const Place* root = AddDocument(ResolveUri(options_.base_uri, ""), "", std::move(document))) {
    compiled_->root = NodeAt(*root);
    for (auto& [name, place] : std::map(places_.begin(), places_.end())) NodeAt(place);  // in a stable order
  }
  while (!failed() && !waiting_.empty()) {
    const auto [place, node] = std::move(waiting_.front());
    waiting_.pop_front();
    CompileNode(place, *node);
  }
  if (!failed()) CheckForCycles();
  if (failed()) return std::unexpected(*std::move(error_));
  for (const Document& one : documents_) compiled_->documents.push_back(one.root);
  return compiled_;
}

void Compiler::Fail(std::string pointer, std::string message, std::string hint) {
  if (!failed()) error_ = SchemaError{std::move(pointer), std::move(message), std::move(hint)};
}

Node* Compiler::NodeAt(const Place& place) {
  Node*& node = nodes_[place.Name()];
  if (node == nullptr) {
    node = &compiled_->nodes.emplace_back();
    node->pointer = place.Name();
    node->resource = place.resource;
    waiting_.emplace_back(place, node);
  }
  return node;
}

Node* Compiler::NodeOf(const std::string& name) {
  const auto found = places_.find(name);
  CHECK(found != places_.end());
  return NodeAt(found->second);
}

void Compiler::CompileNode(const Place& place, Node& node) {
  if (place.schema->IsBool()) {
    node.boolean = place.schema->AsBool();
    return;
  }
  Site site(*this, place, node);
  for (const KeywordRow& row : Keywords()) {
    if (row.validates && !place.resource->validates) continue;
    const bool present = std::ranges::any_of(row.names, [&](std::string_view name) {
      return !name.empty() && place.schema->Find(name) != nullptr;
    });
    if (!present) continue;
    Rule rule = row.compile(site);
    if (failed()) return;
    if (rule) (row.last ? node.last_rules : node.rules).push_back(std::move(rule));
  }
}

// A schema that applies itself to the same value again would never end.
void Compiler::CheckForCycles() {
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };
  std::unordered_map<const Node*, Mark> marks;
  struct Step {
    const Node* node;
    std::size_t next;
  };
  for (const Node& start : compiled_->nodes) {
    std::vector<Step> path{{&start, 0}};
    if (marks[&start] == Mark::kDone) continue;
    marks[&start] = Mark::kOpen;
    while (!path.empty()) {
      Step& top = path.back();
      if (top.next == top.node->in_place.size()) {
        marks[top.node] = Mark::kDone;
        path.pop_back();
        continue;
      }
      const Node* inner = top.node->in_place[top.next++];
      Mark& mark = marks[inner];
      if (mark == Mark::kOpen) {
        Fail(top.node->pointer,
             fmt::format("applies `{}` to the same value again and again: it would never end",
                         inner->pointer.empty() ? "#" : Cut(inner->pointer)),
             "a schema may refer to itself only for a part of the value, below `properties` or `items`");
        return;
      }
      if (mark == Mark::kDone) continue;
      mark = Mark::kOpen;
      path.push_back({inner, 0});
    }
  }
}

const Place* Compiler::Resolve(const Place& from, std::string_view keyword, std::string_view reference) {
  const std::string at = from.Name() + "/" + std::string(keyword);
  const auto fragment = FragmentOf(reference);
  if (!fragment) {
    Fail(at, fmt::format("`{}` is no URI: a % stands for two hexadecimal digits", Cut(reference)));
    return nullptr;
  }
  const std::string uri = ResolveUri(from.resource->uri, reference);
  const auto known = uris_.find(uri);
  const Place* resource = known != uris_.end() ? known->second : LoadDocument(uri);
  if (failed()) return nullptr;
  if (resource == nullptr) {
    Fail(at, fmt::format("`{}` leaves the document: no schema `{}` is known", Cut(reference), Cut(uri)),
         "schemas are never loaded from other places; put it under `$defs` and refer to `#/$defs/...`");
    error_->missing = uri;
    return nullptr;
  }
  const Place* target = AtFragment(*resource, *fragment);
  if (target == nullptr && !failed()) {
    Fail(at, fmt::format("`{}` leads nowhere", Cut(reference)),
         fragment->starts_with('/') ? "the part after # is a JSON Pointer from the top of the document"
                                    : "no schema has an `$anchor` of that name");
  }
  return target;
}

const Place* Compiler::AtFragment(const Place& resource, std::string_view fragment) {
  if (fragment.empty()) return &resource;
  if (fragment.starts_with('/')) return AtPointer(resource, fragment);
  const auto found = uris_.find(resource.resource->uri + "#" + std::string(fragment));
  return found == uris_.end() ? nullptr : found->second;
}

const Place* Compiler::AtPointer(const Place& resource, std::string_view pointer) {
  const std::string whole = resource.pointer + std::string(pointer);
  if (const auto found = places_.find(resource.document->prefix + whole); found != places_.end())
    return &found->second;
  const Json* schema = FindAt(*resource.schema, pointer);
  if (schema == nullptr) return nullptr;
  // Not where schemas stand. It belongs to the innermost resource around it.
  std::string around = whole;
  Resource* owner = resource.resource;
  while (around.size() > resource.pointer.size()) {
    around.resize(around.rfind('/'));
    if (const auto found = places_.find(resource.document->prefix + around); found != places_.end()) {
      owner = found->second.resource;
      break;
    }
  }
  const Place* place = Index(*schema, whole, {resource.document, owner, 0});
  if (place != nullptr) RegisterDynamicAnchors();
  return place;
}

}  // namespace elevaite::schema
