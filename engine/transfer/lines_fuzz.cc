// Property: any lines are taken or refused with an error that names the line; an execution that is taken is
// written as lines that give it back. A line "check" stands for the check that is right there, else nothing
// would get behind the first.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/transfer/transfer.h"
#include "foundation/digest.h"

namespace {

using namespace elevaite;
using namespace elevaite::engine;

std::string Written(const Transferred& execution) {
  std::string text;
  TransferWriter writer([&text](std::string_view line) -> Result<void> {
    text += line;
    return {};
  });
  if (!writer.Begin() || !writer.Execution(execution) || !writer.End()) std::abort();
  return text;
}

void CheckRoundTrip(const Transferred& execution) {
  TransferReader reader;
  const std::string text = Written(execution);
  std::string again;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const auto item = reader.Take(std::string_view(text).substr(at, end - at));
    if (!item) std::abort();
    if (*item) again = Written(std::get<Transferred>(**item));
    at = end + 1;
  }
  if (!reader.Finish() || again != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  TransferReader reader;
  std::string check;
  std::string unchecked;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "check") {
      check = Sha256Hex(check + unchecked);
      unchecked.clear();
      line = R"({"check": ")" + check + "\"}";
    } else {
      unchecked += line + "\n";
    }
    const auto item = reader.Take(line);
    if (!item) {
      if (!item.error().message.starts_with("line " + std::to_string(reader.line()))) std::abort();
      return 0;
    }
    if (*item && std::holds_alternative<Transferred>(**item)) CheckRoundTrip(std::get<Transferred>(**item));
  }
  return 0;
}
