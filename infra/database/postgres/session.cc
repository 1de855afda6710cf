#include "infra/database/postgres/session.h"

namespace elevaite::database::postgres {
namespace {

constexpr Sql kSavepoint{"savepoint", "SAVEPOINT statement"};
constexpr Sql kRelease{"release", "RELEASE statement"};
constexpr Sql kRollbackTo{"rollback_to", "ROLLBACK TO statement"};

}  // namespace

template <class T, class Statement>
Result<T> WriterSession::Guarded(const Statement& statement) {
  RETURN_IF_ERROR(connection_.Control(kSavepoint));
  Result<T> result = statement();
  if (connection_.lost()) return result;
  if (!result) RETURN_IF_ERROR(connection_.Control(kRollbackTo));
  RETURN_IF_ERROR(connection_.Control(kRelease));
  return result;
}

Result<std::int64_t> WriterSession::Run(const Sql& sql, const Params& params) {
  auto changed = Guarded<std::int64_t>([&] { return connection_.Run(sql, params, 0, params.size()); });
  if (changed) rows_changed_ += *changed;
  return changed;
}

Result<Rows> WriterSession::Fetch(const Sql& sql, const Params& params, const QueryOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  return Guarded<Rows>([&] { return connection_.Fetch(sql, params, options, deadline); });
}

Result<void> WriterSession::RunScript(const char* name, std::string_view script) {
  return Guarded<void>([&] { return connection_.RunScript(name, script); });
}

}  // namespace elevaite::database::postgres
