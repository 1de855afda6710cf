// Router: which handler answers a request.
//
//   Router router;
//   router.Add(Method::kGet, "/v1/workflows/{name}", [&store](Request& request) { return GetWorkflow(store,
//   request); }); router.Add(Method::kPost, "/hooks/{path...}", ..., {.body_bytes_max = 1 << 20});    //
//   {x...}: all that is left, slashes too router.SetFallback(...); // the web app: whatever has no route
//
// A pattern is a list of segments: literal text, {name} for one non-empty segment, {name...} at the end for
// one or more. Literal beats {name} beats {name...}. Segments are decoded after the split, so %2F never makes
// two of one. HEAD is answered by the GET handler, OPTIONS and 405 from the table (with `allow`).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace elevaite::net {

using Handler = std::function<boost::asio::awaitable<Result<Response>>(Request&)>;

struct RouteOptions {
  std::optional<std::size_t> body_bytes_max;  // default: ServerOptions::body_bytes_max
  std::optional<std::chrono::milliseconds>
      timeout;  // from the head to the result; default: ServerOptions::handler_timeout
};

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // A malformed pattern or one that is already there is a bug: CHECK.
  void Add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
  // What is made of the handler of each route that is added from now on.
  using Decorator = std::function<Handler(Method, std::string_view pattern, Handler)>;
  void Decorate(Decorator decorator) { decorator_ = std::move(decorator); }
  // For paths without a route, any method. Its route label is "*".
  void SetFallback(Handler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;  // null: 404, or 405 when `allow` is not empty
    std::string allow;             // "GET, HEAD, OPTIONS, PUT"
  };
  // Fills request.path_parameters, request.rest and request.route.
  Match Find(Request& request) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::unique_ptr<Route> fallback_;
  Decorator decorator_;  // empty: as they are given
};

// Splits and decodes request.target into path and segments. Errors: kInvalidArgument for a target that is not
// a path, bad escapes, NUL, control characters, invalid UTF-8, "." and ".." segments (escaped ones too),
// backslashes, bad query escapes.
Result<> SplitTarget(Request& request);

// A handler that takes its JSON body as a value: T::FromJson(const Json&) -> Result<T>, or Json itself.
template <class T>
Handler WithBody(std::function<boost::asio::awaitable<Result<Response>>(Request&, T)> handler,
                 JsonParseOptions options = {}) {
  return
      [handler = std::move(handler), options](Request& request) -> boost::asio::awaitable<Result<Response>> {
        auto read = request.ReadJson(options);
        ASSIGN_OR_CO_RETURN(Json body, co_await std::move(read));
        if constexpr (std::is_same_v<T, Json>) {
          co_return co_await handler(request, std::move(body));
        } else {
          ASSIGN_OR_CO_RETURN(T value, T::FromJson(body));
          co_return co_await handler(request, std::move(value));
        }
      };
}

}  // namespace elevaite::net
