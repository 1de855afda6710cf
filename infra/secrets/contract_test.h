// What every SecretSource must do. An adapter's test instantiates it with a way to store secrets.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "infra/secrets/secrets.h"

namespace elevaite::secrets {

struct Store {
  virtual ~Store() = default;
  virtual void Put(const std::string& name, const std::string& text) = 0;  // of the single account
  virtual std::unique_ptr<SecretSource> Open() = 0;
};

struct Adapter {
  std::string name;
  std::function<std::unique_ptr<Store>()> make;
};

class SecretContract : public testing::TestWithParam<Adapter> {
 protected:
  std::optional<Json> FindAfterPut(const std::string& name, const std::string& text) {
    store->Put(name, text);
    return store->Open()->Find(AccountId::Default(), name);
  }
  std::unique_ptr<Store> store = GetParam().make();
};

TEST_P(SecretContract, TextIsTextWithoutItsLastNewline) {
  EXPECT_EQ(FindAfterPut("plain", "s3cret"), Json("s3cret"));
  EXPECT_EQ(FindAfterPut("line", "s3cret\n"), Json("s3cret"));
  EXPECT_EQ(FindAfterPut("windows", "s3cret\r\n"), Json("s3cret"));
  EXPECT_EQ(FindAfterPut("two-lines", "a\n\n"), Json("a\n"));
  EXPECT_EQ(FindAfterPut("number", "007"), Json("007"));
  EXPECT_EQ(FindAfterPut("quoted", "\"x\""), Json("\"x\""));
  EXPECT_EQ(FindAfterPut("empty", ""), Json(""));
}

TEST_P(SecretContract, ObjectsAndArraysAreRead) {
  EXPECT_EQ(FindAfterPut("login", "{\"username\": \"u\", \"password\": \"p\"}\n"),
            Json::Object({{"username", "u"}, {"password", "p"}}));
  EXPECT_EQ(FindAfterPut("keys", "[1, 2]"), Json::Array({1, 2}));
  EXPECT_EQ(FindAfterPut("broken", "{\"username\": "), Json("{\"username\": "));
}

TEST_P(SecretContract, WhatIsNotThereIsNothing) {
  store->Put("there", "x");
  const auto source = store->Open();
  EXPECT_FALSE(source->Find(AccountId::Default(), "missing"));
  EXPECT_FALSE(source->Find(*AccountId::Parse("other"), "there"));
  EXPECT_FALSE(source->Find(AccountId(), "there"));
}

TEST_P(SecretContract, NamesCannotLeaveTheirPlace) {
  store->Put("there", "x");
  const auto source = store->Open();
  for (const std::string& name :
       {std::string("../there"), std::string("a/../there"), std::string("./there"), std::string(""),
        std::string(".."), std::string("there\0", 6), std::string(200, 'a'), std::string("there ")}) {
    EXPECT_FALSE(source->Find(AccountId::Default(), name)) << name;
  }
}

TEST_P(SecretContract, RefusesWhatIsTooLongOrNoText) {
  EXPECT_EQ(FindAfterPut("long", std::string(kValueBytesMax, 'x'))->Size(), kValueBytesMax);
  EXPECT_FALSE(FindAfterPut("longer", std::string(kValueBytesMax + 1, 'x')));
  EXPECT_FALSE(FindAfterPut("binary", "\xff\xfe"));
}

}  // namespace elevaite::secrets
