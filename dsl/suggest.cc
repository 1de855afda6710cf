#include "dsl/suggest.h"

#include <algorithm>

#include "foundation/text.h"

namespace elevaite::dsl {
namespace {

constexpr std::size_t kLengthMax = 64;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

template <class Names>
std::optional<std::string_view> NearestOf(std::string_view name, const Names& candidates) {
  if (name.empty() || name.size() > kLengthMax) return std::nullopt;
  std::vector<std::string> lowered;
  for (std::string_view candidate : candidates) lowered.push_back(Lower(candidate.substr(0, kLengthMax + 1)));
  const std::vector<std::string_view> views(lowered.begin(), lowered.end());
  const auto found = ClosestMatch(Lower(name), views);
  if (!found) return std::nullopt;
  const auto at =
      std::ranges::find_if(views, [&](std::string_view view) { return view.data() == found->data(); });
  return std::string_view(candidates[static_cast<std::size_t>(at - views.begin())]);
}

}  // namespace

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
