// StableMap: a map of few entries that are very many times in memory. An entry costs its own size and one
// pointer; std::map adds four. Sorted by key, entries do not move. Adding behind the last key is quick,
// adding and removing elsewhere moves pointers.
#pragma once

#include <algorithm>
#include <boost/iterator/indirect_iterator.hpp>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "foundation/result.h"

namespace elevaite {

// The interface of std::map as far as it goes. Iterators are good until an entry is added or removed.
template <class Key, class Value>
class StableMap {
 public:
  using value_type = std::pair<const Key, Value>;
  using iterator = boost::indirect_iterator<typename std::vector<std::unique_ptr<value_type>>::iterator>;
  using const_iterator =
      boost::indirect_iterator<typename std::vector<std::unique_ptr<value_type>>::const_iterator,
                               const value_type>;

  StableMap() = default;
  StableMap(StableMap&&) noexcept = default;
  StableMap& operator=(StableMap&&) noexcept = default;
  StableMap(const StableMap& other) {
    entries_.reserve(other.size());
    for (const value_type& entry : other) entries_.push_back(std::make_unique<value_type>(entry));
  }
  StableMap& operator=(const StableMap& other) { return *this = StableMap(other); }
  ~StableMap() = default;

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  iterator find(const Key& key) { return Found(*this, key); }
  const_iterator find(const Key& key) const { return Found(*this, key); }
  bool contains(const Key& key) const { return find(key) != end(); }
  Value& at(const Key& key) { return At(*this, key); }
  const Value& at(const Key& key) const { return At(*this, key); }

  // Nothing when the key is there already.
  std::pair<iterator, bool> emplace(const Key& key, Value value) {
    const auto place = Place(entries_, key);
    if (place != entries_.end() && (*place)->first == key) return {place, false};
    return {entries_.insert(place, std::make_unique<value_type>(key, std::move(value))), true};
  }
  void erase(iterator entry) {
    entries_.erase(entry.base());
    if (entries_.size() < entries_.capacity() / 4) entries_.shrink_to_fit();
  }
  void clear() { entries_ = decltype(entries_)(); }

 private:
  template <class Entries>
  static auto Place(Entries& entries, const Key& key) {
    if (!entries.empty() && entries.back()->first < key) return entries.end();
    return std::ranges::lower_bound(entries, key, {}, [](const auto& entry) { return entry->first; });
  }
  template <class Self>
  static auto Found(Self& self, const Key& key) -> decltype(self.begin()) {
    const auto place = Place(self.entries_, key);
    const bool is_there = place != self.entries_.end() && (*place)->first == key;
    return is_there ? place : self.entries_.end();
  }
  template <class Self>
  static auto& At(Self& self, const Key& key) {
    const auto found = Found(self, key);
    CHECK(found != self.end());
    return found->second;
  }

  std::vector<std::unique_ptr<value_type>> entries_;
};

}  // namespace elevaite
