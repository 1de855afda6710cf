#include "net/sse.h"

namespace elevaite::net {
namespace {

using boost::asio::awaitable;

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') out.push_back(c);
  }
  out.push_back('\n');
}

// CR, LF and CRLF each end a line for the reader, so each must start a new field.
void AppendLines(std::string& out, std::string_view name, std::string_view text) {
  while (true) {
    const auto end = text.find_first_of("\r\n");
    out.append(name).append(text.substr(0, end)).push_back('\n');
    if (end == std::string_view::npos) return;
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
}

struct Run {
  std::function<awaitable<Result<>>(EventWriter&)> run;
  EventStreamOptions options;

  awaitable<Result<>> operator()(BodyWriter& body) const {
    body.SetHeartbeat(options.heartbeat, ":\n\n");
    EventWriter writer(body);
    // The first bytes go out at once, so that the client and every proxy on the way know that the stream is
    // there.
    std::string hello = ":\n\n";
    if (options.retry) hello = "retry: " + std::to_string(options.retry->count()) + "\n\n";
    auto greeting = body.Write(std::move(hello));
    CO_RETURN_IF_ERROR(co_await std::move(greeting));
    co_return co_await run(writer);
  }
};

}  // namespace

std::string FormatEvent(const Event& event) {
  std::string text;
  text.reserve(event.data.size() + event.id.size() + event.event.size() + 32);
  if (!event.id.empty()) AppendField(text, "id", event.id);
  if (!event.event.empty()) AppendField(text, "event", event.event);
  if (event.retry) AppendField(text, "retry", std::to_string(event.retry->count()));
  AppendLines(text, "data: ", event.data);
  text.push_back('\n');
  return text;
}

awaitable<Result<>> EventWriter::Send(Event event) { co_return co_await body_.Write(FormatEvent(event)); }

awaitable<Result<>> EventWriter::Comment(std::string text) {
  std::string lines;
  AppendLines(lines, ": ", text);
  lines.push_back('\n');
  co_return co_await body_.Write(std::move(lines));
}

Response EventStream(std::function<awaitable<Result<>>(EventWriter&)> run, EventStreamOptions options) {
  Response response{.content_type = "text/event-stream"};
  response.headers.Add("cache-control", "no-store");
  response.headers.Add("x-accel-buffering", "no");
  response.body = StreamBody{.write = Run{std::move(run), options}, .endless = true};
  return response;
}

}  // namespace elevaite::net
