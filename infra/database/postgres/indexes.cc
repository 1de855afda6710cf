#include "infra/database/postgres/indexes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "infra/database/postgres/index_catalog.h"
#include "infra/database/postgres/index_maker.h"

namespace elevaite::database::postgres {
namespace {

constexpr std::chrono::seconds kPieceTime{10};    // of one index
constexpr std::chrono::seconds kCancelGrace{10};  // the server ends what takes too long; only then we do
constexpr int kSampleRows = 500;
constexpr int kSampleBlocks = 100;

constexpr Sql kTryLock{
    "indexes.lock",
    "SELECT pg_try_advisory_lock(hashtextextended('elevaite mends ' || CAST(?1 AS TEXT), 0))"};
constexpr Sql kAmcheck{"indexes.amcheck",
                       "SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE"
                       " p.proname = 'bt_index_check' AND p.pronargs = 2 AND has_function_privilege(p.oid,"
                       " 'EXECUTE')"};
constexpr Sql kColumns{
    "indexes.columns",
    "SELECT pg_get_indexdef(i.indexrelid, n.number, true), pg_get_expr(i.indpred, i.indrelid),"
    " CAST(pg_relation_size(i.indrelid) AS BIGINT)"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, generate_series(1,"
    " i.indnkeyatts) AS n (number) WHERE c.relname = CAST(?1 AS TEXT) AND c.relnamespace ="
    " to_regnamespace(CAST(?2 AS TEXT)) ORDER BY n.number"};

// Ends what the server does for the connection when the check is no longer wanted.
class Cancelling {
 public:
  Cancelling(const std::stop_token& stop, const Connection& connection)
      : cancel_(connection.Cancellation()), stopped_(stop, [this] {
          char error[256];
          PQcancel(cancel_.get(), error, sizeof error);
        }) {}

 private:
  CancelHandle cancel_;
  std::stop_callback<std::function<void()>> stopped_;
};

class Check {
 public:
  Check(Connection& connection, const std::string& schema, const IndexCheck& check)
      : connection_(connection), schema_(schema), check_(check), maker_(connection, schema) {}

  Result<IndexReport> Run() {
    const Cancelling cancelling(check_.stop, connection_);
    auto done = Steps();
    if (check_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the examination was cancelled");
    if (!done) return Fail(std::move(done).error());
    return std::move(report_);
  }

 private:
  Result<void> Steps() {
    if (check_.mend) RETURN_IF_ERROR(Lock());
    RETURN_IF_ERROR(Missing());
    RETURN_IF_ERROR(Invalid());
    return Contents();
  }

  Result<Rows> Fetch(const Sql& sql, const Params& params = {}) {
    if (check_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the examination was cancelled");
    return connection_.Fetch(sql, params, QueryOptions{},
                             std::chrono::steady_clock::now() + kPieceTime + kCancelGrace);
  }

  // Two at the same time would make the same indexes.
  Result<void> Lock() {
    ASSIGN_OR_RETURN(const Rows rows, Fetch(kTryLock, Params::Of(schema_)));
    if (rows[0].Bool(0)) return {};
    return Fail(ErrorCode::kConflict, "another process mends the indexes of this database",
                "wait until it has ended");
  }

  void Looked() const {
    if (check_.looked) check_.looked(report_);
  }

  void Add(IndexFinding finding, const std::function<Result<void>()>& mend) {
    if (check_.mend && !check_.stop.stop_requested()) {
      const auto done = mend();
      if (done) {
        finding.mended = "it was made anew";
      } else {
        finding.advice =
            fmt::format("it could not be made anew: {}; try again",
                        done.error().detail.empty() ? done.error().message : done.error().detail);
      }
    }
    report_.findings.push_back(std::move(finding));
    Looked();
  }

  // ---- Which there are

  Result<void> Missing() {
    const auto made = CatalogMadeBy(connection_, schema_, check_.migrations);
    if (!made && made.error().code == ErrorCode::kUnavailable && !connection_.lost()) {
      report_.unseen.push_back(fmt::format("whether indexes of {} are missing: {}; {}", schema_,
                                           made.error().message, made.error().hint));
      return {};
    }
    if (!made) return Fail(made.error());
    ASSIGN_OR_RETURN(const Catalog there, ReadCatalog(connection_, schema_));
    for (const auto& [name, table] : there) {
      const CatalogTable* expected = Expected(*made, name, table);
      if (expected == nullptr) continue;
      for (const CatalogIndex& index : expected->indexes) MissingOf(name, table, index);
    }
    return {};
  }

  // Part of an index of the partitioned table: made with that, and not to be dropped alone.
  void MissingOf(const std::string& name, const CatalogTable& table, const CatalogIndex& index) {
    if (!index.parent.empty() || table.Find(index.what) != nullptr) return;
    const std::string index_name = NameFor(index, name);
    Add({index_name, fmt::format("the index {} of the table {} is missing: {}", index_name, name, index.what),
         "elevaite doctor --fix makes it while the server works"},
        [&] { return maker_.Make(name, index_name, index.what); });
  }

  Result<void> Invalid() {
    ASSIGN_OR_RETURN(const Catalog there, ReadCatalog(connection_, schema_));
    for (const auto& [name, table] : there) {
      for (const CatalogIndex& index : table.indexes) {
        if (index.is_valid || index.is_being_made) continue;
        Add({index.name, fmt::format("the index {} of the table {} is not valid", index.name, name),
             "elevaite doctor --fix makes it anew while the server works"},
            [&] { return maker_.Remake(name, index); });
      }
    }
    return {};
  }

  // ---- What is in them

  Result<void> Contents() {
    ASSIGN_OR_RETURN(const Rows amcheck, Fetch(kAmcheck));
    const std::string checker = amcheck.empty() ? "" : std::string(amcheck[0].Text(0));
    for (const char* setting :
         {"enable_seqscan", "enable_sort", "enable_incremental_sort", "enable_bitmapscan"})
      RETURN_IF_ERROR(Set(setting, "off"));
    RETURN_IF_ERROR(connection_.SetStatementTimeout(kPieceTime));
    ASSIGN_OR_RETURN(const Catalog there, ReadCatalog(connection_, schema_));
    for (const auto& [name, table] : there) {
      for (const CatalogIndex& index : table.indexes) {
        if (index.is_partitioned || !index.is_valid || !index.is_btree) continue;
        RETURN_IF_ERROR(ContentsOf(name, index, checker));
      }
    }
    return {};
  }

  Result<void> Set(const char* setting, const char* value) {
    const std::string text = fmt::format("SET {} TO {}", setting, value);
    return connection_.Control({"indexes.set", text.c_str()});
  }

  Result<void> ContentsOf(const std::string& table, const CatalogIndex& index, const std::string& checker) {
    Result<std::string> problem = elevaite::Fail(ErrorCode::kTimeout, "");
    if (!checker.empty()) problem = Checked(index, checker);
    if (!problem && problem.error().code == ErrorCode::kTimeout) problem = Sampled(table, index);
    if (!problem && check_.stop.stop_requested()) return Fail(problem.error());
    if (!problem && connection_.lost()) return Fail(problem.error());
    if (!problem) {  // or its table has been dropped meanwhile
      report_.unseen.push_back(
          fmt::format("what is in the index {}: {}", index.name, problem.error().message));
      return {};
    }
    ++report_.indexes;
    Looked();
    if (problem->empty()) return {};
    Add({index.name, fmt::format("the index {} does not match its table {}: {}", index.name, table, *problem),
         "elevaite doctor --fix makes it anew while the server works"},
        [&]() -> Result<void> {
          RETURN_IF_ERROR(connection_.SetStatementTimeout(std::chrono::milliseconds(0)));
          const auto done = maker_.Remake(table, index);
          RETURN_IF_ERROR(connection_.SetStatementTimeout(kPieceTime));
          return done;
        });
    return {};
  }

  // Every page, and every row of the table; writers go on. What it says; empty: nothing is wrong.
  Result<std::string> Checked(const CatalogIndex& index, const std::string& checker) {
    const std::string text = fmt::format(
        "SELECT 1 FROM pg_class c CROSS JOIN LATERAL {}.bt_index_check(CAST(c.oid AS regclass), true)"
        " WHERE c.relname = CAST(?1 AS TEXT) AND c.relnamespace = to_regnamespace(CAST(?2 AS TEXT))",
        Quoted(checker));
    const auto rows = Fetch({"indexes.check", text.c_str()}, Params::Of(index.name, schema_));
    if (rows) return std::string();
    if (rows.error().code == ErrorCode::kDataLoss) return rows.error().detail;
    return elevaite::Fail(rows.error());
  }

  // Some rows of the table, each looked for through the index. Asked for in its order, and without sorting,
  // the server can take no other.
  Result<std::string> Sampled(const std::string& table, const CatalogIndex& index) {
    ASSIGN_OR_RETURN(const Rows columns, Fetch(kColumns, Params::Of(index.name, schema_)));
    if (columns.empty()) return std::string();
    std::vector<std::string> names;
    std::vector<std::string> picked;
    std::vector<std::string> wanted;
    std::string present;
    for (const auto& row : columns) {
      const std::string name(row.Text(0));
      picked.push_back(fmt::format("{} AS k{}", name, names.size()));
      wanted.push_back(fmt::format("s.k{}", names.size()));
      names.push_back(name);
      present += fmt::format(" AND {} IS NOT NULL", name);
    }
    const std::string condition(columns[0].OptionalText(1).value_or("true"));
    const double blocks = static_cast<double>(columns[0].Int(2)) / 8192;
    const double percent = blocks <= kSampleBlocks ? 100 : 100 * kSampleBlocks / blocks;
    const std::string key = fmt::format("{}", fmt::join(names, ", "));
    const std::string text = fmt::format(
        "WITH s AS MATERIALIZED (SELECT ctid AS place, {0} FROM ONLY {1} TABLESAMPLE SYSTEM ({2}) WHERE "
        "{3}{4}"
        " LIMIT {5}) SELECT count(*) FROM s WHERE NOT EXISTS (SELECT 1 FROM (SELECT ctid AS place FROM ONLY "
        "{1}"
        " WHERE {3} AND ROW({6}) >= ROW({7}) AND ROW({6}) <= ROW({7}) ORDER BY {6} OFFSET 0) f WHERE f.place "
        "="
        " s.place)",
        fmt::join(picked, ", "), Quoted(table), percent, condition, present, kSampleRows, key,
        fmt::join(wanted, ", "));
    ASSIGN_OR_RETURN(const Rows lacking, Fetch({"indexes.sample", text.c_str()}));
    if (lacking[0].Int(0) == 0) return std::string();
    return fmt::format("{} rows of those looked for are not found through it", lacking[0].Int(0));
  }

  Connection& connection_;
  const std::string& schema_;
  const IndexCheck& check_;
  IndexMaker maker_;
  IndexReport report_;
};

}  // namespace

Result<IndexReport> CheckIndexes(Connection& connection, const std::string& schema, const IndexCheck& check) {
  return Check(connection, schema, check).Run();
}

}  // namespace elevaite::database::postgres
