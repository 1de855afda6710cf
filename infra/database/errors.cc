#include "infra/database/errors.h"

#include <fmt/format.h>

namespace elevaite::database {

const char* MessageOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConflict: return "the change conflicts with what is stored";
    case ErrorCode::kInvalidArgument: return "a value is outside of what may be stored";
    case ErrorCode::kResourceExhausted: return "the disk or the memory of the database is full";
    case ErrorCode::kUnavailable: return "the database cannot be written or read at the moment";
    case ErrorCode::kTimeout: return "the query took too long";
    case ErrorCode::kPayloadTooLarge: return "a value is too large to be stored";
    case ErrorCode::kDataLoss: return "the database file is damaged or not a database";
    default: return "a statement failed";
  }
}

Error UnexpectedRows(const Batch::Statement& statement, std::int64_t changed) {
  return Error{.code = ErrorCode::kConflict,
               .message = MessageOf(ErrorCode::kConflict),
               .detail = fmt::format("{}: {} rows changed, {} expected", statement.sql.name, changed,
                                     statement.expected_rows)};
}

Error PreviousWriteFailed() {
  return Error{.code = ErrorCode::kUnavailable, .message = "a previous write failed"};
}

}  // namespace elevaite::database
