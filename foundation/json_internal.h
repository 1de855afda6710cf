// Shared by json.cc, json_order.cc and json_text.cc.
#pragma once

#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite {

// Shortest digits that read back as the same double, laid out as jq does.
void AppendDouble(std::string& out, double value);

// The members of an object in the order of their keys.
std::vector<const Json::Member*> SortedMembers(const Json& object);

}  // namespace elevaite
