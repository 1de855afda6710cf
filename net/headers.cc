#include "net/headers.h"

#include <algorithm>

namespace elevaite::net {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view TrimSpace(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool ListHas(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    if (EqualsIgnoringCase(TrimSpace(value.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
  return false;
}

void Headers::Add(std::string_view name, std::string_view value) {
  Entry entry{.name = static_cast<std::uint32_t>(text_.size()),
              .name_size = static_cast<std::uint32_t>(name.size()),
              .value = static_cast<std::uint32_t>(text_.size() + name.size()),
              .value_size = static_cast<std::uint32_t>(value.size())};
  for (const char c : name) text_.push_back(Lower(c));
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    text_.push_back((byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c);
  }
  entries_.push_back(entry);
}

void Headers::Set(std::string_view name, std::string_view value) {
  Remove(name);
  Add(name, value);
}

void Headers::Remove(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) {
    return EqualsIgnoringCase(std::string_view(text_).substr(entry.name, entry.name_size), name);
  });
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name_size != name.size()) continue;
    const Field field = At(i);
    if (EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

Headers::Field Headers::At(std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::string_view text = text_;
  return {text.substr(entry.name, entry.name_size), text.substr(entry.value, entry.value_size)};
}

}  // namespace elevaite::net
