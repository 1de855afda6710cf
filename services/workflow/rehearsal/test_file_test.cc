#include "services/workflow/rehearsal/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "services/workflow/rehearsal/test_vocabulary.h"

namespace elevaite::rehearsal {
namespace {

using ::testing::HasSubstr;

const KnownNames kKnown{.tasks = {"askBank", "releaseStock"}, .calls = {"http", "llm.generate"}};

std::string Complaints(const std::string& text) {
  std::string all;
  for (const dsl::Diagnostic& d : ReadTestFile(text, kKnown).diagnostics) all += dsl::ToText(d) + "\n";
  return all;
}

TEST(TestFile, ACaseMayBeThreeLines) {
  const TestFile file =
      ReadTestFile("- name: adds up\n  given: {input: {a: 1}}\n  expect: {output: 2}\n", {});
  EXPECT_TRUE(file.is_valid);
  ASSERT_EQ(file.cases.size(), 1U);
  EXPECT_EQ(file.cases[0].name, "adds up");
  EXPECT_EQ(file.cases[0].given.input, Json::Object({{"a", 1}}));
  EXPECT_EQ(file.cases[0].expect.output, Json(2));
}

TEST(TestFile, ErrorsGetTheirUsualStatusAndTitle) {
  const TestFile file =
      ReadTestFile("- name: x\n  given: {mocks: [{task: askBank, error: {type: timeout}}]}\n", kKnown);
  ASSERT_EQ(file.cases.size(), 1U);
  EXPECT_EQ(file.cases[0].given.mocks[0].answers[0].error,
            Json::Object({{"type", "https://open-workflow-specification.org/spec/1.0.0/errors/timeout"},
                          {"status", 408},
                          {"title", "Timeout"}}));
}

TEST(TestFile, SaysWhereWhatIsWrong) {
  const struct {
    const char* text;
    const char* complaint;
  } kWrong[] = {
      {"x: 1\n", "1:1 error DSL0103: a test file must be a list, not a mapping (begin each with `- `)"},
      {"[]\n", "1:1 error DSL0105: a test file must have a case"},
      {"- {given: {}}\n", "1:3 error DSL0102: a case needs `name`"},
      {"- {name: a}\n- {name: a}\n", "2:10 error DSL0104: two cases are called `a`"},
      {"- name: a\n  expects: {}\n",
       "2:3 error DSL0101: a case has no key `expects` (did you mean `expect`?)"},
      {"- {name: a, given: {mocks: [{output: 1}]}}\n",
       "1:29 error DSL0102: a mock needs one of `task`, `call` or `workflow`"},
      {"- {name: a, given: {mocks: [{task: askBank}]}}\n",
       "1:29 error DSL0102: a mock needs one of `output`, `gives`, `error` or `answers`"},
      {"- {name: a, given: {mocks: [{task: askBanc, output: 1}]}}\n",
       "1:36 error DSL0104: there is no task `askBanc` (did you mean `askBank`?)"},
      {"- {name: a, given: {mocks: [{call: htp, output: 1}]}}\n",
       "1:36 error DSL0104: there is no function `htp` (did you mean `http`?)"},
      {"- {name: a, given: {mocks: [{task: askBank, error: {type: timeot}}]}}\n",
       "(did you mean `timeout`?)"},
      {"- {name: a, given: {mocks: [{task: askBank, error: {type: timeout, status: -1}}]}}\n",
       "`status` must be from 0 to 65535, not -1"},
      {"- {name: a, given: {mocks: [{task: askBank, when: '.a |', output: 1}]}}\n",
       "error DSL0301: `when`: "},
      {"- {name: a, given: {at: yesterday}}\n", "1:25 error DSL0104: `yesterday` is no time"},
      {"- {name: a, given: {zone: Europe/Zuerich}}\n", "1:27 error DSL0104:"},
      {"- {name: a, when: {cancel: {after: 5m}}}\n", "error DSL0211: `after`: "},
      {"- {name: a, when: {events: [{source: 'https://a.example'}]}}\n", "an event needs `type`"},
      {"- {name: a, when: {events: [{type: ''}]}}\n", "1:29 error DSL0104:"},
      {"- {name: a, given: {input: 1}, when: {passes: P1D}}\n", "`input` beside `passes` means nothing"},
      {"- {name: a, expect: {starts: []}}\n", "`starts` is about a schedule, and no time passes"},
      {"- {name: a, expect: {status: done}}\n",
       "`status` must be `completed`, `faulted`, `cancelled` or `waiting`"},
      {"- {name: a, expect: {ran: [askBank, releaseStok]}}\n", "there is no task `releaseStok`"},
      {"- name: a\n  name: b\n", "2:3 error DSL0003: duplicate key"},
  };
  for (const auto& [text, complaint] : kWrong) {
    EXPECT_THAT(Complaints(text), HasSubstr(complaint)) << text;
    EXPECT_TRUE(ReadTestFile(text, kKnown).cases.empty()) << text;
  }
}

TEST(TestFile, IsBounded) {
  std::string cases;
  for (std::size_t i = 0; i <= kCasesMax; ++i) cases += "- {name: c" + std::to_string(i) + "}\n";
  EXPECT_THAT(Complaints(cases), HasSubstr("a test file has 1001 items; at most 1000 are allowed"));
  EXPECT_THAT(
      Complaints("- {name: a, given: {input: " + std::string(200, '[') + std::string(200, ']') + "}}"),
      HasSubstr("error DSL0004"));
  EXPECT_THAT(Complaints(std::string((1U << 20U) + 1, ' ')), HasSubstr("error DSL0001"));
}

// The page has a table of all keys, made from the same vocabulary as the checks.
TEST(TestFile, ThePageHasEveryKey) {
  std::ifstream in(ELEVAITE_SOURCE_DIR "/docs/language/testing.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  for (const auto* object :
       {&vocabulary::kCase, &vocabulary::kGiven, &vocabulary::kMock, &vocabulary::kWhen, &vocabulary::kEvent,
        &vocabulary::kCancel, &vocabulary::kExpect, &vocabulary::kCall}) {
    for (const vocabulary::Key& key : object->keys) {
      const std::string row = "| `" + std::string(key.name) + "` | " + std::string(key.description) + " | `" +
                              std::string(key.example) + "` |";
      EXPECT_THAT(page, HasSubstr(row));
    }
  }
}

}  // namespace
}  // namespace elevaite::rehearsal
