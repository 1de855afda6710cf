#include "net/smtp.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "foundation/base64.h"
#include "net/test_raw_server.h"

namespace elevaite::net {
namespace {

// The bytes of one connection, plain or encrypted.
struct Line {
  int fd = -1;
  SSL* ssl = nullptr;

  ssize_t Read(char& byte) const {
    return ssl == nullptr ? ::recv(fd, &byte, 1, 0) : static_cast<ssize_t>(SSL_read(ssl, &byte, 1));
  }
  void Say(std::string_view text) const {
    const std::string line = std::string(text) + "\r\n";
    if (ssl == nullptr) return RawServer::Write(fd, line);
    SSL_write(ssl, line.data(), static_cast<int>(line.size()));
  }
  // Empty: the end.
  std::string Hear() const {
    std::string text;
    char byte = 0;
    while (!text.ends_with("\r\n") && Read(byte) == 1) text.push_back(byte);
    if (text.ends_with("\r\n")) text.resize(text.size() - 2);
    return text;
  }
};

// A mail server as it stands in the books; `answers` says what it answers in place of that.
struct MailServer {
  std::map<std::string, std::string> answers;  // by command, as far as it is known: "RCPT TO:<no@x.example>"
  std::string capabilities = "250-mail.example\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN";
  bool tls_first = false;
  bool speaks_before_encryption = false;
  std::vector<std::string> heard;  // all commands
  std::string message;             // as it was sent, stuffed

  TestCertificate certificate{"DNS:mail.example"};
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());

  MailServer() {
    SSL_CTX_use_certificate(context, certificate.certificate);
    SSL_CTX_use_PrivateKey(context, certificate.key);
  }
  ~MailServer() { SSL_CTX_free(context); }

  // Until it is destroyed; then all has been heard that is said.
  std::unique_ptr<RawServer> Open() {
    return std::make_unique<RawServer>([this](int fd, int) { Serve({fd}); });
  }

  bool Encrypt(Line& line) const {
    line.ssl = SSL_new(context);
    SSL_set_fd(line.ssl, line.fd);
    return SSL_accept(line.ssl) == 1;
  }

  void Serve(Line line) {
    if (!tls_first || Encrypt(line)) Talk(line);
    SSL_free(line.ssl);
  }

