// Whatever the bytes: a tree whose places lie in the text, or an error that does. JSON means the same to both
// readers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "foundation/yaml.h"

namespace elevaite::yaml {
namespace {

void CheckPlaces(const Node& node) {
  const Range& range = node.range();
  CHECK(range.begin.line >= 1 && range.begin.column >= 1 && range.begin <= range.end);
  CHECK(node.items().size() == (node.IsSequence() ? node.value().Size() : 0));
  CHECK(node.members().size() == (node.IsMapping() ? node.value().Size() : 0));
  for (const Node& item : node.items()) CheckPlaces(item);
  for (const Member& member : node.members()) {
    CHECK(member.key_range.begin <= member.key_range.end);
    CHECK(node.Find(member.key) == &member);
    CheckPlaces(member.value);
  }
}

}  // namespace
}  // namespace elevaite::yaml

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto node = yaml::Read(text, {.bytes_max = 64U << 10U, .depth_max = 30, .nodes_max = 2000});
  if (!node) {
    CHECK(node.error().line >= 1 && node.error().column >= 1 && !node.error().message.empty());
    return 0;
  }
  if (!node->value().IsNull() || node->range().begin.line != 0) yaml::CheckPlaces(*node);
  if (const auto json = ParseJson(text); json && (json->IsArray() || json->IsObject())) {
    CHECK(json->Dump() == node->value().Dump());
  }
  return 0;
}
