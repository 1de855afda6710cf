#include "infra/secrets/secrets.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "infra/secrets/contract_test.h"
#include "infra/secrets/environment.h"
#include "infra/secrets/files.h"

namespace elevaite::secrets {
namespace {

namespace fs = std::filesystem;

class Folder final : public Store {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "elevaite-secrets-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() override {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  void Put(const std::string& name, const std::string& text) override {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
    ::chmod((path + "/" + name).c_str(), 0600);
  }
  std::unique_ptr<SecretSource> Open() override { return FromFiles(path, clock); }

  std::string path;
  SimulatedClock clock;
};

class Variables final : public Store {
 public:
  void Put(const std::string& name, const std::string& text) override {
    std::string upper(name);
    for (char& c : upper) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
    environment_.push_back("ELEVAITE_SECRET_" + upper + "=" + text);
  }
  std::unique_ptr<SecretSource> Open() override { return FromEnvironment(environment_); }

 private:
  std::vector<std::string> environment_{"PATH=/bin", "ELEVAITE_SECRET_"};
};

INSTANTIATE_TEST_SUITE_P(Adapters, SecretContract,
                         testing::Values(Adapter{"Files", [] { return std::make_unique<Folder>(); }},
                                         Adapter{"Environment",
                                                 [] { return std::make_unique<Variables>(); }}),
                         [](const auto& one) { return one.param.name; });

const AccountId kDefault = AccountId::Default();

TEST(SecretFiles, AnAccountHasAFolderOfItsOwn) {
  Folder folder;
  fs::create_directory(folder.path + "/acme");
  fs::create_directory(folder.path + "/default");
  folder.Put("acme/key", "of acme");
  folder.Put("default/key", "of the single account");
  folder.Put("key", "beside it");
  const auto source = folder.Open();
  EXPECT_EQ(source->Find(*AccountId::Parse("acme"), "key"), Json("of acme"));
  EXPECT_EQ(source->Find(kDefault, "key"), Json("of the single account"));
  EXPECT_FALSE(source->Find(kDefault, "acme"));
}

TEST(SecretFiles, RefusesFilesThatEverybodyMayRead) {
  Folder folder;
  folder.Put("key", "x");
  ::chmod((folder.path + "/key").c_str(), 0604);
  EXPECT_FALSE(folder.Open()->Find(kDefault, "key"));
  ::chmod((folder.path + "/key").c_str(), 0640);
  EXPECT_EQ(folder.Open()->Find(kDefault, "key"), Json("x"));
}

TEST(SecretFiles, RefusesWhatIsNoFile) {
  Folder folder;
  ASSERT_EQ(::mkfifo((folder.path + "/pipe").c_str(), 0600), 0);
  EXPECT_FALSE(folder.Open()->Find(kDefault, "pipe"));
}

TEST(SecretFiles, ReadsAgainAfterAWhile) {
  Folder folder;
  const auto source = folder.Open();
  EXPECT_FALSE(source->Find(kDefault, "key"));
  folder.Put("key", "first");
  EXPECT_FALSE(source->Find(kDefault, "key"));
  folder.clock.Advance(kFileValueLife);
  EXPECT_EQ(source->Find(kDefault, "key"), Json("first"));
  folder.Put("key", "second");
  EXPECT_EQ(source->Find(kDefault, "key"), Json("first"));
  folder.clock.Advance(kFileValueLife);
  EXPECT_EQ(source->Find(kDefault, "key"), Json("second"));
}

TEST(CombinedSecrets, TheFirstSourceThatHasItCounts) {
  Folder folder;
  folder.Put("a", "file");
  std::vector<std::unique_ptr<SecretSource>> sources;
  sources.push_back(folder.Open());
  sources.push_back(FromEnvironment({"ELEVAITE_SECRET_A=variable", "ELEVAITE_SECRET_B=variable"}));
  const auto both = Combine(std::move(sources));
  EXPECT_EQ(both->Find(kDefault, "a"), Json("file"));
  EXPECT_EQ(both->Find(kDefault, "b"), Json("variable"));
  EXPECT_FALSE(both->Find(kDefault, "c"));
}

}  // namespace
}  // namespace elevaite::secrets