  void Talk(Line& line) {
    line.Say(answers.contains("greeting") ? answers["greeting"] : "220 mail.example ready");
    while (true) {
      const std::string command = line.Hear();
      if (command.empty()) return;
      heard.push_back(command);
      const auto other = std::ranges::find_if(
          answers, [&](const auto& answer) { return command.starts_with(answer.first); });
      if (other != answers.end()) {
        line.Say(other->second);
      } else if (command.starts_with("EHLO")) {
        line.Say(capabilities);
      } else if (command == "STARTTLS") {
        line.Say(speaks_before_encryption ? "220 go\r\n250 come in" : "220 go");
        if (!Encrypt(line)) return;
      } else if (command.starts_with("AUTH LOGIN") || command == Base64Encode("user")) {
        line.Say("334 VXNlcm5hbWU6");
      } else if (command.starts_with("AUTH PLAIN") || command == Base64Encode("s3cret")) {
        line.Say("235 welcome");
      } else if (command == "DATA") {
        line.Say("354 go on");
        for (std::string text = line.Hear(); text != "."; text = line.Hear()) message += text + "\n";
        line.Say("250 queued as 17");
      } else if (command == "QUIT") {
        return line.Say("221 bye");
      } else {
        line.Say("250 ok");
      }
    }
  }
};

struct Smtp : testing::Test {
  MailServer mail;
  IoThreads io{1};
  SmtpServer to{.host = "mail.example", .security = SmtpSecurity::kNone};
  SmtpEnvelope envelope{.from = "flows@x.example",
                        .to = {"ann@x.example"},
                        .message = "Subject: hi\r\n\r\n.first\r\n..second\r\nend"};
  bool trusts = true;
  std::vector<std::string> allow{"mail.example"};
  milliseconds patience{10'000};

  Result<SmtpAnswer> Send() {
    const auto server = mail.Open();
    to.port = server->port;
    SmtpOptions options{.ca_pem = trusts ? mail.certificate.pem : ""};
    options.resolver = [](std::string) -> awaitable<Result<std::vector<IpAddress>>> {
      co_return std::vector<IpAddress>{IpAddress::Parse("127.0.0.1").value()};
    };
    SmtpClient client(EgressPolicy::Create(allow).value(), std::move(options));
    return RunToCompletion(io, client.Send(to, envelope, std::chrono::steady_clock::now() + patience));
  }
  void SignIn() {
    to.username = "user";
    to.password = Secret("s3cret");
  }
};

TEST_F(Smtp, HandsAMessageOver) {
  const auto answer = Send();
  ASSERT_TRUE(answer) << answer.error().ToString();
  EXPECT_TRUE(answer->accepted());
  EXPECT_EQ(answer->text, "queued as 17");
  EXPECT_EQ(mail.message, "Subject: hi\n\n..first\n...second\nend\n");
  EXPECT_EQ(mail.heard, (std::vector<std::string>{"EHLO localhost", "MAIL FROM:<flows@x.example>",
                                                  "RCPT TO:<ann@x.example>", "DATA", "QUIT"}));
}

TEST_F(Smtp, SignsInOnAnEncryptedConnectionOnly) {
  SignIn();
  to.security = SmtpSecurity::kStartTls;
  const auto upgraded = Send();
  ASSERT_TRUE(upgraded) << upgraded.error().ToString();
  EXPECT_TRUE(upgraded->accepted());
  EXPECT_EQ(mail.heard[1], "STARTTLS");
  EXPECT_EQ(mail.heard[2], "EHLO localhost") << "what was said before the encryption counts for nothing";
  EXPECT_EQ(mail.heard[3], "AUTH PLAIN " + Base64Encode(std::string("\0user\0s3cret", 12)));

  mail.heard.clear();
  to.security = SmtpSecurity::kNone;
  const auto plain = Send();
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(mail.heard, std::vector<std::string>{"EHLO localhost"});
}

TEST_F(Smtp, SpeaksTlsFromTheStartAndTheOlderWayToSignIn) {
  SignIn();
  to.security = SmtpSecurity::kTls;
  mail.tls_first = true;
  mail.capabilities = "250-mail.example\r\n250 auth login";
  const auto answer = Send();
  ASSERT_TRUE(answer) << answer.error().ToString();
  EXPECT_TRUE(answer->accepted());
  EXPECT_EQ(mail.heard[1], "AUTH LOGIN");
  EXPECT_EQ(mail.heard[3], Base64Encode("s3cret"));
}

TEST_F(Smtp, TrustsNobodyWithoutACertificate) {
  trusts = false;
  to.security = SmtpSecurity::kStartTls;
  SignIn();
  const auto answer = Send();
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with("tls:")) << answer.error().ToString();
  for (const std::string& command : mail.heard) EXPECT_FALSE(command.starts_with("AUTH")) << command;
}

TEST_F(Smtp, NoticesThatEncryptionIsTakenAway) {
  to.security = SmtpSecurity::kStartTls;
  mail.capabilities = "250 mail.example";
  const auto stripped = Send();
  ASSERT_FALSE(stripped);
  EXPECT_NE(stripped.error().message.find("does not offer STARTTLS"), std::string::npos);

  mail.capabilities = "250-mail.example\r\n250 STARTTLS";
  mail.speaks_before_encryption = true;
  const auto injected = Send();
  ASSERT_FALSE(injected);
  EXPECT_NE(injected.error().message.find("before the encryption"), std::string::npos);
}

TEST_F(Smtp, TellsWhatTheServerRefused) {
  struct Case {
    std::string command, answer, step;
    int code;
    bool is_final;
  };
  for (const Case& c : {Case{"greeting", "554 go away", "greeting", 554, true},
                        Case{"MAIL FROM", "451 later", "MAIL FROM", 451, false},
                        Case{"RCPT TO", "550-no such\r\n550 mailbox", "RCPT TO", 550, true},
                        Case{"DATA", "552 too\x01 large", "DATA", 552, true}}) {
    mail.answers = {{c.command, c.answer}};
    const auto answer = Send();
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->step, c.step);
    EXPECT_EQ(answer->code, c.code) << c.command;
    EXPECT_EQ(answer->is_final(), c.is_final) << c.command;
    EXPECT_FALSE(answer->accepted());
  }
  SignIn();
  to.security = SmtpSecurity::kStartTls;
  mail.answers = {{"AUTH", "535 wrong password"}};
  const auto answer = Send();
  ASSERT_TRUE(answer) << answer.error().ToString();
  EXPECT_EQ(answer->step, "AUTH");
  EXPECT_EQ(answer->text, "wrong password");
}

TEST_F(Smtp, SendsToThoseWhoAreThere) {
  envelope.to = {"ann@x.example", "no@x.example"};
  mail.answers = {{"RCPT TO:<no@x.example>", "550 unknown"}};
  const auto answer = Send();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->accepted());
  EXPECT_EQ(answer->refused, std::vector<std::string>{"no@x.example"});
}

TEST_F(Smtp, TakesNothingIntoACommandThatIsNoAddress) {
  for (const char* address :
       {"", "ann", "@x.example", "ann@", "a@b@c", "ann@x.example\r\nDATA", "ann@x.example> SIZE=1", "a b@x",
        "ann@x.example\n", "<ann@x.example>", "\"ann\"@x.example", "\xc3\xa4@x.example"}) {
    EXPECT_FALSE(IsMailAddress(address)) << address;
    envelope.to = {address};
    const auto answer = Send();
    ASSERT_FALSE(answer) << address;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(IsMailAddress("ann.lee+flows@mail.x-y.example"));
  EXPECT_TRUE(mail.heard.empty());
}

TEST_F(Smtp, GoesWhereTheEgressPolicyAllows) {
  allow.clear();
  const auto answer = Send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(mail.heard.empty());
}

TEST_F(Smtp, HasLimitsForServersThatMisbehave) {
  for (const std::string& greeting :
       {std::string("hello"), std::string("22 x"), std::string(10'000, 'x'), std::string("220-a\r\n221 b")}) {
    mail.answers = {{"greeting", greeting}};
    const auto answer = Send();
    ASSERT_FALSE(answer) << greeting.substr(0, 20);
    EXPECT_TRUE(answer.error().message.starts_with("smtp:")) << answer.error().ToString();
  }
  mail.answers.clear();
  mail.tls_first = true;  // it waits for the client to speak, as the client does
  patience = milliseconds(300);
  const auto silent = Send();
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, ErrorCode::kTimeout) << silent.error().ToString();
}

}  // namespace
}  // namespace elevaite::net
