// Dead letters: read and deleted here, written by the journal in the commit of their step
// (JournalWrite::dead_letters). Every call names its account. Callbacks run on a thread of the database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "infra/database/database.h"

namespace elevaite::engine {

struct DeadLetterFilter {
  std::string name_space;              // empty: any
  std::string workflow;                // empty: any
  std::optional<DeadLetterId> before;  // older than this one
  std::size_t limit = 50;              // 1 to 201
};

class DeadLetters {
 public:
  template <class T>
  using Done = std::function<void(Result<T>)>;

  explicit DeadLetters(database::Database& db) : db_(db) {}

  // Newest first.
  void List(const AccountId& account, const DeadLetterFilter& filter, Done<std::vector<DeadLetter>> done);
  // kNotFound when the account has no such letter, here and below.
  void Find(const AccountId& account, const DeadLetterId& id, Done<DeadLetter> done);
  // Its execution stays as it is.
  void Delete(const AccountId& account, const DeadLetterId& id, Done<void> done);

 private:
  database::Database& db_;
};

void AddTo(database::Batch& batch, const DeadLetter& letter);

}  // namespace elevaite::engine
