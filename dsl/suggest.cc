#include "dsl/suggest.h"

#include <algorithm>
#include <array>

namespace elevaite::dsl {
namespace {

constexpr std::size_t kLengthMax = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <class Names>
std::optional<std::string_view> NearestOf(std::string_view name, const Names& candidates) {
  if (name.empty() || name.size() > kLengthMax) return std::nullopt;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::optional<std::string_view> best;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = EditDistance(name, candidate, best_distance - 1);
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
      if (distance == 0) break;
    }
    if (best_distance == 0) break;
  }
  return best;
}

}  // namespace

std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() > kLengthMax || b.size() - a.size() > limit) return limit + 1;
  std::array<std::size_t, kLengthMax + 1> before{};
  std::array<std::size_t, kLengthMax + 1> last{};
  std::array<std::size_t, kLengthMax + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t smallest = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
      smallest = std::min(smallest, row[j]);
    }
    if (smallest > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.size()];
}

std::optional<std::string_view> Nearest(std::string_view name, std::span<const std::string_view> candidates) {
  return NearestOf(name, candidates);
}

std::optional<std::string_view> Nearest(std::string_view name, const std::vector<std::string>& candidates) {
  return NearestOf(name, candidates);
}

std::string Excerpt(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::size_t cut = text.size();
  if (cut > kShown) {
    cut = kShown;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  }
  std::string out;
  for (char c : text.substr(0, cut)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (cut < text.size()) out += "...";
  return out;
}

std::string Quote(std::string_view name) { return "`" + Excerpt(name) + "`"; }

std::string ListOf(std::span<const std::string_view> names, std::string_view last) {
  constexpr std::size_t kShown = 16;
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == kShown) return text + ", ...";
    if (i > 0) {
      if (i + 1 == names.size()) {
        text += ' ';
        text += last;
        text += ' ';
      } else {
        text += ", ";
      }
    }
    text += Quote(names[i]);
  }
  return text;
}

}  // namespace elevaite::dsl
