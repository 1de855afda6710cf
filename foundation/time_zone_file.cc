// Layout of a file: a header and data for 32 bits, which is skipped; a header and data for 64 bits; a line
// with a rule in the form of the TZ variable of POSIX, for all times behind the last transition.
#include "foundation/time_zone_file.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace elevaite {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kOffsetMax = 26 * 3600;
constexpr int kRuleYears = 400;

std::unexpected<Error> Bad(std::string_view why) {
  return Fail(ErrorCode::kDataLoss, "the time zone's file cannot be read: " + std::string(why));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  // Big-endian, signed. Zero, and not good(), beyond the end.
  std::int64_t Integer(std::size_t size) {
    if (bytes_.size() < size) good_ = false;
    if (!good_) return 0;
    std::uint64_t value = (static_cast<unsigned char>(bytes_.front()) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes_[i]);
    bytes_.remove_prefix(size);
    return static_cast<std::int64_t>(value);
  }
  void Skip(std::size_t size) {
    if (bytes_.size() < size) good_ = false;
    if (good_) bytes_.remove_prefix(size);
  }
  std::string_view rest() const { return bytes_; }
  bool good() const { return good_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

struct Header {
  std::size_t utc_flags, standard_flags, leaps, times, types, letters;

  std::size_t DataBytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + letters + leaps * (time_bytes + 4) + standard_flags +
           utc_flags;
  }
};

std::optional<Header> ReadHeader(Reader& in, char& version) {
  if (!in.rest().starts_with("TZif") || in.rest().size() < 44) return std::nullopt;
  version = in.rest()[4];
  in.Skip(20);
  std::size_t counts[6];
  for (std::size_t& count : counts) {
    const std::int64_t value = in.Integer(4);
    if (value < 0 || value > 100'000) return std::nullopt;
    count = static_cast<std::size_t>(value);
  }
  return Header{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

// One end of daylight saving: Mm.w.d, Jn or n, and the time of that day.
struct RuleDate {
  char kind = 'M';
  int month = 1, week = 1, weekday = 0, day = 0;
  std::int64_t seconds = 2 * 3600;

  std::int64_t In(int year) const;  // wall seconds
};

std::int64_t RuleDate::In(int year) const {
  using namespace std::chrono;
  const std::chrono::year y(year);
  if (kind == 'M') {
    const year_month ym = y / std::chrono::month(static_cast<unsigned>(month));
    const std::chrono::weekday wd(static_cast<unsigned>(weekday));
    const sys_days at = week == 5 ? sys_days(ym / wd[last]) : sys_days(ym / wd[static_cast<unsigned>(week)]);
    return at.time_since_epoch().count() * kDay + seconds;
  }
  int days = day;                                              // n: from 0, with 29 February
  if (kind == 'J') days += y.is_leap() && day >= 60 ? 0 : -1;  // J: from 1, never 29 February
  return (sys_days(y / January / 1).time_since_epoch().count() + days) * kDay + seconds;
}

struct Rule {
  std::int64_t standard = 0;
  bool saves = false;
  std::int64_t saving = 0;
  RuleDate begin, end;
};

// "CET-1CEST,M3.5.0,M10.5.0/3"
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<Rule> Read() {
    Rule rule;
    if (!Name() || !Offset(rule.standard)) return std::nullopt;
    if (text_.empty()) return rule;
    rule.saves = true;
    rule.saving = rule.standard + 3600;
    if (!Name()) return std::nullopt;
    if (!text_.starts_with(',') && !Offset(rule.saving)) return std::nullopt;
    if (!Date(rule.begin) || !Date(rule.end) || !text_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Number(int& value, int max) {
    std::size_t digits = 0;
    value = 0;
    while (digits < std::min<std::size_t>(text_.size(), 4) && text_[digits] >= '0' && text_[digits] <= '9')
      value = value * 10 + (text_[digits++] - '0');
    text_.remove_prefix(digits);
    return digits > 0 && value <= max;
  }
  bool Name() {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t end = 0;
    if (text_.starts_with('<')) {
      end = text_.find('>');
      if (end == std::string_view::npos) return false;
      ++end;
    } else {
      while (end < text_.size() && letter(text_[end])) ++end;
    }
    text_.remove_prefix(end);
    return end >= 3;
  }
  bool Time(std::int64_t& seconds) {  // [+-]h[h][:mm[:ss]], up to 167 hours
    const bool negative = Take('-');
    if (!negative) Take('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!Number(hours, 167)) return false;
    if (Take(':') && !Number(minutes, 59)) return false;
    if (Take(':') && !Number(rest, 59)) return false;
    seconds = (negative ? -1 : 1) * (hours * 3600LL + minutes * 60 + rest);
    return true;
  }
  bool Offset(std::int64_t& east) {  // POSIX counts to the west
    if (!Time(east) || std::abs(east) > kOffsetMax) return false;
    east = -east;
    return true;
  }
  bool Date(RuleDate& date) {
    if (!Take(',')) return false;
    bool good = false;
    if (Take('M')) {
      good = Number(date.month, 12) && date.month > 0 && Take('.') && Number(date.week, 5) && date.week > 0 &&
             Take('.') && Number(date.weekday, 6);
    } else {
      date.kind = Take('J') ? 'J' : 'n';
      good = Number(date.day, 365) && (date.kind == 'n' || date.day > 0);
    }
    return good && (!Take('/') || Time(date.seconds));
  }

  std::string_view text_;
};

int YearOf(std::int64_t unix) {
  const std::int64_t days = (unix >= 0 ? unix : unix - kDay + 1) / kDay;
  return static_cast<int>(std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days))).year());
}

// Writes the rule out for 400 years behind the last transition; then everything repeats.
void AddRule(const Rule& rule, ZoneTable& table) {
  const std::int64_t from = table.transitions.empty() ? INT64_MIN : table.transitions.back().unix;
  if (!rule.saves) return;  // the last transition already says so
  const int first = table.transitions.empty() ? 1970 : YearOf(from);
  for (int year = first; year <= first + kRuleYears + 1; ++year) {
    ZoneTransition pair[] = {{rule.begin.In(year) - rule.standard, rule.saving},
                             {rule.end.In(year) - rule.saving, rule.standard}};
    if (pair[1].unix < pair[0].unix) std::swap(pair[0], pair[1]);
    for (const ZoneTransition& one : pair) {
      if (table.transitions.empty() || one.unix > table.transitions.back().unix)
        table.transitions.push_back(one);
    }
  }
  table.repeats = true;
}

Result<ZoneTable> ReadData(Reader& in, const Header& header) {
  ZoneTable table;
  for (std::size_t i = 0; i < header.times; ++i) table.transitions.push_back({in.Integer(8), 0});
  std::vector<std::size_t> kinds;
  for (std::size_t i = 0; i < header.times; ++i)
    kinds.push_back(static_cast<std::size_t>(in.Integer(1) & 0xFF));
  std::vector<std::int64_t> offsets;
  for (std::size_t i = 0; i < header.types; ++i) {
    offsets.push_back(in.Integer(4));
    in.Skip(2);
    if (std::abs(offsets.back()) > kOffsetMax) return Bad("an offset is out of range");
  }
  in.Skip(header.letters + header.leaps * 12 + header.standard_flags + header.utc_flags);
  if (!in.good() || offsets.empty()) return Bad("it is cut off");
  table.first_offset = offsets.front();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] >= offsets.size()) return Bad("a transition has no type");
    table.transitions[i].offset = offsets[kinds[i]];
    // Some files begin with the Big Bang; times that far would overflow.
    if (std::abs(table.transitions[i].unix / kDay) > 1'000'000'000)
      table.transitions[i].unix = -1'000'000'000 * kDay;
    if (i > 0 && table.transitions[i].unix <= table.transitions[i - 1].unix)
      return Bad("its transitions are not in order");
  }
  return table;
}

}  // namespace

Result<ZoneTable> ReadZoneFile(std::string_view bytes) {
  Reader in(bytes);
  char version = 0;
  const auto old_header = ReadHeader(in, version);
  if (!old_header) return Bad("it is no TZif file");
  if (version < '2') return Bad("it is of version 1");
  in.Skip(old_header->DataBytes(4));
  const auto header = ReadHeader(in, version);
  if (!header) return Bad("its second part is missing");
  if (header->leaps > 0) return Bad("it counts leap seconds");
  ASSIGN_OR_RETURN(ZoneTable table, ReadData(in, *header));
  std::string_view rule_text = in.rest();
  if (!rule_text.starts_with('\n')) return Bad("its rule is missing");
  rule_text.remove_prefix(1);
  const auto end = rule_text.find('\n');
  if (end == std::string_view::npos) return Bad("its rule is cut off");
  rule_text = rule_text.substr(0, end);
  if (rule_text.empty()) return table;
  const auto rule = RuleReader(rule_text).Read();
  if (!rule) return Bad("its rule has an unknown form");
  AddRule(*rule, table);
  return table;
}

}  // namespace elevaite
