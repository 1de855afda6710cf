// What goes into statements and comes out of queries: null, int64, double, text, blob; packed, so that a
// batch of many small parameters costs two allocations.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foundation/clock.h"
#include "foundation/ids.h"
#include "foundation/result.h"

namespace elevaite::database {

// A named statement; both texts must be string literals (they are kept by pointer for the life of the
// process). The name labels metrics and errors ("executions.insert"). Parameters are `?1`, `?2`, ... and
// always bound.
struct Sql {
  const char* name;
  const char* text;
};

enum class Type : std::uint8_t { kNull, kInt, kReal, kText, kBlob };

// Marks bytes that are no text.
struct Blob {
  std::string_view bytes;
};

// A list of values that owns its bytes.
class Cells {
 public:
  void AddNull() { cells_.push_back(Cell{.type = Type::kNull, .size = 0, .integer = 0}); }
  void AddInt(std::int64_t value) { cells_.push_back(Cell{.type = Type::kInt, .size = 0, .integer = value}); }
  void AddReal(double value) { cells_.push_back(Cell{.type = Type::kReal, .size = 0, .real = value}); }
  void AddText(std::string_view text) { AddBytes(Type::kText, text); }
  void AddBlob(std::string_view bytes) { AddBytes(Type::kBlob, bytes); }

  std::size_t size() const { return cells_.size(); }
  std::size_t MemoryBytes() const { return bytes_.size() + cells_.size() * sizeof(Cell); }
  Type type(std::size_t i) const { return cells_[i].type; }
  std::int64_t integer(std::size_t i) const { return cells_[i].integer; }
  double real(std::size_t i) const { return cells_[i].real; }
  // Of text and blob; valid while this list lives and does not change.
  std::string_view bytes(std::size_t i) const {
    return std::string_view(bytes_).substr(static_cast<std::size_t>(cells_[i].integer), cells_[i].size);
  }

 private:
  struct Cell {
    Type type;
    std::uint32_t size;
    union {
      std::int64_t integer;  // also the offset into bytes_
      double real;
    };
  };
  void AddBytes(Type type, std::string_view bytes) {
    CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
    cells_.push_back(Cell{.type = type,
                          .size = static_cast<std::uint32_t>(bytes.size()),
                          .integer = static_cast<std::int64_t>(bytes_.size())});
    bytes_.append(bytes);
  }

  std::vector<Cell> cells_;
  std::string bytes_;
};

// The parameters of statements: `Params::Of(account, id, "text", 5, Blob{bytes}, nullptr, clock.Now())`.
class Params : public Cells {
 public:
  template <class... Args>
  static Params Of(const Args&... args) {
    Params params;
    (params.Add(args), ...);
    return params;
  }

  void Add(std::nullptr_t) { AddNull(); }
  void Add(bool value) { AddInt(value ? 1 : 0); }
  template <std::integral T>
  void Add(T value) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) CHECK(value <= static_cast<T>(INT64_MAX));
    AddInt(static_cast<std::int64_t>(value));
  }
  void Add(double value) { AddReal(value); }
  void Add(std::string_view text) { AddText(text); }
  void Add(const char* text) { AddText(text); }
  void Add(const std::string& text) { AddText(text); }
  void Add(Blob blob) { AddBlob(blob.bytes); }
  void Add(Timestamp time) { AddInt(time.micros()); }
  void Add(const Uuid& uuid) { AddBlob(uuid.AsBytes()); }
  template <class Tag>
  void Add(const Id<Tag>& id) {
    AddBlob(id.uuid().AsBytes());
  }
  void Add(const AccountId& account) { AddText(account.ToString()); }
  template <class T>
  void Add(const std::optional<T>& value) {
    if (value) {
      Add(*value);
    } else {
      AddNull();
    }
  }
};

class Rows;

// One row, by column from 0. Asking for a type that the column does not hold is a bug and throws
// std::logic_error.
class Row {
 public:
  bool IsNull(std::size_t column) const { return TypeOf(column) == Type::kNull; }
  Type TypeOf(std::size_t column) const;
  std::int64_t Int(std::size_t column) const;
  bool Bool(std::size_t column) const { return Int(column) != 0; }
  double Real(std::size_t column) const;             // also of an integer
  std::string_view Text(std::size_t column) const;   // valid as long as the Rows
  std::string_view Bytes(std::size_t column) const;  // of a blob; valid as long as the Rows
  Timestamp Time(std::size_t column) const { return Timestamp::FromMicros(Int(column)); }
  Uuid UuidAt(std::size_t column) const;
  template <class SomeId>
  SomeId IdAt(std::size_t column) const {
    return SomeId(UuidAt(column));
  }
  std::optional<std::int64_t> OptionalInt(std::size_t column) const;
  std::optional<std::string_view> OptionalText(std::size_t column) const;
  std::optional<Timestamp> OptionalTime(std::size_t column) const;

 private:
  friend class Rows;
  Row(const Rows& rows, std::size_t row) : rows_(&rows), row_(row) {}
  std::size_t Cell(std::size_t column, Type wanted) const;

  const Rows* rows_;
  std::size_t row_;
};

class Rows {
 public:
  Rows() = default;
  Rows(const char* sql_name, std::size_t columns) : sql_name_(sql_name), columns_(columns) {}

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return size() == 0; }
  std::size_t columns() const { return columns_; }
  Row operator[](std::size_t row) const;

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t row) : rows_(&rows), row_(row) {}
    Row operator*() const { return (*rows_)[row_]; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Rows* rows_;
    std::size_t row_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // For adapters: append the columns of a row, one after the other.
  Cells& cells() { return cells_; }
  const Cells& cells() const { return cells_; }
  const char* sql_name() const { return sql_name_; }

 private:
  const char* sql_name_ = "";
  std::size_t columns_ = 0;
  Cells cells_;
};

}  // namespace elevaite::database
