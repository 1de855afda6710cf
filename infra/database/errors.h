// What the errors of statements say to the user, the same for every adapter. Private to infra/database.
#pragma once

#include "infra/database/database.h"

namespace elevaite::database {

const char* MessageOf(ErrorCode code);

// Of a statement that did not change as many rows as it must.
Error UnexpectedRows(const Batch::Statement& statement, std::int64_t changed);

// Of what was submitted to a stream after a failure.
Error PreviousWriteFailed();

}  // namespace elevaite::database
