// What rules and channels mean, and which of them are refused.
#include "services/workflow/notifications/notification.h"

#include <gtest/gtest.h>

namespace elevaite::notifications {
namespace {

const std::string kChannel = ChannelId(Uuid{{1}}).ToString();

Result<RuleSettings> RuleOf(const std::string& members) {
  return RuleSettingsFrom(ParseJson("{\"name\": \"r\", \"channels\": [\"" + kChannel + "\"]" +
                                        (members.empty() ? "" : ", " + members) + "}",
                                    {.allow_duplicate_keys = true})
                              .value());
}

std::string Refusal(const std::string& members) {
  const auto rule = RuleOf(members);
  return rule ? "none" : rule.error().message;
}

TEST(NotificationRule, NamesWorkflowsByPattern) {
  const Place orders{.name_space = "shop", .workflow = "orders"};
  struct Case {
    const char* pattern;
    bool fits;
  };
  for (const Case& c : {Case{"shop.orders", true}, Case{"orders", true}, Case{"shop.*", true},
                        Case{"*.orders", true}, Case{"*", true}, Case{"ord*", true}, Case{"*o*r*", true},
                        Case{"shop.order", false}, Case{"order", false}, Case{"shops.*", false},
                        Case{"shop", false}, Case{"orders.shop", false}, Case{"*.*x", false}}) {
    EXPECT_EQ(Fits(c.pattern, orders), c.fits) << c.pattern;
  }
  EXPECT_FALSE(IsPattern(""));
  EXPECT_FALSE(IsPattern("a b"));
  EXPECT_FALSE(IsPattern("*****"));
  // The worst that a pattern may be against a long name.
  EXPECT_FALSE(Fits("*a*a*a*b", {.name_space = "", .workflow = std::string(200, 'a')}));
}

TEST(NotificationRule, ReadsWhatItIsGivenAndShowsAllOfIt) {
  const auto rule = RuleOf(R"("on": ["execution.failed", "task.opened"], "workflows": ["shop.*"],
    "tags": {"env": "prod"}, "attributes": {"order": 17}, "waiting_after": "30m", "group_within": "0s",
    "subject": "${ .workflow.name } is down")");
  ASSERT_TRUE(rule) << rule.error().ToString();
  EXPECT_EQ(rule->on, (Kinds{Kind::kFailed, Kind::kTaskOpened}));
  EXPECT_EQ(rule->waiting_after, std::chrono::minutes(30));
  EXPECT_EQ(rule->group_within.count(), 0);
  ASSERT_EQ(rule->labels.size(), 2U);
  EXPECT_EQ(rule->labels[1].value, "17");
  const auto again = RuleSettingsFrom(rule->source);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(again->source, rule->source);
}

TEST(NotificationRule, RefusesWhatItCannotMean) {
  struct Case {
    const char* members;
    const char* says;
  };
  for (const Case& c :
       {Case{"", "on must name what is told"}, Case{R"("on": [])", "on must name what is told"},
        Case{R"("on": ["execution.exploded"])", "on has 'execution.exploded', which is not known"},
        Case{R"("on": ["test"])", "on has 'test', which is not known"},
        Case{R"("on": ["execution.failed"], "workflows": ["a b"])", "workflows has 'a b', which names none"},
        Case{R"("on": ["execution.failed"], "tags": {"a": []})", "tags must be an object of texts"},
        Case{R"("on": ["execution.failed"], "waiting_after": "1s")", "waiting_after is not a time"},
        Case{R"("on": ["execution.failed"], "group_within": "2d")", "group_within is not a time"},
        Case{R"("on": ["execution.failed"], "subject": "${ .a")", "subject : '${ .a' is no expression"},
        Case{R"("on": ["execution.failed"], "channels": [])", "channels must name at least one"},
        Case{R"("on": ["execution.failed"], "channels": ["whk_x"])", "channels has what is no id"},
        Case{R"("on": ["execution.failed"], "name": "a\nb")", "name must be a line of text"},
        Case{R"("on": ["execution.failed"], "when": 1)", "when is not known"}}) {
    EXPECT_NE(Refusal(c.members).find(c.says), std::string::npos)
        << c.members << " gives " << Refusal(c.members);
  }
}

engine::ExecutionRecord RecordOf(std::vector<engine::Label> labels) {
  engine::ExecutionRecord record{.account = AccountId::Default(), .id = ExecutionId::New()};
  record.name_space = "shop";
  record.workflow = "orders";
  record.labels = std::move(labels);
  return record;
}

TEST(NotificationRule, ConcernsWhatHappensFromThenOn) {
  Rule rule{.settings = *RuleOf(R"("on": ["execution.failed"], "workflows": ["orders"])"), .since_us = 100};
  Occasion occasion{.kind = Kind::kFailed, .id = "1", .place = {"shop", "orders"}};
  EXPECT_TRUE(Concerns(rule, occasion, 100));
  EXPECT_FALSE(Concerns(rule, occasion, 99));
  occasion.kind = Kind::kCompleted;
  EXPECT_FALSE(Concerns(rule, occasion, 100));
  occasion = {.kind = Kind::kFailed, .id = "1", .place = {"shop", "refunds"}};
  EXPECT_FALSE(Concerns(rule, occasion, 100));
  rule.settings.workflows.clear();
  EXPECT_TRUE(Concerns(rule, occasion, 100));
  rule.settings.enabled = false;
  EXPECT_FALSE(Concerns(rule, occasion, 100));
}

TEST(NotificationRule, LooksAtLabelsAndParents) {
  const auto rule = *RuleOf(R"("on": ["execution.failed"], "tags": {"env": "prod"})");
  const engine::Label prod{engine::LabelKind::kTag, "env", "prod"};
  const engine::Label attribute{engine::LabelKind::kAttribute, "env", "prod"};
  EXPECT_TRUE(Concerns(rule, Kind::kFailed, RecordOf({prod})));
  EXPECT_FALSE(Concerns(rule, Kind::kFailed, RecordOf({attribute})));
  EXPECT_FALSE(Concerns(rule, Kind::kFailed, RecordOf({})));
  auto child = RecordOf({prod});
  child.parent = ExecutionId::New();
  EXPECT_FALSE(Concerns(rule, Kind::kFailed, child)) << "the run that it is a part of tells it";
  EXPECT_TRUE(Concerns(rule, Kind::kParked, child)) << "somebody has to act";
  auto all = rule;
  all.subflows = true;
  EXPECT_TRUE(Concerns(all, Kind::kFailed, child));
}

Result<ChannelSettings> ChannelOf(const char* text) { return ChannelSettingsFrom(ParseJson(text).value()); }

TEST(NotificationChannel, HasWhatItsTypeNeeds) {
  const auto mail = ChannelOf(R"({"name": "m", "type": "email", "host": "SMTP.example", "security": "tls",
    "username": "u", "password_secret": "p", "from": "a@x.example", "to": ["b@x.example"]})");
  ASSERT_TRUE(mail) << mail.error().ToString();
  EXPECT_EQ(mail->mail.port, 465);
  EXPECT_EQ(mail->mail.host, "smtp.example");
  EXPECT_EQ(ChannelSettingsFrom(mail->source)->source, mail->source);
  const auto hook =
      ChannelOf(R"({"name": "h", "type": "webhook", "url": "https://x.example/in", "secret": "s"})");
  ASSERT_TRUE(hook) << hook.error().ToString();
  EXPECT_EQ(hook->secret, "s");
}

TEST(NotificationChannel, RefusesWhatCannotBeUsed) {
  struct Case {
    const char* text;
    const char* says;
  };
  for (const Case& c :
       {Case{R"({"name": "a", "type": "pigeon"})", "type must be webhook, slack or email"},
        Case{R"({"type": "webhook", "url": "https://x.example"})", "name is missing"},
        Case{R"({"name": "a", "type": "webhook"})", "url or url_secret must be given"},
        Case{R"({"name": "a", "type": "webhook", "url": "https://x.example", "url_secret": "s"})",
             "one of both"},
        Case{R"({"name": "a", "type": "webhook", "url": "ftp://x"})", "url is not valid"},
        Case{R"({"name": "a", "type": "webhook", "url": "https://x.example", "secret": "../s"})",
             "secret is not the name of a secret"},
        Case{R"({"name": "a", "type": "slack", "url": "https://hooks.slack.com/x"})", "url is not known"},
        Case{R"({"name": "a", "type": "slack"})", "url_secret is missing"},
        Case{R"({"name": "a", "type": "email", "host": "h:25", "from": "a@x", "to": ["b@x"]})",
             "host is not the name of a host"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x\r\nBcc: e@x", "to": ["b@x"]})",
             "from has control characters"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x\nBcc: e@x", "to": ["b@x"]})",
             "which is no address"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x", "to": ["b@x\r\nDATA"]})",
             "which is no address"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x", "to": []})", "to must be a list"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x", "to": ["b@x"], "username": "u"})",
             "go together"},
        Case{R"({"name": "a", "type": "email", "host": "h", "from": "a@x", "to": ["b@x"], "username": "u",
                    "password_secret": "p", "security": "none"})",
             "security must be starttls or tls"},
        Case{R"({"name": "a", "type": "email", "host": "h", "port": 0, "from": "a@x", "to": ["b@x"]})",
             "port must be from 1"}}) {
    const auto channel = ChannelOf(c.text);
    ASSERT_FALSE(channel) << c.text;
    EXPECT_NE(channel.error().message.find(c.says), std::string::npos)
        << c.text << ": " << channel.error().message;
  }
}

TEST(NotificationOccasion, ReadsTheEngineAndThePeople) {
  const std::string execution = ExecutionId(Uuid{{1}}).ToString();
  const auto failed = OccasionOf(
      ParseJson(
          R"({"type": "io.serverlessworkflow.workflow.faulted.v1", "id": "x.7", "time": "2026-11-26T20:00:00Z",
        "subject": ")" +
          execution + R"(", "data": {"name": "my-orders-)" + execution + R"(.shop",
        "error": {"type": "https://x", "status": 503, "title": "no", "instance": "/do/0"}}})")
          .value());
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->kind, Kind::kFailed);
  EXPECT_EQ(failed->place.Full(), "shop.my-orders");
  EXPECT_EQ(failed->execution->ToString(), execution);
  EXPECT_EQ(failed->details["error"]["status"], Json(503));
  const auto opened = OccasionOf(
      ParseJson(R"({"type": "elevaite.human.created", "id": "tsk_1.1", "subject": ")" + execution + R"(",
        "data": {"task": {"id": "tsk_1", "title": "Go on?", "namespace": "shop", "workflow": "orders",
        "ref": "/do/0/ask", "href": "http://h/inbox/tsk_1"}}})")
          .value());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, Kind::kTaskOpened);
  EXPECT_EQ(ContentOf(*opened, nullptr, "http://h")["url"], Json("http://h/inbox/tsk_1"));
  for (const char* other :
       {R"({"type": "com.example"})", R"({"type": "elevaite.human.seen", "id": "1"})", "null", "{}",
        R"({"type": "elevaite.human.created", "id": "1", "data": 7})",
        R"({"type": "io.serverlessworkflow.workflow.faulted.v1", "id": "1", "data": {"name": "x"}})"})
    EXPECT_FALSE(OccasionOf(ParseJson(other).value())) << other;
}

TEST(NotificationBackoff, GrowsToAQuarterOfAnHour) {
  EXPECT_EQ(BackoffUs(1, 0.5, 0), 5'000'000);
  EXPECT_EQ(BackoffUs(2, 0.5, 0), 10'000'000);
  EXPECT_EQ(BackoffUs(3, 0, 0), 16'000'000);
  EXPECT_EQ(BackoffUs(3, 1, 0), 24'000'000);
  EXPECT_EQ(BackoffUs(1'000'000, 0.5, 0), 900'000'000);
  EXPECT_EQ(BackoffUs(1, 0.5, 30'000'000), 30'000'000);
  EXPECT_EQ(BackoffUs(1, 0.5, INT64_MAX), 3'600'000'000);
}

}  // namespace
}  // namespace elevaite::notifications
