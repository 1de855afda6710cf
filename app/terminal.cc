#include "app/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace elevaite::app {
namespace {

bool Colours(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string_view CodeOf(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "1";
    case Style::kDim: return "2";
    case Style::kRed: return "31";
    case Style::kGreen: return "32";
    case Style::kYellow: return "33";
    case Style::kBlue: return "34";
  }
  return "";
}

// Columns on the screen: escape sequences take none, a UTF-8 character takes one.
std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++width;
    }
  }
  return width;
}

}  // namespace

std::string Styled(std::string_view text, Style style) {
  static const bool colours = Colours(STDOUT_FILENO);
  if (!colours || style == Style::kPlain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", CodeOf(style), text);
}

std::string StatusText(std::string_view status) {
  if (status == "completed") return Styled("✓ completed", Style::kGreen);
  if (status == "faulted") return Styled("✗ faulted", Style::kRed);
  if (status == "cancelled") return Styled("⊘ cancelled", Style::kDim);
  if (status == "waiting") return Styled("◷ waiting", Style::kYellow);
  if (status == "running") return Styled("● running", Style::kBlue);
  if (status == "skipped") return Styled("» skipped", Style::kDim);
  return std::string(status);
}

std::string DurationText(const Json& milliseconds) {
  if (!milliseconds.IsNumber()) return "";
  const double ms = milliseconds.AsDouble();
  if (ms < 1) return "under 1 ms";
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1'000) return fmt::format("{:.0f} ms", ms);
  if (ms < 60'000) return fmt::format("{:.1f} s", ms / 1'000);
  const auto seconds = static_cast<std::int64_t>(ms / 1'000);
  if (seconds < 3'600) return fmt::format("{} m {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} m", seconds / 3'600, seconds / 60 % 60);
}

std::string CellText(const Json& value) {
  return value.IsString() ? std::string(value.AsString()) : value.IsNull() ? "" : value.Dump();
}

void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      line += r == 0 ? Styled(rows[r][i], Style::kDim) : rows[r][i];
      if (i + 1 < rows[r].size()) line.append(widths[i] - Width(rows[r][i]) + 2, ' ');
    }
    std::puts(line.c_str());
  }
}

void PrintError(std::string_view message, std::string_view hint) {
  static const bool colours = Colours(STDERR_FILENO);
  std::fputs(
      fmt::format("{}error:{} {}\n", colours ? "\x1b[31m" : "", colours ? "\x1b[0m" : "", message).c_str(),
      stderr);
  if (!hint.empty()) std::fputs(fmt::format("       {}\n", hint).c_str(), stderr);
}

}  // namespace elevaite::app
