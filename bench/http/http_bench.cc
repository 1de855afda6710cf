// Serves one small JSON document: the server side of bench/http/serve.py.
//
//   http_bench PORT [THREADS]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "foundation/io_threads.h"
#include "net/server.h"

namespace {

namespace net = elevaite::net;

// 149 bytes, the same as run.py writes for nginx.
constexpr std::string_view kBody =
    R"({"id":"exe_01j0000000000000000000","workflow":"orders","version":"1.0.0","status":"completed","duration_ms":12,"output":{"total":42.5,"items":3}}    )";

boost::asio::awaitable<elevaite::Result<net::Response>> Document(net::Request& /*request*/) {
  co_return net::Response{.content_type = net::kJsonType, .body = net::SharedBytes{{}, kBody}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  elevaite::IoThreads io(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0);
  net::Router router;
  router.Add(net::Method::kGet, "/document.json", Document);
  net::Server server(io, std::move(router),
                     {.port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10))});
  const auto port = server.Start();
  if (!port) {
    std::fprintf(stderr, "%s\n", port.error().ToString().c_str());
    return 1;
  }
  std::printf("%u\n", static_cast<unsigned>(*port));
  std::fflush(stdout);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  int signal = 0;
  sigwait(&signals, &signal);
  server.Drain(std::chrono::seconds(2));
  return 0;
}
