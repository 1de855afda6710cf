// EngineClient: the questions of a worker to an engine (engine/activities/worker_protocol.h), over HTTP.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "foundation/json.h"
#include "foundation/result.h"
#include "foundation/secret.h"
#include "net/client.h"

namespace elevaite::worker {

class EngineClient {
 public:
  // The client must outlive it.
  EngineClient(net::Client& client, Secret token) : client_(client), token_(std::move(token)) {}

  // `address`: "http://10.0.0.5:8000"; `question`: the last part of the route. Errors: kUnauthenticated (it
  // refuses the token), kInvalidArgument and kPayloadTooLarge (it will not take this, however often it is
  // asked), kUnavailable and kTimeout (it may have been understood or not).
  boost::asio::awaitable<Result<Json>> Ask(std::string address, std::string_view question, Json body,
                                           std::chrono::milliseconds patience);

 private:
  net::Client& client_;
  const Secret token_;
};

}  // namespace elevaite::worker
