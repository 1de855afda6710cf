#include "infra/database/sqlite/indexes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace elevaite::database::sqlite {
namespace {

constexpr std::chrono::seconds kPieceTime{10};
constexpr int kPieceRows = 2'000;
constexpr std::size_t kTold = 3;  // of the differences of one index

std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// ---- What the migrations make

struct Closed {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};

// CREATE INDEX statements by name.
Result<std::map<std::string, std::string>> MadeBy(std::span<const Migration> migrations) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  const std::unique_ptr<sqlite3, Closed> db(opened);
  if (code != SQLITE_OK) return Fail(ErrorCode::kResourceExhausted, "out of memory");
  for (const Migration& migration : migrations) {
    if (sqlite3_exec(db.get(), migration.sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return Fail(ErrorCode::kInternal, "a migration cannot be applied to an empty database", {},
                  fmt::format("{}: {}", migration.name, sqlite3_errmsg(db.get())));
  }
  std::map<std::string, std::string> made;
  const auto add = [](void* to, int, char** values, char**) {
    static_cast<std::map<std::string, std::string>*>(to)->emplace(values[0], values[1]);
    return 0;
  };
  sqlite3_exec(db.get(), "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", add,
               &made, nullptr);
  return made;
}

// ---- The clock of one statement

// Interrupts what the connection does once its time is over, or when it is no longer wanted.
class Interruption {
 public:
  Interruption(sqlite3* db, std::chrono::milliseconds time, const std::stop_token& stop)
      : stopped_(stop, [db] { sqlite3_interrupt(db); }),
        thread_([this, db, time](const std::stop_token& ended) {
          std::unique_lock lock(mutex_);
          if (!wake_.wait_for(lock, ended, time, [&ended] { return ended.stop_requested(); }))
            sqlite3_interrupt(db);
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::stop_callback<std::function<void()>> stopped_;
  std::jthread thread_;
};

// ---- The check

struct Table {
  std::string name;
  bool has_rowid = true;
  std::vector<std::string> key;  // its columns; of one with row ids "rowid"
};

struct Index {
  std::string name;
  std::vector<std::string> columns;
  std::string condition;  // of a partial one
};

class Check {
 public:
  Check(Database& db, Connection& reading, const IndexCheck& check)
      : db_(db), reading_(reading), check_(check) {}

  Result<IndexReport> Run() {
    RETURN_IF_ERROR(Missing());
    ASSIGN_OR_RETURN(
        const Rows tables,
        Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
              " ESCAPE '\\' ORDER BY name"));
    for (const auto& row : tables) RETURN_IF_ERROR(Contents(std::string(row.Text(0))));
    return std::move(report_);
  }

 private:
  Result<Rows> Query(const std::string& text, const Params& params = {}) {
    if (check_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the examination was cancelled");
    return reading_.Fetch({"indexes.query", text.c_str()}, params, QueryOptions{},
                          std::chrono::steady_clock::now() + kPieceTime);
  }

  void Looked() const {
    if (check_.looked) check_.looked(report_);
  }

  // An empty answer: it was done.
  std::string Change(const std::string& script) {
    if (check_.stop.stop_requested()) return "the examination was cancelled";
    const auto done = db_.TransactAndWait(
        [&script](Session& session) { return session.RunScript("indexes.mend", script); });
    if (done) return "";
    return done.error().detail.empty() ? done.error().message : done.error().detail;
  }

  void Add(IndexFinding finding, const std::string& script) {
    if (check_.mend && !script.empty()) {
      const std::string failure = Change(script);
      if (failure.empty()) {
        finding.mended = "it was made anew";
      } else {
        finding.advice = "it could not be made anew: " + failure;
      }
    }
    report_.findings.push_back(std::move(finding));
    Looked();
  }

  // ---- Which there are

  Result<void> Missing() {
    ASSIGN_OR_RETURN(const auto made, MadeBy(check_.migrations));
    ASSIGN_OR_RETURN(const Rows rows, Query("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql"
                                            " IS NOT NULL"));
    std::map<std::string, std::string, std::less<>> there;
    for (const auto& row : rows) there.emplace(row.Text(0), row.Text(1));
    for (const auto& [name, sql] : made) {
      const auto found = there.find(name);
      if (found != there.end() && found->second == sql) continue;
      const bool is_missing = found == there.end();
      // When another process has dropped it, only a statement that runs tells the writer's connection so.
      Add({name,
           fmt::format("the index {} is {}", name,
                       is_missing ? "missing" : "another one than the migrations make"),
           is_missing ? "elevaite doctor --fix makes it" : "elevaite doctor --fix makes it anew"},
          fmt::format("DROP INDEX IF EXISTS {}; {}", Quoted(name), sql));
    }
    return {};
  }

  // ---- What is in them

  Result<void> Contents(const std::string& table) {
    Result<Rows> rows = Fail(ErrorCode::kTimeout, "");
    if (check_.whole_table.count() > 0) {
      const Interruption interruption(reading_.raw(), check_.whole_table, check_.stop);
      rows = Query("SELECT integrity_check FROM pragma_integrity_check(?1) WHERE integrity_check <> 'ok'",
                   Params::Of(table));
    }
    if (rows) {
      RETURN_IF_ERROR(CountIndexes(table));
      return Differences(table, *rows);
    }
    if (rows.error().code == ErrorCode::kDataLoss) return Unreadable(table, rows.error());
    if (rows.error().code != ErrorCode::kTimeout) return Fail(rows.error());
    return InPieces(table);
  }

  Result<void> Unreadable(const std::string& table, const Error& why) {
    Add({table, fmt::format("the table {} cannot be read: {}", table, why.detail),
         "restore the database from a backup"},
        "");
    return {};
  }

  Result<void> CountIndexes(const std::string& table) {
    ASSIGN_OR_RETURN(const Rows count,
                     Query("SELECT count(*) FROM pragma_index_list(?1)", Params::Of(table)));
    report_.indexes += static_cast<std::uint64_t>(count[0].Int(0));
    Looked();
    return {};
  }

  // What integrity_check says, by the index that it is about.
  Result<void> Differences(const std::string& table, const Rows& rows) {
    std::map<std::string, std::vector<std::string>> by_index;
    std::vector<std::string> of_table;
    for (const auto& row : rows) {
      const std::string text(row.Text(0));
      ASSIGN_OR_RETURN(const std::string index, IndexIn(text));
      (index.empty() ? of_table : by_index[index]).push_back(text);
    }
    if (!of_table.empty())
      Add({table, fmt::format("the table {} is damaged: {}", table, Some(of_table)),
           "restore the database from a backup"},
          "");
    for (const auto& [index, texts] : by_index) OutOfStep(index, Some(texts), of_table.empty());
    return {};
  }

  void OutOfStep(const std::string& index, const std::string& how, bool can_be_mended) {
    Add({index, fmt::format("the index {} does not match its table: {}", index, how),
         can_be_mended ? "elevaite doctor --fix makes it anew" : "restore the database from a backup"},
        can_be_mended ? "REINDEX " + Quoted(index) : "");
  }

  static std::string Some(const std::vector<std::string>& texts) {
    std::string some = fmt::format(
        "{}", fmt::join(texts.begin(),
                        texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), kTold)), "; "));
    std::ranges::replace(some, '\n', ' ');
    return texts.size() > kTold ? fmt::format("{}; and {} more", some, texts.size() - kTold) : some;
  }

  // "row 5 missing from index NAME", "Tree 7 page 9: ..." of its root page; else empty: it is about the
  // table.
  Result<std::string> IndexIn(const std::string& text) {
    constexpr std::string_view kNamed = " index ";
    if (const auto at = text.rfind(kNamed); at != std::string::npos) return text.substr(at + kNamed.size());
    for (const std::string_view root : {"Tree ", "On tree page "}) {
      const auto at = text.find(root);
      if (at == std::string::npos) continue;
      const std::int64_t page = std::atoll(text.c_str() + at + root.size());
      ASSIGN_OR_RETURN(
          const Rows rows,
          Query("SELECT name FROM sqlite_schema WHERE type = 'index' AND rootpage = ?1", Params::Of(page)));
      if (!rows.empty()) return std::string(rows[0].Text(0));
    }
    return std::string();
  }

  // ---- Row by row

  Result<void> InPieces(const std::string& name) {
    ASSIGN_OR_RETURN(const Table table, TableOf(name));
    ASSIGN_OR_RETURN(const Rows rows, Query("SELECT i.name, s.sql FROM pragma_index_list(?1) i LEFT JOIN"
                                            " sqlite_schema s ON s.type = 'index' AND s.name = i.name WHERE"
                                            " NOT (i.origin = 'pk' AND ?2)",
                                            Params::Of(name, !table.has_rowid)));
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(const Index index, IndexOf(row));
      auto lost = RowsThatItLacks(table, index);
      if (!lost && lost.error().code == ErrorCode::kDataLoss) return Unreadable(name, lost.error());
      if (!lost) return Fail(lost.error());
      ++report_.indexes;
      if (*lost > 0) OutOfStep(index.name, fmt::format("{} rows are missing from it, or more", *lost), true);
    }
    return {};
  }

