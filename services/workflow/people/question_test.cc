#include "services/workflow/people/question.h"

#include <gmock/gmock.h>

namespace elevaite::people {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kAsked = 1'000 * kHour;

Json J(std::string_view text) { return ParseJson(text).value(); }

Result<Question> Asked(std::string_view with, std::string_view connector = "human.approve") {
  return Question::From(connector, J(with), kAsked);
}

std::string Refusal(std::string_view with, std::string_view connector = "human.approve") {
  const auto question = Asked(with, connector);
  return question ? "" : question.error().message;
}

TEST(Question, HasDecisionsOfItsOwnUnlessGiven) {
  const auto approve = Asked(R"({"title": "Go?"})");
  ASSERT_TRUE(approve);
  ASSERT_EQ(approve->decisions.size(), 2U);
  EXPECT_EQ(approve->decisions[1].id, "reject");
  EXPECT_FALSE(approve->decisions[1].takes_form);
  const auto form = Asked(R"({"title": "Who?", "form": {"type": "object", "properties": {}}})", "human.form");
  ASSERT_TRUE(form);
  ASSERT_EQ(form->decisions.size(), 1U);
  EXPECT_EQ(form->decisions[0].id, "submit");
  EXPECT_EQ(form->FindDecision("approve"), nullptr);
}

TEST(Question, PutsWhatTimeDoesInOrder) {
  const auto question = Asked(R"({"title": "Go?", "deadline": {"after": "PT10H", "decision": "expired"},
    "reminders": {"every": {"hours": 4}}, "escalations": [{"after": "PT4H", "role": "managers"}]})");
  ASSERT_TRUE(question) << question.error().ToString();
  ASSERT_EQ(question->acts.size(), 4U);  // a reminder after the deadline reminds of nothing
  EXPECT_EQ(question->acts[0].kind, TimedAct::Kind::kEscalate);
  EXPECT_EQ(question->acts[0].at_us, kAsked + 4 * kHour);
  EXPECT_EQ(question->acts[1].kind, TimedAct::Kind::kRemind);
  EXPECT_EQ(question->acts[2].at_us, kAsked + 8 * kHour);
  EXPECT_EQ(question->acts[3].kind, TimedAct::Kind::kExpire);
  EXPECT_EQ(question->acts[3].decision, "expired");
  EXPECT_EQ(TimedActsFrom(ToJson(question->acts)), question->acts);
}

TEST(Question, SaysWhichMemberIsWrong) {
  EXPECT_THAT(Refusal("[]"), HasSubstr("`with`"));
  EXPECT_THAT(Refusal("{}"), HasSubstr("`title`"));
  EXPECT_THAT(Refusal(R"({"title": "\u0007"})"), HasSubstr("`title`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "assignee": " "})"), HasSubstr("`assignee`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "decisions": []})"), HasSubstr("`decisions`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "decisions": [{"id": "a"}, {"id": "a"}]})"),
              HasSubstr("`decisions/1/id`: there are two with the id 'a'"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "deadline": {}})"), HasSubstr("`deadline`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "deadline": {"after": "2 days"}})"), HasSubstr("`deadline/after`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "deadline": {"at": "tomorrow"}})"), HasSubstr("`deadline/at`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "reminders": {"every": "PT0S"}})"), HasSubstr("`reminders/every`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "reminders": {"every": "P36500D", "max": 50}})"),
              HasSubstr("`reminders`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "escalations": [{"after": "PT1H"}]})"),
              HasSubstr("`escalations/0`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?"})", "human.form"), HasSubstr("`form`"));
  EXPECT_THAT(Refusal(R"({"title": "Go?", "text": ")" + std::string(300'000, 'x') + "\"}"),
              HasSubstr("larger than 256 KiB"));
}

TEST(Question, TakesFormsThatAreSchemasOfObjects) {
  EXPECT_TRUE(CheckForm(J(R"({"type": "object", "properties": {"a": {"type": "string"}}})")));
  EXPECT_FALSE(CheckForm(J(R"({"type": "string"})")));
  EXPECT_FALSE(CheckForm(J(R"({"type": "object", "properties": {"a": {"type": "text"}}})")));
  EXPECT_FALSE(CheckForm(J(R"({"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}})")));
}

