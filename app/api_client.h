// The command line's way to a running server: one request at a time, waiting for the answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::app {

struct ApiReply {
  int status = 0;
  std::string body;
  Json json;  // null when the body is not JSON

  bool ok() const { return status >= 200 && status < 300; }
  // "not_found: no workflow 'x' (hint)": of a problem, for people.
  std::string Problem() const;
};

class ApiClient {
 public:
  // Who acts and why: what Send sends says so, unless it does already.
  struct Note {
    std::string by;
    std::string reason;
  };
  // `server`: "http://127.0.0.1:8000".
  explicit ApiClient(std::string server, Note note = {});
  ~ApiClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // The error is for what never reached a server ("cannot reach http://...: is it running?").
  Result<ApiReply> Get(std::string path) { return Call("GET", std::move(path), {}, {}); }
  // Null: without a body.
  Result<ApiReply> Send(std::string method, std::string path, const Json& body);
  Result<ApiReply> Call(std::string method, std::string path, std::string body, Headers headers);

  const std::string& server() const { return server_; }

 private:
  struct Impl;
  std::string server_;
  Note note_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elevaite::app
