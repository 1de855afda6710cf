// Wording: texts with expressions in them, `${ .workflow.name } has failed`, and those that are used when
// nobody has written others. Pure.
//
// Expressions are jq, over the object of occasion.h (ContentOf). A text of theirs goes in as it is, null as
// nothing, everything else as JSON. What fails to be computed leaves "(?)": a message with a hole is better
// than none.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dsl/jq/jq.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::notifications {

inline constexpr std::size_t kSubjectBytesMax = 200;
inline constexpr std::size_t kBodyBytesMax = 16U << 10U;
inline constexpr std::size_t kWordingBytesMax = 8U << 10U;  // of a text with its expressions

class Wording {
 public:
  // kInvalidArgument says which expression is wrong. `$${` stands for `${`.
  static Result<Wording> Compile(std::string_view text);
  // At most so many bytes, cut between characters.
  std::string For(const Json& content, std::size_t bytes_max) const;

 private:
  std::vector<std::variant<std::string, jq::Program>> parts_;
};

// One line without control characters: fit for a header.
std::string OneLine(std::string_view text, std::size_t bytes_max);

struct Words {
  std::string subject;  // one line, kSubjectBytesMax
  std::string body;     // Markdown, kBodyBytesMax; ends with the link
};
// `subject` and `body`: null for the usual ones.
Words WordsFor(const Json& content, const Wording* subject, const Wording* body);

}  // namespace elevaite::notifications
