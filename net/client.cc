#include "net/client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "foundation/async.h"
#include "net/client_stream.h"
#include "net/compression.h"
#include "net/dial.h"
#include "net/response_parser.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 32 * 1024;
constexpr std::size_t kGzipRatioMax = 200;
constexpr std::array<std::string_view, 8> kSecretHeaders{
    "authorization", "proxy-authorization", "cookie",       "x-api-key",
    "api-key",       "x-goog-api-key",      "x-auth-token", "www-authenticate"};

bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

bool IsToken(std::string_view text) {
  static constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.find(c) != std::string_view::npos;
  });
}

std::string WriteHead(const ClientRequest& request, const std::string& user_agent) {
  std::string head =
      request.method + ' ' + request.url.target + " HTTP/1.1\r\nhost: " + request.url.HostHeader() + "\r\n";
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers.At(i);
    if (name == "host" || name == "content-length" || name == "connection" || name == "transfer-encoding")
      continue;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.headers.Has("user-agent")) head += "user-agent: " + user_agent + "\r\n";
  if (request.decompress && !request.headers.Has("accept-encoding")) head += "accept-encoding: gzip\r\n";
  const bool may_have_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
  if (!request.body.empty() || may_have_body)
    head += "content-length: " + std::to_string(request.body.size()) + "\r\n";
  head += "\r\n";
  return head;
}

}  // namespace

Result<ClientRequest> ClientRequest::To(std::string method, std::string_view url) {
  ClientRequest request;
  request.method = std::move(method);
  ASSIGN_OR_RETURN(request.url, Url::Parse(url));
  return request;
}

class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  struct Connection {
    std::unique_ptr<ClientStream> stream;
    std::string key;
    bool reused = false;
  };

  Impl(EgressPolicy policy, ClientOptions options)
      : policy_(std::move(policy)), options_(std::move(options)) {}

  awaitable<Result<std::unique_ptr<ClientBody>>> Open(ClientRequest request);

  // Back to the pool, for the next request on the same thread.
  void Release(Connection connection) {
    const std::scoped_lock lock(mutex_);
    auto& idle = idle_[connection.key];
    const auto now = Clock::now();
    std::erase_if(idle, [&](const Idle& entry) { return entry.until < now; });
    if (idle.size() < options_.idle_per_origin_max)
      idle.push_back({std::move(connection.stream), now + options_.idle_timeout});
  }

 private:
  struct Idle {
    std::unique_ptr<ClientStream> stream;
    Clock::time_point until;
  };
  class Body;

  awaitable<Result<std::unique_ptr<ClientBody>>> Follow(std::shared_ptr<Impl> self, ClientRequest request);
  awaitable<Result<std::unique_ptr<Body>>> Exchange(const ClientRequest& request);
  awaitable<Result<Connection>> Connect(const ClientRequest& request, std::string key);
  std::unique_ptr<ClientStream> TakeIdle(const std::string& key);
  Result<std::shared_ptr<TlsContext>> Tls();
  static Result<> Redirect(ClientRequest& request, int status, std::string_view location);

  const EgressPolicy policy_;
  const ClientOptions options_;
  std::mutex mutex_;  // of what follows; held for a few lines
  std::map<std::string, std::vector<Idle>> idle_;
  std::shared_ptr<TlsContext> tls_;
};

class Client::Impl::Body final : public ClientBody {
 public:
  Body(std::shared_ptr<Impl> client, Connection connection, const ClientRequest& request)
      : client_(std::move(client)),
        connection_(std::move(connection)),
        parser_(request.method == "HEAD"),
        deadline_(request.deadline),
        bytes_max_(request.response_bytes_max),
        decompress_(request.decompress) {
    url = request.url;
  }

  awaitable<Result<>> ReadHead() {
    while (!parser_.HasHead()) CO_RETURN_IF_ERROR(co_await Fill());
    status = parser_.status();
    headers = parser_.headers();
    if (decompress_ && EqualsIgnoringCase(headers.Get("content-encoding"), "gzip") &&
        !(parser_.Done() && body_.empty())) {
      gunzip_ = std::make_unique<Gunzip>(bytes_max_, kGzipRatioMax);
      headers.Remove("content-encoding");
      headers.Remove("content-length");
    }
    co_return Result<>();
  }

  awaitable<Result<std::string>> Read(Clock::time_point deadline) override {
    auto read = ReadPiece();
    auto piece = co_await WithDeadline(std::min(deadline, deadline_), std::move(read));
    if (!piece) {
      connection_.stream.reset();
      if (piece.error().code == ErrorCode::kTimeout) {
        co_return Fail(ErrorCode::kTimeout,
                       "timeout: '" + url.host + "' did not send the whole response in time");
      }
    }
    co_return std::move(piece);
  }

