// Headers: the header fields of one message.
//
// Names compare without case and are stored in lower case; order and repetition are kept. All text lives in
// one buffer that is kept by Clear(), so a connection reuses its memory from request to request. Views stay
// valid until the next change; do not pass a view of an object's own text to its Add or Set.
//
// Control characters in a value (a line break smuggled in by user input) are stored as spaces, so a field
// cannot split a message.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elevaite::net {

// ASCII only, as header names and schemes are.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);
// Does the comma-separated list `value` hold `token` (without case)?
bool ListHas(std::string_view value, std::string_view token);
std::string_view TrimSpace(std::string_view text);

class Headers {
 public:
  struct Field {
    std::string_view name;  // lower case
    std::string_view value;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields) {
    for (const Field& field : fields) Add(field.name, field.value);
  }

  void Add(std::string_view name, std::string_view value);
  void Set(std::string_view name, std::string_view value);  // replaces every field of that name
  void Remove(std::string_view name);
  void Clear() {
    text_.clear();
    entries_.clear();
  }

  std::optional<std::string_view> Find(std::string_view name) const;  // the first
  std::string_view Get(std::string_view name) const { return Find(name).value_or(std::string_view()); }
  bool Has(std::string_view name) const { return Find(name).has_value(); }

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Field At(std::size_t index) const;

 private:
  struct Entry {
    std::uint32_t name;
    std::uint32_t name_size;
    std::uint32_t value;
    std::uint32_t value_size;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace elevaite::net
