// History::List: pages of executions.
//
// A page is read from one index, chosen by the condition of the filter that leaves the fewest; the others are
// tested on what the index gives, newest first. How much is looked through for one page is bounded, so that
// no filter, however rare what it wants, reads the whole table: the page then ends early and says where to go
// on.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "engine/journal/history.h"
#include "engine/journal/records.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

// The index that a page is read from.
enum class By : std::uint8_t { kTime, kWorkflow, kPhase, kPhaseOfWorkflow, kError, kParent, kIds, kLabel };
constexpr std::size_t kIndexes = 8;

constexpr int kScanned = 10'000;          // entries of an index for one page, where rows stand in its order
constexpr int kElsewhereScanned = 2'000;  // of one whose entries lead to rows here and there
constexpr std::int64_t kLabelsCounted = 1'000;

// ---- Statements
// --------------------------------------------------------------------------------------------------------
//
// All: ?1 account, ?2 and ?3 the cursor, ?4 since.
// A page: ?5 phases (a bit set), ?6 namespace, ?7 workflow, ?8 version, ?9 error type, ?10 parent, ?11 to ?13
// more labels, ?14 limit, and from ?15 on what the index wants, then the bounds on when it ended.
// An end, which says how far the page before it has looked: from ?5 on what the index wants.

struct Statement {
  std::string name;
  std::string text;
  Sql sql() const { return {name.c_str(), text.c_str()}; }
};

std::string EndOfPhase(std::string_view columns, int at);

// Its parameters begin with number `at`. `created_us > 0` and the like hold for every row: each opens the
// partial index of this list, and no other.
std::string ConditionOf(By by, int at) {
  switch (by) {
    case By::kTime: return " AND created_us > 0";
    case By::kWorkflow: return fmt::format(" AND workflow <> '' AND workflow = ?{}", at);
    case By::kPhase: return fmt::format(" AND phase <> 6 AND phase = ?{}", at);
    // The workflow is tested in the index, on as many entries as a page looks through.
    case By::kPhaseOfWorkflow:
      return fmt::format("{} AND workflow = ?{} AND created_us >= coalesce(({}), ?4)",
                         ConditionOf(By::kPhase, at), at + 1, EndOfPhase("created_us", at));
    case By::kError: return fmt::format(" AND error_type = ?{}", at);
    case By::kParent: return fmt::format(" AND parent_id = ?{}", at);
    case By::kIds: return fmt::format(" AND id >= ?{} AND id <= ?{}", at, at + 1);
    case By::kLabel: return fmt::format(" AND l.label = ?{}", at);
  }
  return {};
}

int ParameterCount(By by) {
  if (by == By::kTime) return 0;
  return by == By::kIds || by == By::kPhaseOfWorkflow ? 2 : 1;
}

std::string FinishedBetween(int at) {
  return fmt::format(" AND finished_us >= ?{} AND finished_us < ?{}", at, at + 1);
}

std::string Scan(By by, int at, std::string_view columns, std::string_view rows) {
  if (by == By::kLabel) {
    const bool joined = columns == "e.*";
    return fmt::format(
        "SELECT {} FROM labels l{} WHERE l.account_id = ?1 AND (l.created_us, l.execution_id) < (?2, ?3)"
        " AND l.created_us >= ?4{}{} ORDER BY l.created_us DESC, l.execution_id DESC LIMIT {}",
        columns, joined ? " CROSS JOIN executions e" : "", ConditionOf(by, at),
        joined ? " AND e.account_id = l.account_id AND e.id = l.execution_id" : "", rows);
  }
  return fmt::format(
      "SELECT {} FROM executions e WHERE account_id = ?1 AND (created_us, id) < (?2, ?3) AND created_us >= ?4"
      "{} ORDER BY created_us DESC, id DESC LIMIT {}",
      columns, ConditionOf(by, at), rows);
}

int Scanned(By by) { return by == By::kTime || by == By::kIds ? kScanned : kElsewhereScanned; }

