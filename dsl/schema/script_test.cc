// Runs the scripts of testdata/. A line each:
//   schema {...}      compiled; what follows is about it
//   error /at text    instead: it must not compile, with this pointer ('.' for the top) and message
//   valid JSON        obeys
//   invalid JSON      does not; the lines `- /at /keyword text` behind it are all violations, in order
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "dsl/schema/schema.h"

namespace elevaite::schema {
namespace {

std::string Pointer(const std::string& pointer) { return pointer.empty() ? "." : pointer; }

class Script {
 public:
  explicit Script(const std::filesystem::path& path) : path_(path) {}

  std::size_t Run() {
    std::ifstream in(path_);
    for (std::string text; std::getline(in, text);) {
      ++line_;
      if (!text.starts_with("- ")) CheckViolations();
      if (!text.empty() && !text.starts_with('#')) Line(text);
    }
    CheckViolations();
    return count_;
  }

 private:
  void Line(const std::string& text) {
    const auto blank = text.find(' ');
    const std::string word = text.substr(0, blank);
    const std::string rest = text.substr(blank + 1);
    if (word == "-") {
      expected_.push_back(rest);
    } else if (word == "schema") {
      auto compiled = Schema::Compile(Read(rest), {.assert_formats = true});
      error_ = compiled ? "" : Pointer(compiled.error().pointer) + " " + compiled.error().message;
      schema_ = compiled ? std::optional(*std::move(compiled)) : std::nullopt;
    } else if (word == "error") {
      ++count_;
      EXPECT_EQ(error_, rest) << path_ << ":" << line_;
    } else if (word == "valid") {
      ++count_;
      if (Ready()) EXPECT_EQ(Describe(schema_->Validate(Read(rest))), std::vector<std::string>{}) << Where();
    } else if (word == "invalid") {
      ++count_;
      if (Ready()) found_ = Describe(schema_->Validate(Read(rest)));
      where_ = Where();
    } else {
      ADD_FAILURE() << Where() << ": unknown word " << word;
    }
  }

  void CheckViolations() {
    if (found_) {
      EXPECT_FALSE(found_->empty()) << where_ << ": it is valid";
      if (!expected_.empty()) EXPECT_EQ(*found_, expected_) << where_;
    }
    found_.reset();
    expected_.clear();
  }

  static std::vector<std::string> Describe(const std::vector<Violation>& violations) {
    std::vector<std::string> lines;
    for (const Violation& one : violations)
      lines.push_back(Pointer(one.instance_pointer) + " " + Pointer(one.schema_pointer) + " " + one.message);
    return lines;
  }

  bool Ready() {
    EXPECT_TRUE(schema_) << Where() << ": the schema does not compile: " << error_;
    return schema_.has_value();
  }
  Json Read(const std::string& text) {
    auto value = ParseJson(text);
    EXPECT_TRUE(value) << Where() << ": " << (value ? "" : value.error().message);
    return value.value_or(Json());
  }
  std::string Where() const { return path_.filename().string() + ":" + std::to_string(line_); }

  std::filesystem::path path_;
  std::size_t line_ = 0;
  std::size_t count_ = 0;
  std::optional<Schema> schema_;
  std::string error_;
  std::optional<std::vector<std::string>> found_;
  std::vector<std::string> expected_;
  std::string where_;
};

TEST(SchemaScripts, AllPass) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SCHEMA_TESTDATA)) {
    if (entry.path().extension() == ".test") count += Script(entry.path()).Run();
  }
  EXPECT_GE(count, 100U);
}

}  // namespace
}  // namespace elevaite::schema
