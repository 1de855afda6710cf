#include "infra/objects/files.h"

#include <filesystem>
#include <fstream>

#include "infra/database/test_folder.h"
#include "infra/objects/contract_test.h"

namespace elevaite::objects {
namespace {

class FilesUnderTest final : public ObjectStoreUnderTest {
 public:
  std::unique_ptr<ObjectStore> Open() override {
    return OpenFiles({.folder = folder_.File("objects"), .bytes_max = 1U << 20U}).value();
  }

 private:
  database::TestFolder folder_;
};

std::unique_ptr<ObjectStoreUnderTest> MakeFiles() { return std::make_unique<FilesUnderTest>(); }
INSTANTIATE_TEST_SUITE_P(Files, ObjectStoreContract, testing::Values(&MakeFiles));

class FilesTest : public testing::Test {
 protected:
  std::string PathOf(const std::string& key) { return folder_.File("objects") + "/default/" + key; }
  database::TestFolder folder_;
  std::unique_ptr<ObjectStore> store_ = OpenFiles({.folder = folder_.File("objects")}).value();
  const AccountId account_ = AccountId::Default();
};

TEST_F(FilesTest, ABitThatFlippedIsFound) {
  ASSERT_TRUE(store_->Put(account_, "a", "hello"));
  const auto size = std::filesystem::file_size(PathOf("a"));
  for (std::uintmax_t at = 0; at < size; at += 7) {
    std::fstream file(PathOf("a"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char was = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(was ^ 1));
    file.flush();
    EXPECT_EQ(store_->Get(account_, "a").error().code, ErrorCode::kDataLoss) << at;
    file.seekp(static_cast<std::streamoff>(at));
    file.put(was);
  }
  EXPECT_EQ(store_->Get(account_, "a").value(), "hello");
}

TEST_F(FilesTest, ATornFileIsFound) {
  ASSERT_TRUE(store_->Put(account_, "a", std::string(1'000, 'x')));
  for (const std::uintmax_t size : {1'050U, 83U, 40U, 0U}) {
    std::filesystem::resize_file(PathOf("a"), size);
    EXPECT_EQ(store_->Get(account_, "a").error().code, ErrorCode::kDataLoss) << size;
  }
}

TEST_F(FilesTest, WhatACrashLeftBehindIsRemovedAndNeverSeen) {
  ASSERT_TRUE(store_->Put(account_, "a/b", "x"));
  const std::string left = folder_.File("objects") + "/.new/left";
  const std::string written = folder_.File("objects") + "/.new/written";
  std::ofstream(left) << "half";
  std::ofstream(written) << "half";
  std::filesystem::last_write_time(left,
                                   std::filesystem::file_time_type::clock::now() - std::chrono::minutes(61));
  EXPECT_EQ(store_->List(account_, "", "", 10)->size(), 1U);
  store_ = OpenFiles({.folder = folder_.File("objects")}).value();
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(written));  // by another process, right now
  EXPECT_EQ(store_->Get(account_, "a/b").value(), "x");
}

TEST_F(FilesTest, AFolderThatCannotBeMadeIsSaid) {
  std::ofstream(folder_.File("file")) << "x";
  const auto opened = OpenFiles({.folder = folder_.File("file") + "/objects"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace elevaite::objects
