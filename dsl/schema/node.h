// The compiled form: a graph of nodes, one a subschema, each a list of rules.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::schema {

class Evaluation;
class Seen;

// One keyword, or a few that belong together. Answers whether the value obeys; if not, it has reported why.
// What it has looked at of an object's members or an array's items it marks as seen.
using Rule = std::function<bool(const Json& value, Evaluation& run, Seen& seen)>;

struct Node;

// A schema resource: a (sub)schema with a URI of its own. The dynamic scope is a list of them.
struct Resource {
  std::string uri;
  bool validates = true;         // its dialect has the validation vocabulary
  bool asserts_formats = false;  // its dialect, or the options, say so
  std::map<std::string, const Node*, std::less<>> dynamic_anchors;
};

struct Node {
  std::string pointer;
  const Resource* resource = nullptr;
  std::optional<bool> boolean;        // the schemas `true` and `false`
  std::vector<Rule> rules;            // in an order in which what a rule needs is seen before
  std::vector<Rule> last_rules;       // unevaluatedItems and unevaluatedProperties
  std::vector<const Node*> in_place;  // applied to the same value: must have no cycle
};

struct CompiledSchema {
  std::deque<Resource> resources;
  std::deque<Node> nodes;
  std::vector<Json> documents;  // keep alive what nodes refer to
  const Node* root = nullptr;
  bool tracks_seen = false;  // some unevaluated... keyword occurs
};

}  // namespace elevaite::schema
