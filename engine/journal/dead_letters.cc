#include "engine/journal/dead_letters.h"

#include <algorithm>
#include <utility>

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr Sql kInsert{
    "dead_letters.insert",
    "INSERT INTO dead_letters (account_id, id, execution_id, frame, namespace, workflow, version, reference,"
    " connector, attempts, error, time_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"};
#define ELEVAITE_DEAD_LETTER_SELECT                                                                       \
  "SELECT id, execution_id, frame, namespace, workflow, version, reference, connector, attempts, error, " \
  "time_us FROM dead_letters WHERE account_id = ?1 AND"
constexpr Sql kFind{"dead_letters.find", ELEVAITE_DEAD_LETTER_SELECT " id = ?2"};
constexpr Sql kList{"dead_letters.list", ELEVAITE_DEAD_LETTER_SELECT
                    " (?2 = '' OR workflow = ?2) AND"
                    " (?3 = '' OR namespace = ?3) AND id < ?4 ORDER BY id DESC LIMIT ?5"};
constexpr Sql kDelete{"dead_letters.delete", "DELETE FROM dead_letters WHERE account_id = ?1 AND id = ?2"};

Result<DeadLetter> LetterFrom(const AccountId& account, const database::Row& row) {
  DeadLetter letter{.id = row.IdAt<DeadLetterId>(0),
                    .account = account,
                    .execution = row.IdAt<ExecutionId>(1),
                    .frame = static_cast<FrameId>(row.Int(2)),
                    .name_space = std::string(row.Text(3)),
                    .workflow = std::string(row.Text(4)),
                    .version = std::string(row.Text(5)),
                    .reference = std::string(row.Text(6)),
                    .connector = std::string(row.Text(7)),
                    .attempts = static_cast<std::uint32_t>(row.Int(8)),
                    .error = {},
                    .time_us = row.Int(10)};
  ASSIGN_OR_RETURN(letter.error, ParseJson(row.Text(9)));
  return letter;
}

DeadLetterId Newest() {
  Uuid uuid;
  uuid.bytes.fill(0xff);
  return DeadLetterId(uuid);
}

}  // namespace

void AddTo(Batch& batch, const DeadLetter& l) {
  batch.Add(kInsert, l.account, l.id, l.execution, l.frame, l.name_space, l.workflow, l.version, l.reference,
            l.connector, l.attempts, l.error.Dump(), l.time_us);
}

void DeadLetters::List(const AccountId& account, const DeadLetterFilter& filter,
                       Done<std::vector<DeadLetter>> done) {
  Params params = Params::Of(account, filter.workflow, filter.name_space, filter.before.value_or(Newest()),
                             std::clamp<std::size_t>(filter.limit, 1, 201));
  db_.Query(kList, std::move(params), [account, done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    std::vector<DeadLetter> letters;
    for (const auto& row : *rows) {
      auto letter = LetterFrom(account, row);
      if (!letter) return done(elevaite::Fail(letter.error()));
      letters.push_back(*std::move(letter));
    }
    done(std::move(letters));
  });
}

void DeadLetters::Find(const AccountId& account, const DeadLetterId& id, Done<DeadLetter> done) {
  db_.Query(kFind, Params::Of(account, id), [account, done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    if (rows->empty()) return done(elevaite::Fail(ErrorCode::kNotFound, "no such dead letter"));
    done(LetterFrom(account, (*rows)[0]));
  });
}

void DeadLetters::Delete(const AccountId& account, const DeadLetterId& id, Done<void> done) {
  Batch batch;
  batch.Add(kDelete, account, id);
  db_.Submit(std::move(batch), [done = std::move(done)](Result<database::BatchOutcome> outcome) {
    if (!outcome) return done(elevaite::Fail(outcome.error()));
    if (outcome->rows_changed.front() == 0)
      return done(elevaite::Fail(ErrorCode::kNotFound, "no such dead letter"));
    done({});
  });
}

}  // namespace elevaite::engine
