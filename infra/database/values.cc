#include "infra/database/values.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace elevaite::database {
namespace {

constexpr std::array<const char*, 5> kTypeNames{"null", "integer", "real", "text", "blob"};
const char* NameOf(Type type) { return kTypeNames.at(static_cast<std::size_t>(type)); }

}  // namespace

Row Rows::operator[](std::size_t row) const {
  if (row >= size()) throw std::out_of_range(fmt::format("row {} of {} of '{}'", row, size(), sql_name_));
  return Row(*this, row);
}

Type Row::TypeOf(std::size_t column) const {
  if (column >= rows_->columns()) {
    throw std::out_of_range(
        fmt::format("column {} of {} of '{}'", column, rows_->columns(), rows_->sql_name()));
  }
  return rows_->cells().type(row_ * rows_->columns() + column);
}

std::size_t Row::Cell(std::size_t column, Type wanted) const {
  const Type type = TypeOf(column);
  if (type != wanted) {
    throw std::logic_error(fmt::format("column {} of '{}' is {}, not {}", column, rows_->sql_name(),
                                       NameOf(type), NameOf(wanted)));
  }
  return row_ * rows_->columns() + column;
}

std::int64_t Row::Int(std::size_t column) const { return rows_->cells().integer(Cell(column, Type::kInt)); }

double Row::Real(std::size_t column) const {
  if (TypeOf(column) == Type::kInt) return static_cast<double>(Int(column));
  return rows_->cells().real(Cell(column, Type::kReal));
}

std::string_view Row::Text(std::size_t column) const {
  return rows_->cells().bytes(Cell(column, Type::kText));
}
std::string_view Row::Bytes(std::size_t column) const {
  return rows_->cells().bytes(Cell(column, Type::kBlob));
}

Uuid Row::UuidAt(std::size_t column) const {
  const auto uuid = Uuid::FromBytes(Bytes(column));
  if (!uuid)
    throw std::logic_error(fmt::format("column {} of '{}' is not a UUID", column, rows_->sql_name()));
  return *uuid;
}

std::optional<std::int64_t> Row::OptionalInt(std::size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<std::string_view> Row::OptionalText(std::size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

std::optional<Timestamp> Row::OptionalTime(std::size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

}  // namespace elevaite::database
