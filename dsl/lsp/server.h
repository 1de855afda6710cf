// The language server: messages in, messages out. Pure, but for the documents it holds; app/cli_dsl.cc puts
// it on standard input and output.
//
// LSP 3.17: documents by incremental sync, diagnostics published on each change, completion, hover, symbols,
// formatting, rename of tasks, definition, references, quick fixes. Whatever a client sends is answered with
// a result or an error of JSON-RPC.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/functions.h"
#include "dsl/lsp/features.h"
#include "foundation/json.h"

namespace elevaite::dsl::lsp {

inline constexpr std::size_t kDocumentsMax = 1000;

class Server {
 public:
  // `functions` must outlive it.
  explicit Server(const FunctionCatalog& functions) : functions_(functions) {}

  // What is sent because of a message: answers and notifications, in order.
  std::vector<Json> Handle(const Json& message);
  // For bytes that are no message: JSON-RPC's parse error.
  static Json ParseError(std::string_view why);

  bool exited() const { return phase_ == Phase::kExited; }
  // 0 when `shutdown` came before `exit`, as LSP wants it.
  int exit_code() const { return exit_code_; }

 private:
  enum class Phase : unsigned char { kNew, kReady, kShutDown, kExited };

  void Request(const Json& id, std::string_view method, const Json& params);
  void Notification(std::string_view method, const Json& params);
  void Initialize(const Json& id, const Json& params);
  void Ask(const Json& id, std::string_view method, const Json& params);

  void Open(const Json& document);
  void Change(const Json& params);
  void Close(const std::string& uri);
  void Publish(const std::string& uri, const Json& version, Json diagnostics);

  void Answer(const Json& id, Json result);
  void Refuse(const Json& id, int code, std::string_view message);
  void Log(std::string_view message);

  const FunctionCatalog& functions_;
  ClientSettings settings_;
  Phase phase_ = Phase::kNew;
  int exit_code_ = 1;
  std::map<std::string, Text> documents_;
  std::vector<Json> out_;
};

}  // namespace elevaite::dsl::lsp
