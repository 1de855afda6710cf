// Compiler: from a JSON document to the graph of nodes.
//
// First the documents are indexed: every place that holds a schema, its resource (`$id`) and its anchors.
// Then each place becomes a node; a `$ref` finds its place by the index, so schemas may refer to each other
// in any way. A document of the table is indexed when the first `$ref` names it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/schema/node.h"
#include "dsl/schema/schema.h"

namespace elevaite::schema {

struct Document {
  std::string prefix;  // of pointers: "" for the main document, else "URI#"
  Json root;
};

// Where a schema stands.
struct Place {
  const Json* schema = nullptr;
  const Document* document = nullptr;
  std::string pointer;  // within the document
  Resource* resource = nullptr;

  std::string Name() const { return document->prefix + pointer; }
};

class Compiler {
 public:
  explicit Compiler(const CompileOptions& options) : options_(options) {}

  std::expected<std::shared_ptr<const CompiledSchema>, SchemaError> Compile(Json document);

  // For the keywords (site.h). The node is compiled later.
  Node* NodeAt(const Place& place);
  Node* NodeOf(const std::string& name);  // of the indexed place of that Name()
  // The place that a `$ref` at `from` means, or null with an error.
  const Place* Resolve(const Place& from, std::string_view keyword, std::string_view reference);
  void Fail(std::string pointer, std::string message, std::string hint = {});
  bool failed() const { return error_.has_value(); }
  const CompileOptions& options() const { return options_; }
  CompiledSchema& compiled() { return *compiled_; }

 private:
  struct Parent {  // while indexing
    const Document* document;
    Resource* resource;
    std::uint32_t depth;
  };

  const Place* AddDocument(std::string uri, std::string prefix, Json root);
  const Place* LoadDocument(const std::string& uri);
  const Place* Index(const Json& schema, std::string pointer, Parent parent);
  void IndexChildren(const Json& schema, const std::string& pointer, const Parent& parent);
  Resource* OpenResource(const Json& schema, const std::string& name, Resource* parent);
  bool ReadDialect(const Json& schema, const std::string& name, Resource& resource);
  bool ReadVocabularies(const Json& metaschema, const std::string& name, Resource& resource);
  bool AddAnchor(const Json& schema, std::string_view keyword, const Place& place);
  void RegisterDynamicAnchors();
  bool AddName(std::string uri, const Place& place);

  const Place* AtFragment(const Place& resource, std::string_view fragment);
  const Place* AtPointer(const Place& resource, std::string_view pointer);
  void CompileNode(const Place& place, Node& node);
  void CheckForCycles();

  const CompileOptions& options_;
  std::shared_ptr<CompiledSchema> compiled_ = std::make_shared<CompiledSchema>();
  std::deque<Document> documents_;
  std::unordered_map<std::string, Place> places_;                      // by Name()
  std::unordered_map<std::string, const Place*> uris_;                 // resources, and anchors as "URI#name"
  std::vector<std::pair<const Place*, std::string>> dynamic_anchors_;  // not yet in their resource
  std::unordered_map<std::string, Node*> nodes_;                       // by Name()
  std::deque<std::pair<Place, Node*>> waiting_;
  std::optional<SchemaError> error_;
};

}  // namespace elevaite::schema
