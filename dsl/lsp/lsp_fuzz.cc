// Bytes of a client in, in pieces: frames, messages, documents. The first byte says how long the pieces are.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dsl/lsp/framing.h"
#include "dsl/lsp/server.h"
#include "dsl/test_functions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  static const dsl::TestFunctions functions;
  if (size == 0 || size > 64U << 10U) return 0;
  const std::size_t piece = data[0] + 1U;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  dsl::lsp::FrameReader reader;
  dsl::lsp::Server server(functions);
  while (!bytes.empty() && !reader.broken() && !server.exited()) {
    reader.Append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (true) {
      const auto message = reader.Next();
      if (!message && reader.broken()) break;
      if (message && !*message) break;
      if (message) {
        for (const Json& answer : server.Handle(**message)) CHECK(!dsl::lsp::Frame(answer).empty());
      }
    }
  }
  return 0;
}
