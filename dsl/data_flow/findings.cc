// What is found on the way, told at its place in the document.
//
// A task may stand in the program several times (of a function, of an extension), and a value in the document
// for several (an alias). There, only what is so each time is told.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/data_flow/data_flow.h"
#include "dsl/data_flow/walk.h"
#include "dsl/expression.h"
#include "dsl/reader.h"
#include "dsl/suggest.h"

namespace elevaite::dsl::data_flow {
namespace {

using types::FindingKind;

// Where a name may stand in the place of what it names.
struct Definitions {
  std::string_view key;
  std::string_view list;
};
constexpr Definitions kDefinitions[] = {
    {"retry", "/use/retries"}, {"error", "/use/errors"}, {"timeout", "/use/timeouts"}};

const yaml::Node* Inside(const yaml::Node& node, const std::string& token) {
  if (const yaml::Member* member = node.Find(token)) return &member->value;
  if (!node.IsSequence() || token.empty() || token.size() > 6 ||
      token.find_first_not_of("0123456789") != std::string::npos)
    return nullptr;
  const auto index = static_cast<std::size_t>(std::stoul(token));
  return index < node.items().size() ? &node.items()[index] : nullptr;
}

const yaml::Node* NodeAt(const yaml::Node& root, std::string_view pointer) {
  const yaml::Node* node = &root;
  std::string last;
  while (pointer.starts_with('/') && node != nullptr) {
    for (const Definitions& one : kDefinitions) {
      if (last != one.key || !node->IsScalar()) continue;
      const yaml::Node* list = NodeAt(root, one.list);
      node = list != nullptr ? Inside(*list, std::string(node->text())) : nullptr;
      break;
    }
    last = TakeToken(pointer);
    if (node != nullptr) node = Inside(*node, last);
  }
  return node;
}

// How often the text of a scalar stands in the tree, aliases written out.
std::size_t CountOf(const yaml::Node& tree, const char* text) {
  std::size_t count = tree.IsScalar() && tree.text().data() == text ? 1 : 0;
  for (const yaml::Node& item : tree.items()) count += CountOf(item, text);
  for (const yaml::Member& member : tree.members()) count += CountOf(member.value, text);
  return count;
}

class Teller {
 public:
  Teller(const Document& document, const Program& program, const Walk& walk, Diagnostics& diagnostics)
      : document_(document), program_(program), diagnostics_(diagnostics) {
    for (const Task& task : program.all) {
      if (walk.Reached(task.index)) ++reached_[task.reference];
    }
  }

  void Add(TaskIndex task, const Found& found) {
    const std::string reference = task == kNoTask ? "" : program_.all[task].reference;
    if (task != kNoTask && !reference.starts_with('/')) return;  // in a fetched function
    Same& same = said_[{reference + found.pointer, found.finding.span.begin}];
    if (same.times++ == 0) {
      same.found = &found;
      same.runs = task == kNoTask ? 1 : reached_[reference];
    }
  }

  void Tell() {
    for (const auto& [place, same] : said_) {
      const yaml::Node* node = NodeAt(document_.root(), place.first);
      if (same.times < same.runs || node == nullptr || !node->IsScalar()) continue;
      if (const auto offset = OffsetIn(*node, same.found->text))
        places_[{node->text().data(), place.second}].push_back({place.first, node, *offset, same.found});
    }
    for (const auto& [text, places] : places_) {
      if (places.size() >= CountOf(document_.root(), text.first)) Say(places.front());
    }
  }

 private:
  struct Same {
    const Found* found = nullptr;
    std::size_t times = 0;
    std::size_t runs = 0;  // in so many places of the program
  };
  struct Place {
    std::string pointer;
    const yaml::Node* node;
    std::size_t offset;  // of the expression in the node's text
    const Found* found;
  };

  static std::optional<std::size_t> OffsetIn(const yaml::Node& node, std::string_view expression) {
    const TextScan scan = ScanText(node.text());
    const std::size_t begin = scan.kind == TextKind::kWhole && node.text() != expression ? scan.begin : 0;
    if (node.text().substr(begin, expression.size()) != expression) return std::nullopt;
    return begin;
  }

  void Say(const Place& place) {
    const types::Finding& finding = place.found->finding;
    const yaml::Range range{document_.Locate(*place.node, place.offset + finding.span.begin),
                            document_.Locate(*place.node, place.offset + finding.span.end)};
    if (finding.kind == FindingKind::kUnknownMember) {
      diagnostics_.Add(Code::kNeverThere, range, place.pointer, NeverThere(finding), HintFor(finding));
    } else {
      const bool is_list = finding.kind == FindingKind::kNoMembers && finding.kinds == types::kArray;
      diagnostics_.Add(Code::kAlwaysFails, range, place.pointer, finding.message,
                       is_list
                           ? "take one of its items, `.[0]`, or all of them, `.[]`"
                           : "look at where the value comes from; `?` behind the path says that it may fail");
    }
  }

  static std::string NeverThere(const types::Finding& finding) {
    const std::vector<std::string_view> known(finding.known.begin(), finding.known.end());
    return fmt::format("{} is never there: what it is read from has {}", Quote(finding.member),
                       known.empty() ? "no members" : ListOf(known, "and"));
  }

  static std::string HintFor(const types::Finding& finding) {
    if (const auto near = Nearest(finding.member, finding.known))
      return fmt::format("did you mean {}?", Quote(*near));
    return fmt::format("it gives null each time; where it may be missing, write `.{}?`",
                       Excerpt(finding.member));
  }

  const Document& document_;
  const Program& program_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string, std::size_t> reached_;        // by reference
  std::map<std::pair<std::string, std::uint32_t>, Same> said_;  // by pointer and place in the text
  std::map<std::pair<const char*, std::uint32_t>, std::vector<Place>> places_;  // by scalar
};

}  // namespace

DataFlow InferDataFlow(const Program& program, const FunctionCatalog& functions) {
  Walk walk(program, functions, Walk::Types::kKept);
  walk.Run();
  return walk.TakeFlow();
}

void CheckDataFlow(const Document& document, const Program& program, const FunctionCatalog& functions,
                   Diagnostics& diagnostics) {
  Walk walk(program, functions, Walk::Types::kDropped);
  walk.Run();
  if (walk.values().found().empty()) return;
  Teller teller(document, program, walk, diagnostics);
  for (const auto& [task, list] : walk.values().found()) {
    for (const Found& found : list) teller.Add(task, found);
  }
  teller.Tell();
}

}  // namespace elevaite::dsl::data_flow
