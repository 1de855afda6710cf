// Question: what a human task asks, read from the `with` of human.approve and human.form, and what an answer
// to it must be. Pure.
//
//   {title, text?, data?, assignee?, role?, decisions?, form?, deadline?, reminders?, escalations?}
//
// docs/people.md tells what each means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::people {

// Who is asked: one person, the people of a role, or, when both are empty, anybody.
struct Assignment {
  std::string assignee;
  std::string role;

  friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct Decision {
  enum class Comment : std::uint8_t { kOptional, kRequired, kNone };

  std::string id;
  std::string title;
  std::string style;  // primary, secondary, danger
  Comment comment = Comment::kOptional;
  bool takes_form = true;
};

// What time does to a task that nobody answers.
struct TimedAct {
  enum class Kind : std::uint8_t { kEscalate, kRemind, kExpire };  // in this order when they are due together

  std::int64_t at_us = 0;
  Kind kind = Kind::kRemind;
  Assignment to;         // of an escalation
  std::string decision;  // of the end; empty: a timeout error

  friend bool operator==(const TimedAct&, const TimedAct&) = default;
};
using TimedActs = std::vector<TimedAct>;  // in order of time

Json ToJson(const TimedActs& acts);
TimedActs TimedActsFrom(const Json& json);

struct Question {
  static constexpr std::size_t kBytesMax = 256U << 10U;
  static constexpr std::size_t kDecisionsMax = 10;
  static constexpr std::size_t kRemindersMax = 50;
  static constexpr std::size_t kEscalationsMax = 10;
  static constexpr std::size_t kFieldsMax = 200;
  static constexpr std::size_t kNameBytesMax = 200;  // of people, roles and decisions

  std::string title;
  std::string text;
  Json data;
  Assignment to;
  std::vector<Decision> decisions;
  Json form;  // null: none
  TimedActs acts;
  std::optional<std::int64_t> deadline_us;

  // kInvalidArgument says which member is wrong: "`decisions/1/id`: ...". `asked_us`: what durations count
  // from. The form is not compiled: see CheckForm.
  static Result<Question> From(std::string_view connector, const Json& with, std::int64_t asked_us);

  const Decision* FindDecision(std::string_view id) const;
  // Ends it with a timeout error then, unless its own deadline is earlier.
  void EndAt(std::int64_t time_us);

 private:
  void Arrange();
};

// Whether it is a JSON Schema whose properties can be fields.
Result<void> CheckForm(const Json& form);

// Letters, digits and whatever else people have in their names, but no control characters: 1 to
// kNameBytesMax bytes of UTF-8.
bool IsName(std::string_view text);

// A field whose value is the id of a file that was sent before.
struct FileField {
  std::string name;
  bool is_list = false;
  std::vector<std::string> accept;  // "application/pdf", "image/*"; empty: all
};
std::vector<FileField> FileFields(const Json& form);

struct Answer {
  static constexpr std::size_t kCommentBytesMax = 10'000;
  static constexpr std::size_t kValuesBytesMax = 256U << 10U;

  std::string decision;
  Json values;
  std::string comment;
  std::string by;
};

// What is wrong with a field.
struct FieldError {
  std::string pointer;  // into the answer: "/values/amount", "/comment"
  std::string message;
};

// `answer.values` becomes what counts: defaults filled in, null for a decision that needs none. Empty: good.
std::vector<FieldError> CheckAnswer(const Question& question, Answer& answer);

}  // namespace elevaite::people
