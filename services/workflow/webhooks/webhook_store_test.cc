// The tables of webhooks on every database.
#include "services/workflow/webhooks/webhook_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <string_view>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class WebhookStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static Webhook Of(const std::string& workflow, std::string_view settings) {
    Webhook webhook{.name_space = "shop", .workflow = workflow};
    auto read = WebhookSettingsFrom(*ParseJson(settings));
    EXPECT_TRUE(read) << read.error().ToString();
    webhook.settings = *std::move(read);
    return webhook;
  }
  Result<Webhook> Create(const std::string& workflow, std::string_view settings,
                         const AccountId& account = kAccount) {
    return Run(store_.Create(account, Of(workflow, settings)));
  }
  std::string Paths(WebhookFilter filter) {
    std::string paths;
    const auto page = Run(store_.List(kAccount, std::move(filter)));
    EXPECT_TRUE(page) << page.error().ToString();
    if (page) {
      for (const Webhook& webhook : *page) paths += webhook.settings.path + " ";
    }
    return paths;
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  SimulatedClock clock_;
  WebhookStore store_{*db_, clock_};
};
INSTANTIATE_TEST_SUITE_P(Each, WebhookStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(WebhookStoreTest, KeepsWhatWasSet) {
  const auto made =
      Create("orders", R"({"path": "in/orders", "methods": ["GET", "POST"], "filter": ".body[\"ü\"]",
      "authentication": {"type": "github", "secret": "hook"}, "response": {"wait": "1500ms"}})");
  ASSERT_TRUE(made) << made.error().ToString();
  const auto found = Run(store_.Find(kAccount, made->id));
  ASSERT_TRUE(found) << found.error().ToString();
  EXPECT_EQ(found->settings.source, made->settings.source);
  EXPECT_EQ(found->settings.answer.wait.count(), 1500);
  EXPECT_EQ(found->settings.authentication.scheme, Scheme::kGithub);
  EXPECT_EQ(found->workflow, "orders");
  EXPECT_EQ(found->created_us, clock_.Now().micros());
  EXPECT_EQ(Run(store_.Find(kOther, made->id)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run(store_.At(kAccount, "in/orders"))->size(), 1U);
  EXPECT_TRUE(Run(store_.At(kOther, "in/orders"))->empty());
}

TEST_P(WebhookStoreTest, OnePathAndMethodHasOneWebhook) {
  const auto post = Create("orders", R"({"path": "in"})");
  ASSERT_TRUE(post);
  EXPECT_EQ(Create("others", R"({"path": "in", "methods": ["GET", "POST"]})").error().code,
            ErrorCode::kConflict);
  const auto get = Create("others", R"({"path": "in", "methods": ["GET", "PUT"]})");
  ASSERT_TRUE(get) << get.error().ToString();
  EXPECT_EQ(Run(store_.At(kAccount, "in"))->size(), 2U);
  EXPECT_TRUE(Create("orders", R"({"path": "in"})", kOther));

  Webhook changed = *get;
  changed.settings = Of("others", R"({"path": "in", "methods": ["POST"]})").settings;
  EXPECT_EQ(Run(store_.Update(kAccount, changed)).error().code, ErrorCode::kConflict);
  // Nothing was done by halves: it still has its methods.
  EXPECT_EQ(Create("third", R"({"path": "in", "methods": ["PUT"]})").error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Run(store_.Delete(kAccount, post->id)));
  EXPECT_TRUE(Run(store_.Update(kAccount, changed)));
  EXPECT_TRUE(Create("third", R"({"path": "in", "methods": ["PUT"]})"));
}

TEST_P(WebhookStoreTest, AChangeOfWhatWasChangedIsRefused) {
  const auto made = Create("orders", R"({"path": "in"})");
  Webhook mine = *made;
  Webhook theirs = *made;
  theirs.settings = Of("orders", R"({"path": "elsewhere"})").settings;
  const auto updated = Run(store_.Update(kAccount, theirs));
  ASSERT_TRUE(updated) << updated.error().ToString();
  EXPECT_EQ(Run(store_.Update(kAccount, mine)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Run(store_.Find(kAccount, made->id))->settings.path, "elsewhere");
  EXPECT_TRUE(Run(store_.Update(kAccount, *updated)));
  EXPECT_EQ(Run(store_.Update(kOther, *updated)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run(store_.Delete(kOther, made->id)).error().code, ErrorCode::kNotFound);
}

TEST_P(WebhookStoreTest, ListsPageByPage) {
  for (const char* path : {"c", "a", "b", "d"})
    ASSERT_TRUE(Create(std::string("flow-") + path, std::string(R"({"path": ")") + path + "\"}"));
  ASSERT_TRUE(Create("flow-a", R"({"path": "a", "methods": ["PUT"]})"));
  EXPECT_EQ(Paths({}), "a a b c d ");
  EXPECT_EQ(Paths({.workflow = "flow-a"}), "a a ");
  EXPECT_EQ(Paths({.name_space = "shop", .workflow = "flow-b"}), "b ");
  EXPECT_EQ(Paths({.name_space = "else", .workflow = "flow-b"}), "");
  const auto first = Run(store_.List(kAccount, {.limit = 1}));
  const std::string cursor = WebhookStore::CursorOf(first->front());
  EXPECT_EQ(Paths({.after = cursor}), "a b c d ");
  for (const char* wrong : {"x", "~", "a~", "a~whk_1"})
    EXPECT_EQ(Run(store_.List(kAccount, {.after = wrong})).error().code, ErrorCode::kInvalidArgument)
        << wrong;
}

TEST_P(WebhookStoreTest, AKeyStandsForOneExecutionWithinItsWindow) {
  const WebhookId hook = Create("orders", R"({"path": "in"})")->id;
  const auto claim = [&](const std::string& key, const ExecutionId& fresh) {
    return *Run(store_.ClaimKey(kAccount, hook, key, std::chrono::seconds(60), fresh));
  };
  const ExecutionId first = ExecutionId::New();
  const ExecutionId second = ExecutionId::New();
  EXPECT_EQ(claim("k", first), first);
  EXPECT_EQ(claim("k", second), first);
  EXPECT_EQ(claim("other", second), second);
  EXPECT_EQ(*Run(store_.ClaimKey(kOther, hook, "k", std::chrono::seconds(60), second)), second);
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(claim("k", second), first);
  clock_.Advance(std::chrono::seconds(2));
  EXPECT_EQ(claim("k", second), second);
  EXPECT_EQ(claim("k", first), second);
}

// However many come, those of one window stay.
TEST_P(WebhookStoreTest, OldKeysAreForgotten) {
  const WebhookId hook = Create("orders", R"({"path": "in"})")->id;
  const auto count = [&] {
    return db_->QueryAndWait({"count", "SELECT count(*) FROM webhook_keys"}).value()[0].Int(0);
  };
  const auto claim = [&](const std::string& key) {
    ASSERT_TRUE(Run(store_.ClaimKey(kAccount, hook, key, std::chrono::seconds(60), ExecutionId::New())));
  };
  for (int i = 0; i < 50; ++i) claim("before-" + std::to_string(i));
  EXPECT_EQ(count(), 50);
  clock_.Advance(std::chrono::seconds(120));
  for (int i = 0; i < 10; ++i) claim("after-" + std::to_string(i));
  EXPECT_EQ(count(), 10);
  ASSERT_TRUE(Run(store_.Delete(kAccount, hook)));
  EXPECT_EQ(count(), 0);
}

TEST_P(WebhookStoreTest, ThereIsABound) {
  database::Batch batch;
  for (std::int64_t i = 1; i < WebhookStore::kPerAccountMax; ++i) {
    batch.Add({"fill", "INSERT INTO webhooks VALUES (?1, ?2, 'n', 'w', 'p', '{\"path\": \"p\"}', 0, 0)"},
              kAccount, WebhookId::New());
  }
  ASSERT_TRUE(db_->SubmitAndWait(std::move(batch)));
  EXPECT_TRUE(Create("orders", R"({"path": "the-last"})"));
  EXPECT_EQ(Create("orders", R"({"path": "one-more"})").error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(Create("orders", R"({"path": "one-more"})", kOther));
}

// What stood in the table before webhooks were objects.
TEST_P(WebhookStoreTest, TakesOverThoseOfBefore) {
  const bool sqlite = GetParam() == TestDatabaseKind::kSqlite;
  const auto all = sqlite ? SqliteMigrations() : PostgresMigrations();
  const auto here =
      std::ranges::find_if(all, [](const auto& step) { return std::string_view(step.name) == "webhooks"; });
  ASSERT_NE(here, all.end());
  const auto before = all.first(static_cast<std::size_t>(here - all.begin()));
  const TestDatabase old(GetParam(), {"workflow", before, before});
  const auto db = old.Open();
  database::Batch batch;
  const database::Sql insert{
      "insert",
      "INSERT INTO webhooks (account_id, path, namespace, workflow, method, wait_ms) VALUES"
      " (?1, ?2, 'shop', ?3, ?4, ?5)"};
  batch.Add(insert, kAccount, "in/a", "a", "POST", 1500);
  batch.Add(insert, kAccount, "in/b", "b", "GET", 0);
  batch.Add(insert, kOther, "in/a", "c", "POST", 60'000);
  ASSERT_TRUE(db->SubmitAndWait(std::move(batch)));
  ASSERT_TRUE(database::Migrate(*db, "workflow", all));

  WebhookStore store(*db, clock_);
  const auto a = Run(store.At(kAccount, "in/a"));
  ASSERT_TRUE(a) << a.error().ToString();
  ASSERT_EQ(a->size(), 1U);
  EXPECT_EQ(a->front().workflow, "a");
  EXPECT_EQ(a->front().settings.answer.wait.count(), 1500);
  const auto b = Run(store.At(kAccount, "in/b"));
  EXPECT_EQ(b->front().settings.methods, std::vector<std::string>{"GET"});
  EXPECT_EQ(b->front().settings.answer.wait.count(), 0);
  EXPECT_EQ(Run(store.At(kOther, "in/a"))->front().workflow, "c");
  EXPECT_EQ(Run(store.Create(kAccount, Of("d", R"({"path": "in/a"})"))).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(Run(store.Create(kAccount, Of("d", R"({"path": "in/a", "methods": ["GET"]})"))));
}

}  // namespace
}  // namespace elevaite::workflow
