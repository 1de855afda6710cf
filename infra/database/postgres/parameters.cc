#include "infra/database/postgres/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "infra/database/errors.h"
#include "infra/database/postgres/types.h"

namespace elevaite::database::postgres {
namespace {

std::unexpected<Error> WrongType(const char* sql_name, std::size_t index, Oid type) {
  return Fail(
      ErrorCode::kInternal, "a statement failed", {},
      fmt::format("{}: parameter {} is not of the type {} that is wanted", sql_name, index + 1, type));
}

// Appends the number as the type has it.
Result<void> AppendNumber(std::string& bytes, Oid type, const char* sql_name, std::size_t index,
                          const Cells& params, std::size_t cell) {
  if (params.type(cell) == Type::kReal) {
    if (type != kFloat8) return WrongType(sql_name, index, type);
    AppendBigEndian(bytes, std::bit_cast<std::uint64_t>(params.real(cell)));
    return {};
  }
  const std::int64_t value = params.integer(cell);
  if (type == kInt8) {
    AppendBigEndian(bytes, static_cast<std::uint64_t>(value));
  } else if (type == kFloat8) {
    AppendBigEndian(bytes, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
  } else if (type != kInt4) {
    return WrongType(sql_name, index, type);
  } else if (std::in_range<std::int32_t>(value)) {
    AppendBigEndian(bytes, static_cast<std::uint32_t>(value));
  } else {
    return Fail(ErrorCode::kInvalidArgument, MessageOf(ErrorCode::kInvalidArgument), {},
                fmt::format("{}: parameter {} is larger than 32 bits", sql_name, index + 1));
  }
  return {};
}

bool Takes(Oid type, Type value) {
  return value == Type::kText ? type == kText || type == kVarchar || type == kName : type == kBytea;
}

}  // namespace

void Encoder::Clear(std::size_t count) {
  bytes_.clear();
  bytes_.reserve(count * 8);  // so that it never moves
  values_.assign(count, nullptr);
  lengths_.assign(count, 0);
  formats_.assign(count, 1);
}

Result<void> Encoder::Encode(const std::vector<Oid>& types, const char* sql_name, const Cells& params,
                             std::size_t first, std::size_t count) {
  if (types.size() != count) {
    return Fail(ErrorCode::kInternal, "a statement failed", {},
                fmt::format("{}: {} parameters wanted, {} given", sql_name, types.size(), count));
  }
  Clear(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t cell = first + i;
    std::string_view bytes;
    switch (params.type(cell)) {
      case Type::kNull: continue;
      case Type::kInt:
      case Type::kReal: {
        const std::size_t begin = bytes_.size();
        RETURN_IF_ERROR(AppendNumber(bytes_, types[i], sql_name, i, params, cell));
        bytes = std::string_view(bytes_).substr(begin);
        break;
      }
      case Type::kText:
      case Type::kBlob:
        if (!Takes(types[i], params.type(cell))) return WrongType(sql_name, i, types[i]);
        bytes = params.bytes(cell);
        break;
    }
    values_[i] = bytes.data() == nullptr ? "" : bytes.data();
    lengths_[i] = static_cast<int>(bytes.size());
  }
  return {};
}

// An array: dimensions, whether there are nulls, type of the elements; for its one dimension size and first
// index; then each element with its length, -1 for null.
Result<void> Encoder::EncodeMany(const std::vector<Oid>& types, const char* sql_name, const Cells& params,
                                 std::size_t first, std::size_t rows) {
  Clear(types.size());
  arrays_.resize(std::max(arrays_.size(), types.size()));
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::string& array = arrays_[i];
    array.clear();
    for (const std::uint32_t part : {std::uint32_t{1}, std::uint32_t{1}, std::uint32_t{types[i]},
                                     static_cast<std::uint32_t>(rows), std::uint32_t{1}})
      AppendBigEndian(array, part);
    for (std::size_t cell = first + i; cell < first + rows * types.size(); cell += types.size()) {
      const std::size_t length_at = array.size();
      AppendBigEndian(array, ~std::uint32_t{0});
      if (params.type(cell) == Type::kNull) continue;
      if (params.type(cell) == Type::kInt || params.type(cell) == Type::kReal) {
        RETURN_IF_ERROR(AppendNumber(array, types[i], sql_name, i, params, cell));
      } else if (Takes(types[i], params.type(cell))) {
        array.append(params.bytes(cell));
      } else {
        return WrongType(sql_name, i, types[i]);
      }
      std::string length;
      AppendBigEndian(length, static_cast<std::uint32_t>(array.size() - length_at - 4));
      array.replace(length_at, 4, length);
    }
    values_[i] = array.data();
    lengths_[i] = static_cast<int>(array.size());
  }
  return {};
}

}  // namespace elevaite::database::postgres
