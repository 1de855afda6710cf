// What the command line prints: colours only on a terminal, tables, humanised times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"

namespace elevaite::app {

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kBlue };
// The text with the style, when standard output is a terminal and NO_COLOR is not set.
std::string Styled(std::string_view text, Style style);

// "completed" with its sign and colour.
std::string StatusText(std::string_view status);

// "12 ms", "3.4 s", "2 m 5 s"; "" for null.
std::string DurationText(const Json& milliseconds);

// As a cell of a table: a text without its quotes, "" for null.
std::string CellText(const Json& value);

// Columns aligned; the first row is the head.
void PrintTable(const std::vector<std::vector<std::string>>& rows);

// A line on standard error: "error: ..." and the hint below it.
void PrintError(std::string_view message, std::string_view hint = {});

}  // namespace elevaite::app