  Result<Table> TableOf(const std::string& name) {
    Table table{.name = name};
    ASSIGN_OR_RETURN(const Rows kind,
                     Query("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name ="
                           " ?1",
                           Params::Of(name)));
    table.has_rowid = kind.empty() || kind[0].Int(0) == 0;
    if (table.has_rowid) {
      table.key.emplace_back("rowid");
      return table;
    }
    ASSIGN_OR_RETURN(const Rows key, Query("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk",
                                           Params::Of(name)));
    for (const auto& row : key) table.key.push_back(Quoted(row.Text(0)));
    return table;
  }

  Result<Index> IndexOf(const Row& row) {
    Index index{.name = std::string(row.Text(0)), .columns = {}, .condition = {}};
    ASSIGN_OR_RETURN(const Rows columns,
                     Query("SELECT name FROM pragma_index_info(?1) WHERE name IS NOT NULL ORDER BY seqno",
                           Params::Of(index.name)));
    for (const auto& column : columns) index.columns.push_back(Quoted(column.Text(0)));
    const std::string sql(row.OptionalText(1).value_or(""));
    if (const auto at = sql.find(" WHERE "); at != std::string::npos) index.condition = sql.substr(at + 7);
    return index;
  }

  // How many rows are not found through the index, up to the piece in which the first was.
  Result<std::int64_t> RowsThatItLacks(const Table& table, const Index& index) {
    const std::string key = Tuple("t.", table.key);
    const std::string condition = index.condition.empty() ? "" : fmt::format(" AND ({})", index.condition);
    std::string same;
    for (const std::string& column : index.columns) same += fmt::format(" AND x.{0} IS t.{0}", column);
    for (const std::string& column : table.key) same += fmt::format(" AND x.{0} = t.{0}", column);
    const std::size_t width = table.key.size();
    const std::string lacking =
        fmt::format("{} AND NOT EXISTS (SELECT 1 FROM {} x INDEXED BY {} WHERE 1 = 1{}{})", condition,
                    Quoted(table.name), Quoted(index.name), condition, same);
    const std::string from = fmt::format(" FROM {} t NOT INDEXED WHERE 1 = 1", Quoted(table.name));
    std::vector<Params> ends;  // of the piece before, if there was one
    while (true) {
      const Params begin = ends.empty() ? Params() : ends.back();
      const std::string after = ends.empty() ? "" : fmt::format(" AND {} > {}", key, Places(1, width));
      ASSIGN_OR_RETURN(const Rows end,
                       Query(fmt::format("SELECT {}{}{} ORDER BY {} LIMIT 1 OFFSET {}", List("t.", table.key),
                                         from, after, List("t.", table.key), kPieceRows - 1),
                             begin));
      Params bounds = begin;
      const std::string until =
          end.empty() ? "" : fmt::format(" AND {} <= {}", key, Places(bounds.size() + 1, width));
      Params next;
      for (std::size_t i = 0; !end.empty() && i < width; ++i) {
        AddCell(next, end[0], i);
        AddCell(bounds, end[0], i);
      }
      ASSIGN_OR_RETURN(const Rows count,
                       Query(fmt::format("SELECT count(*){}{}{}{}", from, after, until, lacking), bounds));
      Looked();
      if (end.empty() || count[0].Int(0) > 0) return count[0].Int(0);
      ends.assign(1, next);
    }
  }

