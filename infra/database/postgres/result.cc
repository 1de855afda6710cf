#include "infra/database/postgres/result.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>

#include "infra/database/errors.h"
#include "infra/database/postgres/types.h"

namespace elevaite::database::postgres {
namespace {

ErrorCode CodeOf(std::string_view state) {
  const std::string_view family = state.substr(0, 2);
  if (state == "23502" || state == "23514" || family == "22") return ErrorCode::kInvalidArgument;
  if (family == "23") return ErrorCode::kConflict;
  if (state == "53300") return ErrorCode::kUnavailable;  // too many connections
  if (family == "53") return ErrorCode::kResourceExhausted;
  if (family == "54") return ErrorCode::kPayloadTooLarge;
  if (state == "57014") return ErrorCode::kTimeout;
  if (state == "XX001" || state == "XX002") return ErrorCode::kDataLoss;
  for (const std::string_view busy : {"25", "28", "40", "55", "57", "58"}) {
    if (family == busy) return ErrorCode::kUnavailable;
  }
  if (family == "08" && state != "08P01") return ErrorCode::kUnavailable;
  return ErrorCode::kInternal;
}

// One value in the binary format.
bool AddCell(Cells& cells, Oid type, std::string_view bytes) {
  switch (type) {
    case kInt8: cells.AddInt(std::bit_cast<std::int64_t>(ReadBigEndian<std::uint64_t>(bytes))); return true;
    case kInt4: cells.AddInt(std::bit_cast<std::int32_t>(ReadBigEndian<std::uint32_t>(bytes))); return true;
    case kInt2: cells.AddInt(std::bit_cast<std::int16_t>(ReadBigEndian<std::uint16_t>(bytes))); return true;
    case kBool: cells.AddInt(bytes == std::string_view("\1", 1) ? 1 : 0); return true;
    case kFloat8: cells.AddReal(std::bit_cast<double>(ReadBigEndian<std::uint64_t>(bytes))); return true;
    case kFloat4: cells.AddReal(std::bit_cast<float>(ReadBigEndian<std::uint32_t>(bytes))); return true;
    case kBytea: cells.AddBlob(bytes); return true;
    case kText:
    case kVarchar:
    case kName: cells.AddText(bytes); return true;
    default: return false;
  }
}

}  // namespace

std::string_view SqlState(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "08006" : state;  // libpq's own errors have none: the connection broke
}

Blame BlameFor(std::string_view state) {
  const std::string_view family = state.substr(0, 2);
  if (family == "40") return Blame::kRetry;
  if ((family == "08" && state != "08P01") || state == "57P01" || state == "57P02" || state == "57P03")
    return Blame::kConnection;
  for (const std::string_view server : {"25", "53", "58", "F0", "XX"}) {
    if (family == server) return Blame::kServer;
  }
  return Blame::kStatement;
}

Error ErrorOf(const PGresult* result, const char* sql_name) {
  const std::string_view state = SqlState(result);
  const ErrorCode code = CodeOf(state);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return Error{
      .code = code,
      .message = code == ErrorCode::kDataLoss ? "the database is damaged" : MessageOf(code),
      .detail = fmt::format("{}: {} ({})", sql_name, primary == nullptr ? "no answer" : primary, state)};
}

std::int64_t RowsChanged(PGresult* result) {
  const std::string_view tag = PQcmdStatus(result);
  const std::string_view digits = PQcmdTuples(result);
  std::int64_t rows = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rows);
  return rows;
}

Result<void> AddRows(Rows& rows, const PGresult* result, const char* sql_name) {
  const int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        rows.cells().AddNull();
        continue;
      }
      const std::string_view bytes(PQgetvalue(result, row, column),
                                   static_cast<std::size_t>(PQgetlength(result, row, column)));
      const Oid type = PQftype(result, column);
      if (!AddCell(rows.cells(), type, bytes)) {
        return Fail(ErrorCode::kInternal, "a statement failed", {},
                    fmt::format("{}: column {} has type {}, which the port has not", sql_name, column, type));
      }
    }
  }
  return {};
}

}  // namespace elevaite::database::postgres
