// What must hold for every store of objects. An adapter's test says how one is opened, and instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Files, ObjectStoreContract, testing::Values(&OpenForTest));
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "infra/objects/objects.h"

namespace elevaite::objects {

// Opens the store of a test anew: what is stored stays. Limited to 1 MiB an object.
class ObjectStoreUnderTest {
 public:
  virtual ~ObjectStoreUnderTest() = default;
  virtual std::unique_ptr<ObjectStore> Open() = 0;
};
using MakeUnderTest = std::unique_ptr<ObjectStoreUnderTest> (*)();

class ObjectStoreContract : public testing::TestWithParam<MakeUnderTest> {
 protected:
  std::unique_ptr<ObjectStoreUnderTest> place_ = GetParam()();
  std::unique_ptr<ObjectStore> store_ = place_->Open();
  const AccountId account_ = AccountId::Default();
  const AccountId other_ = AccountId::Parse("other").value();

  std::vector<std::string> Keys(std::string_view prefix = "", std::string_view after = "",
                                std::size_t limit = 100) {
    std::vector<std::string> keys;
    const auto listed = store_->List(account_, prefix, after, limit);
    EXPECT_TRUE(listed) << listed.error().ToString();
    for (const ObjectInfo& info : listed.value_or(std::vector<ObjectInfo>{})) keys.push_back(info.key);
    return keys;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);

TEST_P(ObjectStoreContract, GivesBackWhatWasPutAlsoLater) {
  const std::string bytes("\0a\n\xff", 4);
  ASSERT_TRUE(store_->Put(account_, "a/b.txt", bytes));
  ASSERT_TRUE(store_->Put(account_, "empty", ""));
  store_ = place_->Open();
  EXPECT_EQ(store_->Get(account_, "a/b.txt").value(), bytes);
  EXPECT_EQ(store_->Get(account_, "empty").value(), "");
  EXPECT_TRUE(store_->Has(account_, "a/b.txt").value());
}

TEST_P(ObjectStoreContract, WhatIsPutAgainIsReplaced) {
  ASSERT_TRUE(store_->Put(account_, "a", "longer"));
  ASSERT_TRUE(store_->Put(account_, "a", "new"));
  EXPECT_EQ(store_->Get(account_, "a").value(), "new");
  EXPECT_EQ(Keys(), std::vector<std::string>{"a"});
}

TEST_P(ObjectStoreContract, WhatIsNotThereIsNotFound) {
  ASSERT_TRUE(store_->Put(account_, "a/b", "x"));
  for (const char* key : {"a", "b", "a/b/c", "a/c"}) {
    EXPECT_EQ(store_->Get(account_, key).error().code, ErrorCode::kNotFound) << key;
    EXPECT_FALSE(store_->Has(account_, key).value()) << key;
    EXPECT_TRUE(store_->Delete(account_, key)) << key;
  }
  EXPECT_EQ(Keys(), std::vector<std::string>{"a/b"});
}

TEST_P(ObjectStoreContract, AccountsShareNothing) {
  ASSERT_TRUE(store_->Put(account_, "a", "mine"));
  EXPECT_EQ(store_->Get(other_, "a").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(store_->Put(other_, "a", "theirs"));
  ASSERT_TRUE(store_->Delete(other_, "a"));
  EXPECT_EQ(store_->Get(account_, "a").value(), "mine");
  EXPECT_TRUE(store_->List(other_, "", "", 10)->empty());
  EXPECT_EQ(store_->Put(AccountId(), "a", "").error().code, ErrorCode::kInvalidArgument);
}

TEST_P(ObjectStoreContract, KeysThatLeadElsewhereAreRefused) {
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string(".."),
        std::string("../a"), std::string("a/../b"), std::string(".hidden"), std::string("a b"),
        std::string("a\\b"), std::string("ä"), std::string("a\0b", 3), std::string(101, 'a'),
        std::string("1/2/3/4/5/6/7/8/9")}) {
    EXPECT_EQ(store_->Put(account_, key, "x").error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store_->Get(account_, key).error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store_->Delete(account_, key).error().code, ErrorCode::kInvalidArgument) << key;
  }
}

TEST_P(ObjectStoreContract, WhatIsTooLargeIsRefused) {
  EXPECT_EQ(store_->Put(account_, "a", std::string(store_->bytes_max() + 1, 'x')).error().code,
            ErrorCode::kPayloadTooLarge);
  EXPECT_FALSE(store_->Has(account_, "a").value());
  EXPECT_TRUE(store_->Put(account_, "a", std::string(store_->bytes_max(), 'x')));
  EXPECT_EQ(store_->Get(account_, "a")->size(), store_->bytes_max());
}

TEST_P(ObjectStoreContract, ListsInOrderPageByPage) {
  for (const char* key : {"b/2", "b/10", "a", "b/1", "ba", "c/d/e"})
    ASSERT_TRUE(store_->Put(account_, key, "xyz"));
  using Lines = std::vector<std::string>;
  EXPECT_EQ(Keys(), (Lines{"a", "b/1", "b/10", "b/2", "ba", "c/d/e"}));
  EXPECT_EQ(Keys("b"), (Lines{"b/1", "b/10", "b/2"}));
  EXPECT_EQ(Keys("b", "b/1", 1), Lines{"b/10"});
  EXPECT_EQ(Keys("none"), Lines{});
  EXPECT_EQ(store_->List(account_, "", "", 1)->front().bytes, 3U);
}

TEST_P(ObjectStoreContract, ManyAtOnceAreEachWhole) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(store_->Put(account_, "shared", std::string(10'000, static_cast<char>('a' + t))));
        const auto read = store_->Get(account_, "shared");
        ASSERT_TRUE(read) << read.error().ToString();
        EXPECT_EQ(*read, std::string(10'000, read->front()));
      }
    });
  }
}

}  // namespace elevaite::objects
