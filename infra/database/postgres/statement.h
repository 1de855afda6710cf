// Statements as PostgreSQL wants them. Private to infra/database/postgres.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace elevaite::database::postgres {

struct Translated {
  std::string text;
  std::size_t params = 0;  // the highest number of a parameter
};

// `?1` becomes `$1`; what stands in texts, quoted names and comments stays.
Translated Translate(std::string_view sql);

// `INSERT INTO t (...) VALUES (?1, ..., ?n)`, also with `ON CONFLICT DO NOTHING`, as a statement that inserts
// many rows at once, with an array for each parameter; empty when it is none of these.
std::string TranslateForMany(std::string_view sql);

// Begins, ends or divides a transaction; the writer alone does that.
bool ControlsTransaction(std::string_view sql);

}  // namespace elevaite::database::postgres
