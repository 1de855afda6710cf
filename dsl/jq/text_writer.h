// JSON text as jq writes it, a piece at a time, so that whoever asks can charge for it or stop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/jq/jq.h"
#include "foundation/json.h"

namespace elevaite::jq {

class TextWriter {
 public:
  // Appends to `out`. Of a text at most `text_code_points_max` are written. All three must outlive the
  // writer.
  TextWriter(const Json& value, std::string& out, const TextLayout& layout,
             std::size_t text_code_points_max = static_cast<std::size_t>(-1));

  // Writes the next item or the end of a container; false: all is written.
  bool Next();

 private:
  struct Frame {
    const Json* container;
    std::size_t next;
    std::vector<const Json::Member*> sorted;  // of an object, if the layout wants that
  };
  void Begin(const Json& value);
  void BeginMember(const Json::Member& member);
  void Open(const Json& container);
  void Text(std::string_view text);
  void NewLine();

  std::string& out_;
  const TextLayout& layout_;
  const std::size_t text_code_points_max_;
  std::vector<Frame> open_;
};

}  // namespace elevaite::jq
