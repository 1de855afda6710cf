#include "net/smtp.h"

#include <algorithm>
#include <cctype>

#include "foundation/async.h"
#include "foundation/base64.h"
#include "net/dial.h"

namespace elevaite::net {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kLineBytesMax = 4'096;  // of the server's; RFC 5321 wants 512
constexpr std::size_t kLinesMax = 100;        // of one answer
constexpr std::size_t kTextBytesMax = 500;    // of an answer that is kept
constexpr std::size_t kRecipientsMax = 100;

struct Reply {
  int code = 0;
  std::vector<std::string> lines;  // without the code
};

std::unexpected<Error> Odd(std::string what) {
  return Fail(ErrorCode::kUnavailable, "smtp: " + std::move(what));
}

// "250-SIZE 1000": 250, "SIZE 1000", and whether another line follows.
bool ReadLine(std::string_view line, Reply& reply, bool& more) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return false;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (reply.code != 0 && reply.code != code) return false;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return false;
  reply.code = code;
  reply.lines.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view());
  more = line.size() > 3 && line[3] == '-';
  return true;
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// A line that begins with a dot would end the message (RFC 5321 section 4.5.2).
std::string DotStuffed(std::string_view message) {
  std::string stuffed;
  stuffed.reserve(message.size() + 16);
  bool at_line_start = true;
  for (const char c : message) {
    if (at_line_start && c == '.') stuffed += '.';
    stuffed += c;
    at_line_start = c == '\n';
  }
  if (!stuffed.ends_with("\r\n")) stuffed += "\r\n";
  return stuffed + ".\r\n";
}

// One connection, from its greeting to QUIT.
class Conversation {
 public:
  Conversation(std::unique_ptr<ClientStream> stream, SmtpServer server)
      : stream_(std::move(stream)), server_(std::move(server)) {}

  awaitable<Result<SmtpAnswer>> Run(SmtpEnvelope envelope, std::shared_ptr<TlsContext> tls) {
    auto greet = Greet(std::move(tls));
    CO_RETURN_IF_ERROR(co_await std::move(greet));
    if (!refused_.step.empty()) co_return refused_;
    auto hand_over = HandOver(std::move(envelope));
    auto answer = co_await std::move(hand_over);
    if (answer) {
      auto quit = stream_->Write("QUIT\r\n", "");  // whether that arrives does not matter any more
      (void)co_await std::move(quit);
    }
    co_return answer;
  }

 private:
  // Until mail may be sent. A refusal stands in refused_.
  awaitable<Result<void>> Greet(std::shared_ptr<TlsContext> tls) {
    auto wait = Receive();
    ASSIGN_OR_CO_RETURN(const Reply greeting, co_await std::move(wait));
    if (greeting.code != 220) co_return Refuse("greeting", greeting);
    auto hello = Hello();
    CO_RETURN_IF_ERROR(co_await std::move(hello));
    if (server_.security == SmtpSecurity::kStartTls && refused_.step.empty()) {
      auto encrypt = Encrypt(std::move(tls));
      CO_RETURN_IF_ERROR(co_await std::move(encrypt));
    }
    if (server_.username.empty() || !refused_.step.empty()) co_return Result<void>();
    co_return co_await SignIn();
  }

  awaitable<Result<void>> Hello() {
    capabilities_.clear();
    auto ask = Ask("EHLO " + server_.greets_as);
    ASSIGN_OR_CO_RETURN(Reply reply, co_await std::move(ask));
    if (reply.code == 250) {
      for (const std::string& line : reply.lines) capabilities_.push_back(UpperCase(line));
      co_return Result<void>();
    }
    auto ask_old = Ask("HELO " + server_.greets_as);
    ASSIGN_OR_CO_RETURN(reply, co_await std::move(ask_old));
    co_return reply.code == 250 ? Result<void>() : Refuse("EHLO", reply);
  }

  awaitable<Result<void>> Encrypt(std::shared_ptr<TlsContext> tls) {
    if (!Can("STARTTLS")) co_return Odd("'" + server_.host + "' does not offer STARTTLS");
    auto ask = Ask("STARTTLS");
    ASSIGN_OR_CO_RETURN(const Reply reply, co_await std::move(ask));
    if (reply.code != 220) co_return Refuse("STARTTLS", reply);
    // What came behind the answer was sent by somebody in between, to be taken for the encrypted server's.
    if (!buffer_.empty()) co_return Odd("'" + server_.host + "' has spoken before the encryption");
    auto upgrade = UpgradeToTls(std::move(stream_), server_.host, std::move(tls));
    ASSIGN_OR_CO_RETURN(stream_, co_await std::move(upgrade));
    co_return co_await Hello();
  }

