#include "infra/database/postgres/statement.h"

#include <gtest/gtest.h>

namespace elevaite::database::postgres {
namespace {

TEST(Statement, ParametersGetTheFormOfPostgres) {
  const auto translated = Translate("INSERT INTO t VALUES (?1, ?12, ?2) ON CONFLICT DO NOTHING");
  EXPECT_EQ(translated.text, "INSERT INTO t VALUES ($1, $12, $2) ON CONFLICT DO NOTHING");
  EXPECT_EQ(translated.params, 12U);
}

TEST(Statement, WhatIsQuotedOrACommentStays) {
  constexpr const char* kOpaque = "SELECT '?1', '''?2', \"?3\" -- ?4\n /* ?5 */ , j ? 'key', 'open ?6";
  EXPECT_EQ(Translate(kOpaque).text, kOpaque);
  EXPECT_EQ(Translate(kOpaque).params, 0U);
}

TEST(Statement, APlainInsertCanInsertManyRows) {
  EXPECT_EQ(TranslateForMany("INSERT INTO t (a, b) VALUES (?1, ?2)"),
            "INSERT INTO t (a, b) SELECT * FROM unnest($1, $2)");
  EXPECT_EQ(TranslateForMany("INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING"),
            "INSERT INTO t (a) SELECT * FROM unnest($1) ON CONFLICT DO NOTHING");
  for (const char* other : {"INSERT INTO t (a) VALUES (?1) ON CONFLICT (a) DO NOTHING",
                            "INSERT INTO t (a, b) VALUES (?1, ?1)", "INSERT INTO t (a, b) VALUES (?2, ?1)",
                            "INSERT INTO t (a, b) VALUES (?1, 0)", "INSERT INTO t VALUES (1)",
                            "INSERT INTO t (a) VALUES (?1), (?2)", "SELECT ?1", "UPDATE t SET a = ?1"}) {
    EXPECT_EQ(TranslateForMany(other), "") << other;
  }
}

TEST(Statement, KnowsWhatControlsTransactionsAndSessions) {
  for (const char* control : {"COMMIT", "  commit;", "/* x */ -- y\n RollBack", "SAVEPOINT a", "set x = 1",
                              "DEALLOCATE ALL", "END", "prepare transaction 'x'"}) {
    EXPECT_TRUE(ControlsTransaction(control)) << control;
  }
  for (const char* plain :
       {"SELECT 1", "", "-- COMMIT", "UPDATE t SET x = 1", "WITH a AS (SELECT 1) SELECT 2"})
    EXPECT_FALSE(ControlsTransaction(plain)) << plain;
}

}  // namespace
}  // namespace elevaite::database::postgres
