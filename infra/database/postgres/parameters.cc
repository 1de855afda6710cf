#include "infra/database/postgres/parameters.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "infra/database/errors.h"
#include "infra/database/postgres/types.h"

namespace elevaite::database::postgres {
namespace {

std::unexpected<Error> WrongType(const char* sql_name, std::size_t index, Oid type) {
  return Fail(
      ErrorCode::kInternal, "a statement failed", {},
      fmt::format("{}: parameter {} is not of the type {} that is wanted", sql_name, index + 1, type));
}

}  // namespace

Result<void> Encoder::Encode(const std::vector<Oid>& types, const char* sql_name, const Cells& params,
                             std::size_t first, std::size_t count) {
  if (types.size() != count) {
    return Fail(ErrorCode::kInternal, "a statement failed", {},
                fmt::format("{}: {} parameters wanted, {} given", sql_name, types.size(), count));
  }
  bytes_.clear();
  bytes_.reserve(count * 8);  // so that it never moves below
  values_.assign(count, nullptr);
  lengths_.assign(count, 0);
  formats_.assign(count, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t cell = first + i;
    const Oid type = types[i];
    switch (params.type(cell)) {
      case Type::kNull: continue;
      case Type::kInt:
      case Type::kReal: {
        RETURN_IF_ERROR(EncodeNumber(type, sql_name, i, params, cell));
        continue;
      }
      case Type::kText:
        if (type != kText && type != kVarchar && type != kName) return WrongType(sql_name, i, type);
        break;
      case Type::kBlob:
        if (type != kBytea) return WrongType(sql_name, i, type);
        break;
    }
    const std::string_view bytes = params.bytes(cell);
    values_[i] = bytes.data() == nullptr ? "" : bytes.data();
    lengths_[i] = static_cast<int>(bytes.size());
  }
  return {};
}

Result<void> Encoder::EncodeNumber(Oid type, const char* sql_name, std::size_t index, const Cells& params,
                                   std::size_t cell) {
  const std::size_t begin = bytes_.size();
  if (params.type(cell) == Type::kReal) {
    if (type != kFloat8) return WrongType(sql_name, index, type);
    AppendBigEndian(bytes_, std::bit_cast<std::uint64_t>(params.real(cell)));
  } else {
    const std::int64_t value = params.integer(cell);
    if (type == kInt8) {
      AppendBigEndian(bytes_, static_cast<std::uint64_t>(value));
    } else if (type == kFloat8) {
      AppendBigEndian(bytes_, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    } else if (type == kInt4) {
      if (value < std::numeric_limits<std::int32_t>::min() ||
          value > std::numeric_limits<std::int32_t>::max())
        return Fail(ErrorCode::kInvalidArgument, MessageOf(ErrorCode::kInvalidArgument), {},
                    fmt::format("{}: parameter {} is larger than 32 bits", sql_name, index + 1));
      AppendBigEndian(bytes_, static_cast<std::uint32_t>(value));
    } else {
      return WrongType(sql_name, index, type);
    }
  }
  values_[index] = bytes_.data() + begin;
  lengths_[index] = static_cast<int>(bytes_.size() - begin);
  return {};
}

}  // namespace elevaite::database::postgres