TEST(Question, FindsTheFieldsOfFiles) {
  const auto fields = FileFields(J(R"({"type": "object", "properties": {
    "receipt": {"type": "string", "format": "file", "accept": ["image/*"]},
    "more": {"type": "array", "items": {"type": "string", "format": "file"}}, "name": {"type": "string"}}})"));
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].accept, std::vector<std::string>{"image/*"});
  EXPECT_TRUE(fields[1].is_list);
}

TEST(Question, AnAttemptThatMayTakeSoLongEndsIt) {
  auto question = Asked(R"({"title": "Go?", "deadline": {"after": "PT10H", "decision": "late"}})");
  ASSERT_TRUE(question);
  question->EndAt(kAsked + 20 * kHour);
  EXPECT_EQ(question->acts.back().decision, "late");
  question->EndAt(kAsked + kHour);
  ASSERT_EQ(question->acts.size(), 1U);
  EXPECT_EQ(question->acts[0].decision, "");
  EXPECT_EQ(question->deadline_us, kAsked + kHour);
}

class AnswerTest : public testing::Test {
 protected:
  static std::string Errors(Answer answer) {
    std::string all;
    for (const FieldError& error : CheckAnswer(kQuestion, answer))
      all += error.pointer + ": " + error.message + "\n";
    return all;
  }
  inline static const Question kQuestion = Asked(R"({"title": "Go?",
    "decisions": [{"id": "yes"}, {"id": "no", "form": false, "comment": "required"}, {"id": "mute", "comment": "none"}],
    "form": {"type": "object", "required": ["amount", "why"], "properties": {
      "amount": {"type": "number", "minimum": 1}, "why": {"type": "string"}, "day": {"type": "string", "format": "date"},
      "currency": {"enum": ["EUR", "CHF"], "default": "EUR"}}}})")
                                               .value();
};

TEST_F(AnswerTest, FillsInDefaults) {
  Answer answer{.decision = "yes", .values = J(R"({"amount": 3, "why": "x"})"), .comment = {}, .by = "ana"};
  EXPECT_TRUE(CheckAnswer(kQuestion, answer).empty());
  EXPECT_EQ(answer.values["currency"], Json("EUR"));
}

TEST_F(AnswerTest, NamesEachFieldThatIsWrong) {
  EXPECT_EQ(
      Errors(
          {.decision = "yes", .values = J(R"({"amount": 0, "day": "31.12."})"), .comment = {}, .by = "ana"}),
      "/values/why: this field is required\n"
      "/values/amount: must be at least 1, it is 0\n"
      "/values/day: must be a date like 2025-07-01, it is \"31.12.\"\n");
  EXPECT_THAT(Errors({.decision = "yes", .values = {}, .comment = {}, .by = "ana"}), HasSubstr("/values: "));
  EXPECT_THAT(Errors({.decision = "maybe", .values = {}, .comment = {}, .by = "ana"}),
              HasSubstr("/decision: it is none of yes, no, mute"));
  EXPECT_THAT(Errors({.decision = "no", .values = {}, .comment = " ", .by = "ana"}), HasSubstr("/comment"));
  EXPECT_THAT(Errors({.decision = "no", .values = {}, .comment = "because", .by = ""}), HasSubstr("/by"));
  EXPECT_THAT(
      Errors({.decision = "mute", .values = J(R"({"amount": 3, "why": "x"})"), .comment = "x", .by = "ana"}),
      HasSubstr("/comment"));
}

TEST_F(AnswerTest, ADecisionWithoutTheFormHasNoValues) {
  Answer answer{.decision = "no", .values = J(R"({"amount": 0})"), .comment = "because", .by = "ana"};
  EXPECT_TRUE(CheckAnswer(kQuestion, answer).empty());
  EXPECT_TRUE(answer.values.IsNull());
}

}  // namespace
}  // namespace elevaite::people
