// The functions in C++, by subject. Each list is joined to one table by builtins.cc.
#pragma once

#include <span>

#include "dsl/jq/code.h"
#include "dsl/jq/context.h"
#include "dsl/jq/values.h"

namespace elevaite::jq {

std::span<const Native> CollectionNatives();
std::span<const Native> SortingNatives();
std::span<const Native> StringNatives();
std::span<const Native> FormatNatives();  // @text ...; named without the @
std::span<const Native> MathNatives();
std::span<const Native> DateNatives();
std::span<const Native> RegexNatives();

bool ToStringValue(Context& context, const Json& value, Json& out);  // tostring

}  // namespace elevaite::jq
