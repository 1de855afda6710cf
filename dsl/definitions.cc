#include "dsl/definitions.h"

#include <fmt/format.h>

#include <utility>

#include "dsl/suggest.h"

namespace elevaite::dsl {

void Definitions::Add(std::string_view part, std::string name, syntax::Place place) {
  auto found = parts_.find(part);
  if (found == parts_.end()) found = parts_.emplace(part, Named()).first;
  found->second.emplace(std::move(name), std::move(place));
}

const Definitions::Named& Definitions::Of(std::string_view part) const {
  static const Named none;
  const auto found = parts_.find(part);
  return found == parts_.end() ? none : found->second;
}

const syntax::Place* Definitions::Resolve(Reader& reader, std::string_view part,
                                          const syntax::Place& name) const {
  const Named& named = Of(part);
  const std::string_view text = name.node.text();
  const auto found = named.find(text);
  if (found != named.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [known, place] : named) names.push_back(known);
  const auto near = Nearest(text, names);
  std::string hint = part == "secrets"
                         ? fmt::format("list it: use: {{secrets: [{}]}}", Excerpt(text))
                         : fmt::format("define it: use: {{{}: {{{}: ...}}}}", part, Excerpt(text));
  if (near) hint = fmt::format("did you mean {}?", Quote(*near));
  reader.Add(Code::kUnknownReference, name, fmt::format("there is no {} under `use.{}`", Quote(text), part),
             std::move(hint));
  return nullptr;
}

}  // namespace elevaite::dsl
