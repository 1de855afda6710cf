// The Session of Transact: each statement in a savepoint of its own, so that one which fails can be answered
// to. Private to infra/database/postgres.
#pragma once

#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

class WriterSession final : public Session {
 public:
  explicit WriterSession(Connection& connection) : connection_(connection) {}

  Result<std::int64_t> Run(const Sql& sql, const Params& params) override;
  Result<Rows> Fetch(const Sql& sql, const Params& params, const QueryOptions& options) override;
  Result<void> RunScript(const char* name, std::string_view script) override;
  std::int64_t rows_changed() const { return rows_changed_; }

 private:
  template <class T, class Statement>
  Result<T> Guarded(const Statement& statement);

  Connection& connection_;
  std::int64_t rows_changed_ = 0;
};

}  // namespace elevaite::database::postgres