  bool NothingSeen() const { return parser_.NothingSeen(); }
  bool Reused() const { return connection_.reused; }

 private:
  // Reads once from the socket and parses; what is body lands in body_.
  awaitable<Result<>> Fill() {
    if (!connection_.stream) co_return Fail(ErrorCode::kUnavailable, "http: the connection is closed");
    if (buffer_.empty()) buffer_.resize(kReadBytes);
    auto read = connection_.stream->ReadSome(buffer_.data(), buffer_.size());
    ASSIGN_OR_CO_RETURN(const std::size_t size, co_await std::move(read));
    if (size == 0) {
      CO_RETURN_IF_ERROR(parser_.FeedEnd());
      co_return Result<>();
    }
    CO_RETURN_IF_ERROR(parser_.Feed(std::string_view(buffer_).substr(0, size), body_));
    co_return Result<>();
  }

  awaitable<Result<std::string>> ReadPiece() {
    while (true) {
      std::string piece = std::exchange(body_, {});
      if (gunzip_ && !piece.empty()) {
        std::string unpacked;
        if (auto added = gunzip_->Add(piece, unpacked); !added) {
          added.error().message = (added.error().code == ErrorCode::kPayloadTooLarge ? "size: " : "http: ") +
                                  added.error().message;
          co_return Fail(std::move(added).error());
        }
        piece = std::move(unpacked);
      }
      total_ += piece.size();
      if (total_ > bytes_max_) {
        co_return Fail(ErrorCode::kPayloadTooLarge, "size: the response of '" + url.host +
                                                        "' is larger than " + std::to_string(bytes_max_) +
                                                        " bytes");
      }
      if (parser_.Done()) Finish();
      if (!piece.empty()) co_return std::move(piece);
      if (parser_.Done()) {
        if (gunzip_ && !gunzip_->Complete()) {
          co_return Fail(ErrorCode::kUnavailable, "http: the compressed response is cut short");
        }
        co_return std::string();
      }
      CO_RETURN_IF_ERROR(co_await Fill());
    }
  }

  void Finish() {
    if (!connection_.stream) return;
    if (parser_.KeepAlive()) client_->Release(std::move(connection_));
    connection_.stream.reset();
  }

  std::shared_ptr<Impl> client_;
  Connection connection_;
  ResponseParser parser_;
  const Clock::time_point deadline_;
  const std::size_t bytes_max_;
  const bool decompress_;
  std::unique_ptr<Gunzip> gunzip_;
  std::string buffer_;
  std::string body_;
  std::size_t total_ = 0;
};

