// Server-sent events (text/event-stream).
//
//   co_return EventStream([feed](EventWriter& events) -> awaitable<Result<>> {
//     while (auto next = co_await feed->Next()) {
//       auto sent = co_await events.Send({.id = next->seq, .event = next->type, .data = next->json});
//       if (!sent) co_return sent;                       // the client is gone
//     }
//     co_return co_await events.Send({.event = "end"});
//   });
//
// The client hears a comment every 15 seconds without events. When it goes away the callback is cancelled
// (what it awaits throws operation_aborted); a drain ends the stream in order, and the client comes back to
// another server with Last-Event-ID. Captures of a lambda coroutine live as long as the stream.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/http.h"

namespace elevaite::net {

struct Event {
  std::string id;     // empty: none; line breaks and NUL are dropped
  std::string event;  // empty: "message"; line breaks are dropped
  std::string data;   // any text; each line becomes one data field
  std::optional<std::chrono::milliseconds> retry{};
};

// The text of one event, with the blank line at its end.
std::string FormatEvent(const Event& event);

class EventWriter {
 public:
  explicit EventWriter(BodyWriter& body) : body_(body) {}
  boost::asio::awaitable<Result<>> Send(Event event);
  boost::asio::awaitable<Result<>> Comment(std::string text);

 private:
  BodyWriter& body_;
};

struct EventStreamOptions {
  std::chrono::milliseconds heartbeat{15'000};
  std::optional<std::chrono::milliseconds> retry{};  // how long the client waits before it comes back
};

Response EventStream(std::function<boost::asio::awaitable<Result<>>(EventWriter&)> run,
                     EventStreamOptions options = {});

}  // namespace elevaite::net