  awaitable<Result<void>> SignIn() {
    if (server_.security == SmtpSecurity::kNone)
      co_return Fail(ErrorCode::kInvalidArgument, "smtp: a password needs an encrypted connection");
    const std::string user = server_.username;
    const std::string password(server_.password.Reveal());
    if (CanAuth("PLAIN")) {
      std::string both(1, '\0');
      both.append(user).append(1, '\0').append(password);
      auto ask = Ask("AUTH PLAIN " + Base64Encode(both));
      ASSIGN_OR_CO_RETURN(const Reply reply, co_await std::move(ask));
      co_return reply.code == 235 ? Result<void>() : Refuse("AUTH", reply);
    }
    if (!CanAuth("LOGIN"))
      co_return Odd("'" + server_.host + "' offers no way to sign in that is known here");
    for (const std::string& word : {std::string("AUTH LOGIN"), Base64Encode(user), Base64Encode(password)}) {
      auto ask = Ask(word);
      ASSIGN_OR_CO_RETURN(const Reply reply, co_await std::move(ask));
      if (reply.code == 235) co_return Result<void>();
      if (reply.code != 334) co_return Refuse("AUTH", reply);
    }
    co_return Odd("'" + server_.host + "' asks for more than user name and password");
  }

  awaitable<Result<SmtpAnswer>> HandOver(SmtpEnvelope envelope) {
    auto from = Ask("MAIL FROM:<" + envelope.from + ">");
    ASSIGN_OR_CO_RETURN(Reply reply, co_await std::move(from));
    if (reply.code / 100 != 2) co_return AnswerOf("MAIL FROM", reply);
    std::vector<std::string> refused;
    SmtpAnswer last;
    for (const std::string& address : envelope.to) {
      auto to = Ask("RCPT TO:<" + address + ">");
      ASSIGN_OR_CO_RETURN(reply, co_await std::move(to));
      if (reply.code / 100 == 2) continue;
      last = AnswerOf("RCPT TO", reply);
      refused.push_back(address);
    }
    if (refused.size() == envelope.to.size()) co_return last;
    auto data = Ask("DATA");
    ASSIGN_OR_CO_RETURN(reply, co_await std::move(data));
    if (reply.code != 354) co_return AnswerOf("DATA", reply);
    const std::string message = DotStuffed(envelope.message);
    auto write = stream_->Write(message, "");
    CO_RETURN_IF_ERROR(co_await std::move(write));
    auto wait = Receive();
    ASSIGN_OR_CO_RETURN(reply, co_await std::move(wait));
    SmtpAnswer answer = AnswerOf("DATA", reply);
    answer.refused = std::move(refused);
    co_return answer;
  }

  bool Can(std::string_view what) const {
    return std::ranges::any_of(capabilities_, [what](const std::string& line) {
      return line == what || line.starts_with(std::string(what) + ' ');
    });
  }
  bool CanAuth(std::string_view mechanism) const {
    return std::ranges::any_of(capabilities_, [mechanism](const std::string& line) {
      return (line.starts_with("AUTH ") || line.starts_with("AUTH=")) &&
             (' ' + line.substr(5) + ' ').find(' ' + std::string(mechanism) + ' ') != std::string::npos;
    });
  }

  static SmtpAnswer AnswerOf(std::string step, const Reply& reply) {
    std::string text;
    for (const std::string& line : reply.lines) {
      if (!text.empty()) text += ' ';
      for (const char c : line) text += c >= ' ' && c <= '~' ? c : '?';
      if (text.size() > kTextBytesMax) break;
    }
    text.resize(std::min(text.size(), kTextBytesMax));
    return {.code = reply.code, .text = std::move(text), .step = std::move(step), .refused = {}};
  }
  Result<void> Refuse(std::string step, const Reply& reply) {
    refused_ = AnswerOf(std::move(step), reply);
    return {};
  }

  awaitable<Result<Reply>> Ask(std::string command) {
    command += "\r\n";
    auto write = stream_->Write(command, "");
    CO_RETURN_IF_ERROR(co_await std::move(write));
    co_return co_await Receive();
  }

