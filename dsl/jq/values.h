// The operations on values: indexing, arithmetic, order, paths, text. They raise jq's errors and honour the
// budget.
//
// Numbers. Arithmetic is jq's: in doubles. Operands and results below 2^53 in magnitude are integers on both
// sides, so they are computed as integers, with the same result. Beyond that an operand is rounded to a
// double first, as jq does: 64-bit ids are exact as long as they are only passed on, compared or negated.
// Comparing: two numbers as written (exact integers and decimals) compare exactly; a computed double compares
// as double.
#pragma once

#include <string>

#include "dsl/jq/code.h"
#include "dsl/jq/context.h"
#include "foundation/json.h"

namespace elevaite::jq {

inline bool IsTrue(const Json& value) { return !(value.IsNull() || (value.IsBool() && !value.AsBool())); }

const char* TypeName(const Json& value);
// "array ([1,2])": the type and the start of the text, as jq's messages have it.
std::string Describe(const Json& value);

Json Number(double value);  // an integer where it is one

bool Index(Context& context, const Json& value, const Json& key, Json& out);
bool SliceOf(Context& context, const Json& value, const Json& from, const Json& to, Json& out);
bool SetIndex(Context& context, Json value, const Json& key, Json item, Json& out);

bool Arithmetic2(Context& context, Arithmetic op, Json& a, const Json& b,
                 Json& out);  // `a` may be moved from
bool Negate(Context& context, const Json& value, Json& out);

// -1, 0, 1 in `order`; false when the budget or jq's depth limit is passed. `equality` selects the message.
bool CompareValues(Context& context, const Json& a, const Json& b, int& order, bool equality = false);
bool CompareWith(Context& context, Comparison op, const Json& a, const Json& b, bool& out);
// Stable order of positions of `values` by jq's order.
bool SortPositions(Context& context, std::span<const Json> values, std::vector<std::uint32_t>& positions);

bool GetPath(Context& context, const Json& value, std::span<const Json> path, Json& out);
bool SetPath(Context& context, Json value, std::span<const Json> path, Json item, Json& out);
bool DeletePaths(Context& context, Json value, const Json& paths, Json& out);

// A member and its place in the index of a large object.
inline constexpr std::size_t kMemberBytes = sizeof(Json::Member) + 16;
// Before a change of a container: counts the copy that is made if others refer to it too.
bool CountCopy(Context& context, const Json& container);
bool MakeArray(Context& context, std::vector<Json> items, Json& out);
bool AppendItem(Context& context, Json& array, Json item);
bool PutMember(Context& context, Json& object, const Json& key, Json value);

// JSON text as jq writes it; numbers as jq prints them. False: over the budget.
bool ToText(Context& context, const Json& value, std::string& out);
void AppendNumber(std::string& out, const Json& number);
// Reads JSON with jq's additions (nan, Infinity) and messages.
bool FromText(Context& context, std::string_view text, Json& out);
// What tonumber takes.
bool NumberFromWord(std::string_view word, Json& out);

std::size_t CountCodePoints(std::string_view text);
// The byte offset of a code point's index.
std::size_t OffsetOf(std::string_view text, std::size_t code_point);

}  // namespace elevaite::jq
