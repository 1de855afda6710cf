#include "services/workflow/people/files.h"

#include <gtest/gtest.h>

namespace elevaite::people {
namespace {

Json J(std::string_view text) { return ParseJson(text).value(); }

TEST(TaskFiles, AreWhatTheirFirstBytesSay) {
  EXPECT_EQ(TypeOf("%PDF-1.7 ..."), "application/pdf");
  EXPECT_EQ(TypeOf(std::string_view("\x89PNG\r\n\x1a\n....", 12)), "image/png");
  EXPECT_EQ(TypeOf("RIFF....WEBPVP8 "), "image/webp");
  EXPECT_EQ(TypeOf("<html><script>"), "text/plain");
  EXPECT_EQ(TypeOf(std::string_view("\0\1\2", 3)), "application/octet-stream");
}

TEST(TaskFiles, HaveNamesWithoutFolders) {
  EXPECT_EQ(CleanFileName("../../etc/passwd"), "passwd");
  EXPECT_EQ(CleanFileName("C:\\a\\b.pdf"), "b.pdf");
  EXPECT_EQ(CleanFileName("a\r\n\"b.pdf"), "ab.pdf");
  EXPECT_EQ(CleanFileName("Ü.pdf"), "Ü.pdf");
  EXPECT_EQ(CleanFileName(".."), "file");
  EXPECT_EQ(CleanFileName("\xff\xff"), "file");
  EXPECT_LE(CleanFileName(std::string(1'000, 'x')).size(), TaskFile::kNameBytesMax);
}

class PutFilesTest : public testing::Test {
 protected:
  std::string Put(std::string_view values) {
    answer_ = {.decision = "submit", .values = J(values), .comment = {}, .by = "ana"};
    std::string all;
    for (const FieldError& error : PutFiles(question_, {pdf_, png_}, "http://x", answer_))
      all += error.pointer + "; ";
    return all;
  }
  static TaskFile File(std::string type) {
    return {.id = TaskFileId::New(), .task = HumanTaskId::New(), .name = "n", .type = std::move(type)};
  }

  const TaskFile pdf_ = File("application/pdf");
  const TaskFile png_ = File("image/png");
  const Question question_ =
      Question::From("human.form", J(R"({"title": "t", "form": {"type": "object", "properties": {
    "photo": {"type": "string", "format": "file", "accept": ["image/*"]}, "name": {"type": "string"},
    "all": {"type": "array", "items": {"type": "string", "format": "file"}}}}})"),
                     0)
          .value();
  Answer answer_;
};

TEST_F(PutFilesTest, PutsFilesInPlaceOfTheirIds) {
  EXPECT_EQ(Put(R"({"photo": ")" + png_.id.ToString() + R"(", "name": "x", "all": [")" + pdf_.id.ToString() +
                "\"]}"),
            "");
  EXPECT_EQ(answer_.values["photo"]["type"], Json("image/png"));
  EXPECT_EQ(answer_.values["all"].At(0)["id"], Json(pdf_.id.ToString()));
  EXPECT_EQ(answer_.values["name"], Json("x"));
}

TEST_F(PutFilesTest, RefusesOthers) {
  EXPECT_EQ(Put(R"({"photo": ")" + pdf_.id.ToString() + "\"}"), "/values/photo; ");
  EXPECT_EQ(Put(R"({"all": ["fil_00000000000000000000000000"]})"), "/values/all/0; ");
}

}  // namespace
}  // namespace elevaite::people