  awaitable<Result<Reply>> Receive() {
    Reply reply;
    bool more = true;
    while (more) {
      auto read = NextLine();
      ASSIGN_OR_CO_RETURN(const std::string line, co_await std::move(read));
      if (!ReadLine(line, reply, more) || reply.lines.size() > kLinesMax)
        co_return Odd("'" + server_.host + "' does not answer as a mail server does");
    }
    co_return reply;
  }

  awaitable<Result<std::string>> NextLine() {
    std::size_t end = buffer_.find('\n');
    while (end == std::string::npos) {
      if (buffer_.size() > kLineBytesMax) co_return Odd("'" + server_.host + "' sends lines without an end");
      char bytes[2'048];
      auto read = stream_->ReadSome(bytes, sizeof(bytes));
      ASSIGN_OR_CO_RETURN(const std::size_t size, co_await std::move(read));
      if (size == 0) co_return Odd("'" + server_.host + "' has closed the connection");
      buffer_.append(bytes, size);
      end = buffer_.find('\n');
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    co_return line;
  }

  std::unique_ptr<ClientStream> stream_;
  const SmtpServer server_;
  std::string buffer_;
  std::vector<std::string> capabilities_;  // of EHLO, in upper case
  SmtpAnswer refused_;                     // by a step before the mail; without one: it was not
};

Result<void> Check(const SmtpServer& server, const SmtpEnvelope& envelope) {
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::ranges::all_of(server.greets_as, is_plain) || server.greets_as.empty())
    return Fail(ErrorCode::kInvalidArgument, "smtp: the name to greet with is not valid");
  if (envelope.to.empty() || envelope.to.size() > kRecipientsMax)
    return Fail(ErrorCode::kInvalidArgument, "smtp: there must be 1 to 100 recipients");
  if (!IsMailAddress(envelope.from) || !std::ranges::all_of(envelope.to, IsMailAddress))
    return Fail(ErrorCode::kInvalidArgument, "smtp: an address is not valid");
  return {};
}

awaitable<Result<SmtpAnswer>> Converse(std::shared_ptr<Conversation> conversation, SmtpEnvelope envelope,
                                       std::shared_ptr<TlsContext> tls) {
  auto run = conversation->Run(std::move(envelope), std::move(tls));
  co_return co_await std::move(run);
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 1 == text.size() || text.size() > 254)
    return false;
  constexpr std::string_view kForbidden = "<>()[]\\,;:\"";
  const auto fits = [&](char c) {
    return c > ' ' && c <= '~' && kForbidden.find(c) == std::string_view::npos;
  };
  return std::ranges::all_of(text, fits) && text.find('@') == at;
}

SmtpClient::SmtpClient(EgressPolicy policy, SmtpOptions options)
    : policy_(std::move(policy)), options_(std::move(options)) {}

Result<std::shared_ptr<TlsContext>> SmtpClient::Tls() {
  const std::scoped_lock lock(mutex_);
  if (!tls_) {
    ASSIGN_OR_RETURN(tls_, TlsContext::Create(options_.ca_pem, TlsContext::Protocol::kAnything));
  }
  return tls_;
}

awaitable<Result<SmtpAnswer>> SmtpClient::Send(SmtpServer server, SmtpEnvelope envelope,
                                               std::chrono::steady_clock::time_point deadline) {
  CO_RETURN_IF_ERROR(Check(server, envelope));
  const std::string host = server.host;
  std::shared_ptr<TlsContext> tls;
  if (server.security != SmtpSecurity::kNone) {
    ASSIGN_OR_CO_RETURN(tls, Tls());
  }
  DialTarget target{
      .host = host, .port = server.port, .tls = server.security == SmtpSecurity::kTls, .deadline = deadline};
  auto dial = Dial(policy_, options_.resolver, std::move(target), tls);
  auto connected = co_await WithDeadline(deadline, std::move(dial));
  if (!connected) co_return Fail(std::move(connected).error());
  auto conversation = std::make_shared<Conversation>(std::move(*connected), std::move(server));
  auto converse = Converse(conversation, std::move(envelope), std::move(tls));
  auto answer = co_await WithDeadline(deadline, std::move(converse));
  if (!answer && answer.error().code == ErrorCode::kTimeout)
    co_return Fail(ErrorCode::kTimeout, "timeout: '" + host + "' did not answer in time");
  co_return answer;
}

}  // namespace elevaite::net