std::string EndOfPhase(std::string_view columns, int at) {
  return Scan(By::kPhase, at, columns, fmt::format("1 OFFSET {}", Scanned(By::kPhase) - 1));
}

// What is scanned comes in the order of the page: it is not sorted again, so no more is scanned than wanted.
Statement PageStatement(By by, bool finished) {
  std::string labels;
  for (int n = 11; n <= 13; ++n) {
    labels += fmt::format(
        " AND (?{0} = '' OR EXISTS (SELECT 1 FROM labels l WHERE l.account_id = ?1 AND l.label = ?{0}"
        " AND l.created_us = scanned.created_us AND l.execution_id = scanned.id))",
        n);
  }
  return {fmt::format("executions.list_{}{}", static_cast<int>(by), finished ? "_finished" : ""),
          fmt::format("SELECT " ELEVAITE_EXECUTION_COLUMNS
                      " FROM ({}) AS scanned WHERE ((1 << phase) & ?5) <> 0 AND (?6 = '' OR namespace = ?6)"
                      " AND (?7 = '' OR workflow = ?7) AND (?8 = '' OR version = ?8)"
                      " AND (?9 = '' OR error_type = ?9) AND (parent_id = ?10 OR length(?10) = 0){}{}"
                      " LIMIT ?14",
                      Scan(by, 15, "e.*", std::to_string(Scanned(by))), labels,
                      finished ? FinishedBetween(15 + ParameterCount(by)) : "")};
}

Statement EndStatement(By by) {
  const std::string_view columns = by == By::kLabel ? "l.created_us, l.execution_id" : "created_us, id";
  return {fmt::format("executions.list_{}_end", static_cast<int>(by)),
          Scan(by, 5, columns, fmt::format("1 OFFSET {}", Scanned(by) - 1))};
}

// For the life of the process: the database keeps them prepared.
template <class Make>
Sql Kept(By by, bool finished, Make make) {
  static const auto kStatements = [make] {
    std::array<std::array<Statement, 2>, kIndexes> all;
    for (std::size_t i = 0; i < kIndexes; ++i) {
      for (const bool bounded : {false, true})
        all.at(i).at(bounded ? 1 : 0) = make(static_cast<By>(i), bounded);
    }
    return all;
  }();
  return kStatements.at(static_cast<std::size_t>(by)).at(finished ? 1 : 0).sql();
}

Sql PageSql(By by, bool finished) {
  return Kept(by, finished, [](By b, bool f) { return PageStatement(b, f); });
}
Sql EndSql(By by) {
  return Kept(by, false, [](By b, bool) { return EndStatement(b); });
}

constexpr Sql kCountLabel{"labels.count",
                          "SELECT count(*) FROM (SELECT 1 FROM labels WHERE account_id = ?1 AND label = ?2"
                          " LIMIT ?3) AS counted"};

// ---- One call
// ----------------------------------------------------------------------------------------------------------

const ListCursor kNewest = [] {
  Uuid last;
  last.bytes.fill(0xff);
  return ListCursor{INT64_MAX, ExecutionId(last)};
}();

std::int64_t PhaseBits(const std::vector<Phase>& phases) {
  if (phases.empty()) return 0x7f;
  std::int64_t bits = 0;
  for (const Phase phase : phases) bits |= 1LL << static_cast<int>(phase);
  return bits;
}

ListCursor PlaceOf(const ExecutionRecord& record) { return {record.created_us, record.id}; }