  static void AddCell(Params& params, const Row& row, std::size_t column) {
    switch (row.TypeOf(column)) {
      case Type::kInt: params.Add(row.Int(column)); break;
      case Type::kReal: params.Add(row.Real(column)); break;
      case Type::kText: params.Add(row.Text(column)); break;
      case Type::kBlob: params.Add(Blob{row.Bytes(column)}); break;
      case Type::kNull: params.Add(nullptr); break;
    }
  }

  static std::string List(const char* before, const std::vector<std::string>& columns) {
    std::string list;
    for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + (before + column);
    return list;
  }
  static std::string Tuple(const char* before, const std::vector<std::string>& columns) {
    return "(" + List(before, columns) + ")";
  }
  static std::string Places(std::size_t first, std::size_t count) {
    std::string places;
    for (std::size_t i = first; i < first + count; ++i)
      places += fmt::format("{}?{}", places.empty() ? "" : ", ", i);
    return "(" + places + ")";
  }

  Database& db_;
  Connection& reading_;
  const IndexCheck& check_;
  IndexReport report_;
};

}  // namespace

Result<IndexReport> CheckIndexes(Database& db, Connection& reading, const IndexCheck& check) {
  return Check(db, reading, check).Run();
}

}  // namespace elevaite::database::sqlite
