#include "infra/database/postgres/lossy_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace elevaite::database {
namespace {

constexpr const char* kSocket = ".s.PGSQL.5432";

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

LossyProxy::LossyProxy(std::string server)
    : server_(std::move(server)), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address = AddressOf(folder_.File(kSocket));
  CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(listen(listener_, 16) == 0);
  acceptor_ = std::thread([this] { Accept(); });
}

LossyProxy::~LossyProxy() {
  ending_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void LossyProxy::Accept() {
  while (!ending_) {
    pollfd descriptor{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&descriptor, 1, 20) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = AddressOf(server_ + "/" + kSocket);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      close(server);
      continue;
    }
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client, server] { Relay(client, server); });
  }
}

void LossyProxy::Relay(int client, int server) {
  bool open = true;
  while (open && !ending_) {
    pollfd descriptors[2] = {{.fd = client, .events = POLLIN, .revents = 0},
                             {.fd = server, .events = POLLIN, .revents = 0}};
    if (poll(descriptors, 2, 20) <= 0) continue;
    if (descriptors[0].revents != 0) open = Forward(client, server, Lose::kCommit, "COMMIT");
    if (open && descriptors[1].revents != 0)
      open = Forward(server, client, Lose::kAnswer, std::string_view("COMMIT\0", 7));
  }
  close(client);
  close(server);
}

// False: the connection ends.
bool LossyProxy::Forward(int from, int to, Lose what, std::string_view sign) {
  char buffer[64 << 10];
  const ssize_t got = read(from, buffer, sizeof buffer);
  if (got <= 0) return false;
  const std::string_view bytes(buffer, static_cast<std::size_t>(got));
  const std::size_t at = bytes.find(sign);
  if (at == std::string_view::npos) return WriteAll(to, bytes);
  Lose expected = what;
  if (!lose_.compare_exchange_strong(expected, Lose::kNothing)) return WriteAll(to, bytes);
  ++losses_;
  return false;
}

}  // namespace elevaite::database
