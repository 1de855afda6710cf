#include "infra/database/postgres/statement.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace elevaite::database::postgres {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Behind a text, a quoted name or a comment that begins at `at`; `at` itself when none does.
std::size_t SkipOpaque(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') return behind(sql.substr(at, 1), at + 1);
  if (sql.substr(at, 2) == "--") return behind("\n", at + 2);
  if (sql.substr(at, 2) == "/*") return behind("*/", at + 2);
  return at;
}

std::string FirstWord(std::string_view sql) {
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t next = SkipOpaque(sql, at);
    if (next != at) {
      at = next;
    } else if (std::isspace(static_cast<unsigned char>(sql[at])) != 0) {
      ++at;
    } else {
      break;
    }
  }
  std::string word;
  for (; at < sql.size() && std::isalpha(static_cast<unsigned char>(sql[at])) != 0; ++at)
    word.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(sql[at]))));
  return word;
}

}  // namespace

Translated Translate(std::string_view sql) {
  Translated result;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t next = SkipOpaque(sql, at); next != at) {
      result.text.append(sql.substr(at, next - at));
      at = next;
      continue;
    }
    if (sql[at] != '?' || at + 1 >= sql.size() || !IsDigit(sql[at + 1])) {
      result.text.push_back(sql[at++]);
      continue;
    }
    result.text.push_back('$');
    std::size_t number = 0;
    for (++at; at < sql.size() && IsDigit(sql[at]) && number < 65'536; ++at) {
      number = number * 10 + static_cast<std::size_t>(sql[at] - '0');
      result.text.push_back(sql[at]);
    }
    result.params = std::max(result.params, number);
  }
  return result;
}

std::string TranslateForMany(std::string_view sql) {
  const std::size_t params = Translate(sql).params;
  std::string values = " VALUES (";
  std::string arrays = " SELECT * FROM unnest(";
  for (std::size_t i = 1; i <= params; ++i) {
    const std::string number = std::to_string(i) + (i < params ? ", " : ")");
    values += "?" + number;
    arrays += "$" + number;
  }
  constexpr std::string_view kUnlessThere = " ON CONFLICT DO NOTHING";
  const bool unless_there = sql.ends_with(kUnlessThere);
  if (unless_there) sql.remove_suffix(kUnlessThere.size());
  if (params == 0 || !sql.starts_with("INSERT INTO ") || !sql.ends_with(values)) return {};
  const std::string_view before = sql.substr(0, sql.size() - values.size());
  if (before.find_first_of("?'\"") != std::string_view::npos) return {};
  return std::string(before) + arrays + std::string(unless_there ? kUnlessThere : "");
}

bool ControlsTransaction(std::string_view sql) {
  static constexpr std::array<std::string_view, 8> kWords{"BEGIN", "START",     "COMMIT",  "END",
                                                          "ABORT", "SAVEPOINT", "RELEASE", "ROLLBACK"};
  const std::string word = FirstWord(sql);
  return std::ranges::find(kWords, word) != kWords.end() || word == "PREPARE" || word == "DISCARD" ||
         word == "DEALLOCATE" || word == "SET" || word == "RESET";
}

}  // namespace elevaite::database::postgres
