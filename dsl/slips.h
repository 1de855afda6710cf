// What models and people write instead of the language: keys of the 0.8 specification, of other workflow
// languages, and confusions within this one. Recognised by name, so that the diagnostic can say what was
// meant.
#pragma once

#include <string_view>

namespace elevaite::dsl {

struct Slip {
  std::string_view where;  // the `what` of Reader::CheckKeys
  std::string_view wrong;
  std::string_view hint;
};

// A key that does not belong into `where`. nullptr: not known as a slip.
const Slip* FindKeySlip(std::string_view where, std::string_view key);

// A task whose kind is not one of the language: "parallel", "sleep", "if" ... The hint, or empty.
std::string_view TaskSlip(std::string_view kind);

// Keys that only the 0.8 specification has, at the document's root and in a state.
bool IsOldRootKey(std::string_view key);
bool IsOldTaskKey(std::string_view key);

// Argument names with the same meaning: "url" for "endpoint". Calls `wrong` -> candidates to try, in order.
std::string_view SynonymOfArgument(std::string_view wrong, std::size_t index);

}  // namespace elevaite::dsl
