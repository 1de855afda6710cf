// Courier: brings one message to the other side, once, and tells what that has said. Whether it is tried
// again is for others to decide (notifier.h).
//
// Secrets are looked up for each attempt. They stand in no answer: what the other side sends back is searched
// for them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/clock.h"
#include "net/client.h"
#include "net/smtp.h"
#include "services/workflow/notifications/notification.h"

namespace elevaite::notifications {

struct Attempt {
  bool delivered = false;
  bool is_final = false;          // it will not be taken later either
  int status = 0;                 // of HTTP or SMTP; 0: there was no answer
  std::string text;               // a line of the answer
  std::string error;              // why it was not delivered; empty: it was
  std::int64_t asked_for_us = 0;  // Retry-After
  std::int64_t duration_us = 0;
};
// {at, status, text, error, duration_ms}
Json ToJson(const Attempt& attempt, std::int64_t at_us);

class Courier {
 public:
  virtual ~Courier() = default;
  // `rule`: whose words it has; nullopt: the usual ones.
  virtual boost::asio::awaitable<Attempt> Send(Channel channel, std::optional<RuleSettings> rule,
                                               Notification notification) = 0;
};

class ChannelCourier final : public Courier {
 public:
  using FindSecret = std::function<std::optional<Json>(const AccountId& account, std::string_view name)>;

  static constexpr std::chrono::seconds kTimeout{20};
  static constexpr std::chrono::seconds kMailTimeout{40};

  // All must outlive the courier. `client` has the egress guard.
  ChannelCourier(net::Client& client, net::SmtpClient& mail, FindSecret secret, const Clock& clock,
                 std::string host_name)
      : client_(client),
        mail_(mail),
        secret_(std::move(secret)),
        clock_(clock),
        host_name_(std::move(host_name)) {}

  boost::asio::awaitable<Attempt> Send(Channel channel, std::optional<RuleSettings> rule,
                                       Notification notification) override;
  // The names of secrets that the channel needs and that are not there.
  std::vector<std::string> MissingSecrets(const AccountId& account, const ChannelSettings& settings) const;

 private:
  boost::asio::awaitable<Attempt> SendOnce(const Channel& channel, const Words& words, const Notification& n);
  boost::asio::awaitable<Attempt> Post(std::string url, net::Headers headers, std::string body);
  boost::asio::awaitable<Attempt> SendMail(const ChannelSettings& settings, const Words& words,
                                           const Notification& n);
  std::optional<std::string> TextSecret(const AccountId& account, const std::string& name) const;
  void Redact(const AccountId& account, const ChannelSettings& settings, std::string& text) const;

  net::Client& client_;
  net::SmtpClient& mail_;
  FindSecret secret_;
  const Clock& clock_;
  const std::string host_name_;
};

}  // namespace elevaite::notifications