std::unique_ptr<ClientStream> Client::Impl::TakeIdle(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  const auto now = Clock::now();
  std::unique_ptr<ClientStream> stream;
  while (!stream && !found->second.empty()) {
    Idle entry = std::move(found->second.back());
    found->second.pop_back();
    // An idle connection has nothing to say: bytes or an end mean that it is of no use.
    char byte = 0;
    const ssize_t size = ::recv(entry.stream->NativeSocket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (entry.until > now && size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      stream = std::move(entry.stream);
  }
  if (found->second.empty()) idle_.erase(found);
  return stream;
}

Result<std::shared_ptr<TlsContext>> Client::Impl::Tls() {
  const std::scoped_lock lock(mutex_);
  if (!tls_) {
    ASSIGN_OR_RETURN(tls_, TlsContext::Create(options_.ca_pem));
  }
  return tls_;
}

awaitable<Result<Client::Impl::Connection>> Client::Impl::Connect(const ClientRequest& request,
                                                                  std::string key) {
  const Url& url = request.url;
  std::shared_ptr<TlsContext> tls;
  if (url.tls()) {
    ASSIGN_OR_CO_RETURN(tls, Tls());
  }
  DialTarget target{.host = url.host,
                    .port = url.port,
                    .tls = url.tls(),
                    .deadline = request.deadline,
                    .connect_timeout = request.connect_timeout};
  auto dial = Dial(policy_, options_.resolver, std::move(target), std::move(tls));
  ASSIGN_OR_CO_RETURN(auto stream, co_await std::move(dial));
  co_return Connection{std::move(stream), std::move(key), false};
}

// One request, one response head. A reused connection that turns out to be dead is replaced once.
awaitable<Result<std::unique_ptr<Client::Impl::Body>>> Client::Impl::Exchange(const ClientRequest& request) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string key =
      request.url.Origin() + '@' + std::to_string(reinterpret_cast<std::uintptr_t>(&executor.context()));
  const std::string head = WriteHead(request, options_.user_agent);
  for (bool fresh = false;; fresh = true) {
    Connection connection{fresh ? nullptr : TakeIdle(key), key, true};
    if (!connection.stream) {
      auto connect = Connect(request, key);
      ASSIGN_OR_CO_RETURN(connection, co_await std::move(connect));
    }
    ClientStream& stream = *connection.stream;
    auto body = std::make_unique<Body>(shared_from_this(), std::move(connection), request);
    auto write = stream.Write(head, request.body);
    Result<> done = co_await std::move(write);
    // A server may answer and close before it has read everything: look for the answer in any case.
    Result<> read;
    if (done || !body->Reused()) read = co_await body->ReadHead();
    if (done && read) co_return std::move(body);
    if (read && !body->NothingSeen()) co_return std::move(body);
    if (body->Reused() && body->NothingSeen() && IsIdempotent(request.method)) continue;
    co_return Fail(std::move(done ? read : done).error());
  }
}

Result<> Client::Impl::Redirect(ClientRequest& request, int status, std::string_view location) {
  auto next = request.url.Resolve(location);
  if (!next)
    return Fail(ErrorCode::kUnavailable,
                "redirect: '" + request.url.host + "' redirects to an address that is not valid");
  if (request.url.tls() && !next->tls()) {
    return Fail(ErrorCode::kPermissionDenied,
                "redirect: '" + request.url.host + "' redirects from https to http");
  }
  if (!next->SameOrigin(request.url)) {
    for (const std::string_view name : kSecretHeaders) request.headers.Remove(name);
  }
  const bool becomes_get = (status == 303 && request.method != "HEAD") ||
                           ((status == 301 || status == 302) && request.method == "POST");
  if (becomes_get) {
    request.method = "GET";
    request.body.clear();
    for (const char* name : {"content-type", "content-encoding", "content-language"})
      request.headers.Remove(name);
  }
  request.url = std::move(*next);
  return {};
}

awaitable<Result<std::unique_ptr<ClientBody>>> Client::Impl::Follow(std::shared_ptr<Impl> self,
                                                                    ClientRequest request) {
  for (unsigned hops = 0;; ++hops) {
    auto exchange = Exchange(request);
    ASSIGN_OR_CO_RETURN(std::unique_ptr<Body> body, co_await std::move(exchange));
    const bool is_redirect = body->status == 301 || body->status == 302 || body->status == 303 ||
                             body->status == 307 || body->status == 308;
    const std::string location(body->headers.Get("location"));
    if (!is_redirect || location.empty() || request.redirects_max == 0) co_return std::move(body);
    if (hops == request.redirects_max) {
      co_return Fail(ErrorCode::kUnavailable, "redirect: '" + request.url.host + "' redirects too often");
    }
    CO_RETURN_IF_ERROR(Redirect(request, body->status, location));
  }
}

awaitable<Result<std::unique_ptr<ClientBody>>> Client::Impl::Open(ClientRequest request) {
  if (!IsToken(request.method)) co_return Fail(ErrorCode::kInvalidArgument, "the method is not valid");
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    if (!IsToken(request.headers.At(i).name))
      co_return Fail(ErrorCode::kInvalidArgument, "the name of a header is not valid");
  }
  // A Url that was put together by hand is held to the same rules as one that was parsed.
  ASSIGN_OR_CO_RETURN(request.url, Url::Parse(request.url.ToString()));
  const auto deadline = request.deadline;
  const std::string host = request.url.host;
  auto follow = Follow(shared_from_this(), std::move(request));
  auto body = co_await WithDeadline(deadline, std::move(follow));
  if (!body && body.error().code == ErrorCode::kTimeout && !body.error().message.starts_with("timeout:")) {
    co_return Fail(ErrorCode::kTimeout, "timeout: '" + host + "' did not answer in time");
  }
  co_return std::move(body);
}

Client::Client(EgressPolicy policy, ClientOptions options)
    : impl_(std::make_shared<Impl>(std::move(policy), std::move(options))) {}
Client::~Client() = default;

awaitable<Result<std::unique_ptr<ClientBody>>> Client::Open(ClientRequest request) {
  return impl_->Open(std::move(request));
}

awaitable<Result<ClientResponse>> Client::Send(ClientRequest request) {
  const std::function<void()> on_bytes = std::move(request.on_bytes);
  auto open = impl_->Open(std::move(request));
  ASSIGN_OR_CO_RETURN(const std::unique_ptr<ClientBody> body, co_await std::move(open));
  ClientResponse response{
      .status = body->status, .headers = std::move(body->headers), .url = std::move(body->url)};
  body->url = response.url;
  while (true) {
    if (on_bytes) on_bytes();
    auto read = body->Read();
    ASSIGN_OR_CO_RETURN(const std::string piece, co_await std::move(read));
    if (piece.empty()) co_return response;
    response.body += piece;
  }
}

}  // namespace elevaite::net