// Reads one list, or one for each phase that is wanted, and puts them together. Each step is a query, whose
// answer leads to the next; the last one deletes it.
class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(database::Database& db, AccountId account, ExecutionFilter filter,
          History::Done<ExecutionPage> done)
      : db_(db), account_(std::move(account)), filter_(std::move(filter)), done_(std::move(done)) {
    filter_.limit = std::clamp<std::size_t>(filter_.limit, 1, ExecutionFilter::kPageMax);
    for (const Label& label : filter_.labels) labels_.push_back(IndexText(label));
    cursor_ = filter_.after.value_or(kNewest);
    // What has ended by then, or was created before, is not newer than that.
    for (const auto& bound : {filter_.until_us, filter_.finished_until_us}) {
      if (bound) cursor_ = std::min(cursor_, ListCursor{*bound, ExecutionId()});
    }
  }

  void Run() {
    if (labels_.size() > 1) return CountLabel(0);
    Choose();
  }

 private:
  // The label that the fewest have comes first.
  void CountLabel(std::size_t i) {
    db_.Query(kCountLabel, Params::Of(account_, labels_[i], kLabelsCounted),
              [self = shared_from_this(), i](Result<Rows> rows) {
                if (!rows) return self->done_(elevaite::Fail(rows.error()));
                const std::int64_t count = (*rows)[0].Int(0);
                if (i == 0 || count < self->fewest_) {
                  self->fewest_ = count;
                  std::swap(self->labels_[0], self->labels_[i]);
                }
                if (i + 1 < self->labels_.size()) return self->CountLabel(i + 1);
                self->Choose();
              });
  }

  void Choose() {
    const auto has = [this](Phase phase) {
      return std::ranges::find(filter_.phases, phase) != filter_.phases.end();
    };
    if (filter_.ids) {
      by_ = By::kIds;
    } else if (filter_.parent) {
      by_ = By::kParent;
    } else if (!labels_.empty()) {
      by_ = By::kLabel;
    } else if (!filter_.error_type.empty()) {
      by_ = By::kError;
    } else if (!filter_.phases.empty() && !has(Phase::kCompleted)) {
      by_ = filter_.workflow.empty() ? By::kPhase : By::kPhaseOfWorkflow;
      phases_ = filter_.phases;
    } else if (!filter_.workflow.empty()) {
      by_ = By::kWorkflow;
    }
    ReadPage();
  }

  bool finished() const { return filter_.finished_since_us || filter_.finished_until_us; }

  void AddIndexParams(Params& params, By by) const {
    switch (by) {
      case By::kTime: break;
      case By::kWorkflow: params.Add(filter_.workflow); break;
      case By::kPhase: params.Add(static_cast<std::int64_t>(phases_.back())); break;
      case By::kPhaseOfWorkflow:
        params.Add(static_cast<std::int64_t>(phases_.back()));
        params.Add(filter_.workflow);
        break;
      case By::kError: params.Add(filter_.error_type); break;
      case By::kParent: params.Add(*filter_.parent); break;
      case By::kIds:
        params.Add(filter_.ids->first);
        params.Add(filter_.ids->last);
        break;
      case By::kLabel: params.Add(labels_[0]); break;
    }
  }
  void AddFinished(Params& params) const {
    params.Add(filter_.finished_since_us.value_or(0));
    params.Add(filter_.finished_until_us.value_or(INT64_MAX));
  }
  Params Common() const {
    return Params::Of(account_, cursor_.created_us, cursor_.id, filter_.since_us.value_or(0));
  }

  void ReadPage() {
    Params params = Common();
    params.Add(PhaseBits(filter_.phases));
    for (const std::string* text :
         {&filter_.name_space, &filter_.workflow, &filter_.version, &filter_.error_type})
      params.Add(*text);
    filter_.parent ? params.Add(*filter_.parent) : params.Add(database::Blob{});
    const std::size_t used = by_ == By::kLabel ? 1 : 0;
    for (std::size_t i = 0; i < ExecutionFilter::kLabelsMax - 1; ++i)
      params.Add(used + i < labels_.size() ? labels_[used + i] : std::string());
    params.Add(filter_.limit + 1);
    AddIndexParams(params, by_);
    if (finished()) AddFinished(params);
    db_.Query(PageSql(by_, finished()), std::move(params), [self = shared_from_this()](Result<Rows> rows) {
      const auto added = rows ? self->Take(*rows) : elevaite::Fail(rows.error());
      if (!added) return self->done_(elevaite::Fail(added.error()));
      rows->size() > self->filter_.limit ? self->NextList() : self->ReadEnd();
    });
  }

  Result<void> Take(const Rows& rows) {
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(row));
      items_.push_back(std::move(record));
    }
    oldest_ = rows.empty() ? std::nullopt : std::optional(PlaceOf(items_.back()));
    if (rows.size() > filter_.limit) LookedUntil(*oldest_);
    return {};
  }

  void ReadEnd() {
    const By by = by_ == By::kPhaseOfWorkflow ? By::kPhase : by_;
    Params params = Common();
    AddIndexParams(params, by);
    db_.Query(EndSql(by), std::move(params), [self = shared_from_this()](Result<Rows> rows) {
      if (!rows) return self->done_(elevaite::Fail(rows.error()));
      // Executions that began since the page was read have moved this place up, but not beyond what was
      // found.
      if (!rows->empty()) {
        const ListCursor place{(*rows)[0].Int(0), (*rows)[0].IdAt<ExecutionId>(1)};
        self->LookedUntil(std::min(place, self->oldest_.value_or(place)));
      }
      self->NextList();
    });
  }

  // There may be more behind it.
  void LookedUntil(const ListCursor& place) { end_ = std::max(end_.value_or(place), place); }

  void NextList() {
    if (phases_.size() > 1) {
      phases_.pop_back();
      return ReadPage();
    }
    Finish();
  }

  // What is older than the place up to which each list has been looked through comes with a later page. One
  // whose phase has changed between two lists may be in both.
  void Finish() {
    std::ranges::sort(items_, std::greater(), PlaceOf);
    const auto twice = std::ranges::unique(items_, {}, PlaceOf);
    items_.erase(twice.begin(), twice.end());
    ExecutionPage page{.items = {}, .next = end_};
    for (ExecutionRecord& record : items_) {
      if (end_ && PlaceOf(record) < *end_) break;
      if (page.items.size() == filter_.limit) {
        page.next = PlaceOf(page.items.back());
        break;
      }
      page.items.push_back(std::move(record));
    }
    done_(std::move(page));
  }

  database::Database& db_;
  const AccountId account_;
  ExecutionFilter filter_;
  const History::Done<ExecutionPage> done_;
  std::vector<std::string> labels_;  // as the table has them
  std::int64_t fewest_ = 0;
  By by_ = By::kTime;
  std::vector<Phase> phases_;  // whose lists are still to be read, when each has its own
  ListCursor cursor_;
  std::vector<ExecutionRecord> items_;
  std::optional<ListCursor> oldest_;  // of the list that was read last
  std::optional<ListCursor> end_;
};

}  // namespace

std::string ListCursor::ToString() const { return std::to_string(created_us) + "-" + id.ToString(); }

Result<ListCursor> ListCursor::Parse(std::string_view text) {
  ListCursor cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.created_us);
  const auto used = static_cast<std::size_t>(end - text.data());
  auto id = ExecutionId::Parse(text.substr(std::min(used + 1, text.size())));
  if (error != std::errc() || used >= text.size() || text[used] != '-' || cursor.created_us < 0 || !id)
    return elevaite::Fail(ErrorCode::kInvalidArgument, "this is no cursor",
                          "pass `next_cursor` of the page before as it is");
  cursor.id = *id;
  return cursor;
}

void History::List(const AccountId& account, const ExecutionFilter& filter, Done<ExecutionPage> done) {
  if (filter.labels.size() > ExecutionFilter::kLabelsMax)
    return done(elevaite::Fail(ErrorCode::kInvalidArgument,
                               fmt::format("a list may be filtered by {} tags and attributes at most",
                                           ExecutionFilter::kLabelsMax)));
  std::make_shared<Listing>(db_, account, filter, std::move(done))->Run();
}

}  // namespace elevaite::engine
