// Parameters in the binary form that a prepared statement wants. Private to infra/database/postgres.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "infra/database/values.h"

namespace elevaite::database::postgres {

// Keeps its memory from one statement to the next.
class Encoder {
 public:
  // `types` as the server inferred them. kInternal when their number differs or a value has another type than
  // is wanted; kInvalidArgument when a number does not fit. The result points into `params` and this object.
  Result<void> Encode(const std::vector<Oid>& types, const char* sql_name, const Cells& params,
                      std::size_t first, std::size_t count);

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  Result<void> EncodeNumber(Oid type, const char* sql_name, std::size_t index, const Cells& params,
                            std::size_t cell);

  std::string bytes_;  // of numbers
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace elevaite::database::postgres
