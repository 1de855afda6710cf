#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "net/connection.h"

namespace elevaite::net {
namespace {

constexpr std::chrono::milliseconds kTick{500};

}  // namespace

Worker::Worker(boost::asio::io_context& context, std::shared_ptr<ServerContext> server)
    : context_(context), server_(std::move(server)), timer_(context) {
  std::random_device seed;
  std::seed_seq sequence{seed(), seed(), seed(), seed(), seed(), seed(), seed(), seed()};
  random_.seed(sequence);
  UpdateDate();
}

void Worker::Adopt(Socket socket, std::string peer) {
  std::make_shared<Connection>(shared_from_this(), std::move(socket), std::move(peer))->Start();
}

void Worker::StartTicking() {
  timer_.expires_after(kTick);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->Tick();
    self->StartTicking();
  });
}

void Worker::Tick() {
  UpdateDate();
  // A connection that is told about its time may end and leave the list, so they are first collected.
  const auto now = Clock::now();
  std::vector<std::shared_ptr<Connection>> due;
  for (Connection* connection : connections_) {
    if (connection->NeedsAttention(now)) due.push_back(connection->shared_from_this());
  }
  for (const auto& connection : due) connection->CheckTime(now);
}

void Worker::Drain() {
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (Connection* connection : all) connection->Drain();
}

void Worker::CloseAll() {
  std::vector<std::shared_ptr<Connection>> all;
  for (Connection* connection : connections_) all.push_back(connection->shared_from_this());
  for (const auto& connection : all) connection->Close();
}

void Worker::UpdateDate() {
  const std::time_t now = std::time(nullptr);
  if (now == date_second_) return;
  date_second_ = now;
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  date_line_.assign(text.data(), size);
}

std::string Worker::NewRequestId() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id(32, '0');
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random_();
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4U) id[half * 16 + i] = kHex[bits & 15U];
  }
  return id;
}

}  // namespace elevaite::net
