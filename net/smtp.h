// SmtpClient: hands one message to a mail server (RFC 5321), with STARTTLS (RFC 3207) or TLS from the start
// (RFC 8314), and AUTH PLAIN or LOGIN (RFC 4954).
//
//   SmtpClient client(EgressPolicy::PublicOnly());
//   auto send = client.Send(server, envelope, deadline);
//   ASSIGN_OR_CO_RETURN(const SmtpAnswer answer, co_await std::move(send));
//   if (answer.accepted()) ...
//
// A connection is made for each message: its address passes the egress policy as those of HTTP do. The
// certificate of the server must be trusted. A password goes over an encrypted connection only, and what the
// server has said before the encryption counts for nothing.
//
// Any thread may use a client; a message runs on the executor of the coroutine that awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/secret.h"
#include "net/client.h"
#include "net/egress.h"

namespace elevaite::net {

class TlsContext;

enum class SmtpSecurity : std::uint8_t { kNone, kStartTls, kTls };

struct SmtpServer {
  std::string host;  // lower case; or an address
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::kStartTls;
  std::string username;  // empty: it does not ask for one
  Secret password{};
  std::string greets_as = "localhost";  // of EHLO
};

// Addresses are of the form IsMailAddress takes. `message` has lines that end with CRLF (RFC 5322).
struct SmtpEnvelope {
  std::string from;
  std::vector<std::string> to;
  std::string message;
};

// The last word of the server: 250 when it has taken the message. Everything else is the answer to the step
// that it refused. `text` is one line, of its choice.
struct SmtpAnswer {
  int code = 0;
  std::string text;
  std::string step;  // "MAIL FROM", "RCPT TO", "DATA", "AUTH" ...; never what was sent with it
  std::vector<std::string> refused;  // of the addresses, when others were taken

  bool accepted() const { return code >= 200 && code < 300; }
  bool is_final() const { return code >= 500; }  // the same message will not be taken later either
};

// local@domain, printable ASCII without spaces, quotes, angle brackets and control characters; at most 254
// bytes.
bool IsMailAddress(std::string_view text);

struct SmtpOptions {
  std::string ca_pem{};  // in place of the system's certificates
  Resolver resolver{};   // default: the system's
};

class SmtpClient {
 public:
  explicit SmtpClient(EgressPolicy policy, SmtpOptions options = {});

  // Errors: those of Dial, "smtp: ..." (kUnavailable) when the server does not keep to the protocol, lacks
  // STARTTLS or a way to sign in; kInvalidArgument for addresses that are none, before anything is sent.
  boost::asio::awaitable<Result<SmtpAnswer>> Send(SmtpServer server, SmtpEnvelope envelope,
                                                  std::chrono::steady_clock::time_point deadline);

 private:
  Result<std::shared_ptr<TlsContext>> Tls();

  const EgressPolicy policy_;
  const SmtpOptions options_;
  std::mutex mutex_;
  std::shared_ptr<TlsContext> tls_;  // made when it is first needed: it reads all certificates
};

}  // namespace elevaite::net
