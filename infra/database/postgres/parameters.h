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

  // The same for many rows, as an array for each parameter: rows begin in `params` at `first`, one behind the
  // other.
  Result<void> EncodeMany(const std::vector<Oid>& types, const char* sql_name, const Cells& params,
                          std::size_t first, std::size_t rows);

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Clear(std::size_t count);

  std::string bytes_;                // of numbers
  std::vector<std::string> arrays_;  // by parameter
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace elevaite::database::postgres
