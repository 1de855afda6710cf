#include "connectors/openapi/parameters.h"

#include <gtest/gtest.h>

namespace elevaite::connectors::openapi {
namespace {

// The examples of the table in OpenAPI 3.1, section 4.8.12.4, where they are supported.
std::string Written(std::string_view in, std::string_view more, const Json& value) {
  const auto parameter =
      ParseJson("{\"name\": \"color\", \"in\": \"" + std::string(in) + "\"" + std::string(more) + "}");
  EXPECT_TRUE(parameter) << more;
  Draft draft;
  draft.path = "/{color}";
  const auto written = WriteParameter(*parameter, value, draft);
  if (!written) return std::string(written.error().error["detail"].AsString());
  if (in == "path") return draft.path;
  if (in == "header") return std::string(draft.request.headers.Get("color"));
  return draft.query + draft.cookies + draft.form;
}

const Json kText = "blue";
const Json kList = Json::Array({"blue", "black", "brown"});
const Json kObject = Json::Object({{"R", 100}, {"G", 200}, {"B", 150}});

TEST(OpenApiParameters, AreWrittenAsTheStandardShows) {
  EXPECT_EQ(Written("path", "", kText), "/blue");
  EXPECT_EQ(Written("path", "", kList), "/blue,black,brown");
  EXPECT_EQ(Written("path", "", kObject), "/R,100,G,200,B,150");
  EXPECT_EQ(Written("path", R"(, "explode": true)", kObject), "/R=100,G=200,B=150");
  EXPECT_EQ(Written("header", "", kList), "blue,black,brown");
  EXPECT_EQ(Written("query", "", kText), "color=blue");
  EXPECT_EQ(Written("query", "", Json("")), "color=");
  EXPECT_EQ(Written("query", "", kList), "color=blue&color=black&color=brown");
  EXPECT_EQ(Written("query", "", kObject), "R=100&G=200&B=150");
  EXPECT_EQ(Written("query", R"(, "explode": false)", kList), "color=blue,black,brown");
  EXPECT_EQ(Written("query", R"(, "explode": false)", kObject), "color=R,100,G,200,B,150");
  EXPECT_EQ(Written("query", R"(, "style": "spaceDelimited")", kList), "color=blue%20black%20brown");
  EXPECT_EQ(Written("query", R"(, "style": "pipeDelimited")", kList), "color=blue%7Cblack%7Cbrown");
  EXPECT_EQ(Written("query", R"(, "style": "deepObject", "explode": true)", kObject),
            "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150");
  EXPECT_EQ(Written("query", R"(, "content": {"application/json": {}})", Json::Object({{"a", 1}})),
            "color=%7B%22a%22%3A1%7D");
  EXPECT_EQ(Written("cookie", "", kList), "color=blue; color=black; color=brown");
}

TEST(OpenApiParameters, AreWrittenAsSwaggerShows) {
  EXPECT_EQ(Written("query", R"(, "type": "array")", kList), "color=blue,black,brown");
  EXPECT_EQ(Written("query", R"(, "type": "array", "collectionFormat": "ssv")", kList),
            "color=blue%20black%20brown");
  EXPECT_EQ(Written("query", R"(, "type": "array", "collectionFormat": "tsv")", kList),
            "color=blue%09black%09brown");
  EXPECT_EQ(Written("query", R"(, "type": "array", "collectionFormat": "multi")", kList),
            "color=blue&color=black&color=brown");
  EXPECT_EQ(Written("formData", R"(, "type": "string")", kText), "color=blue");
}

TEST(OpenApiParameters, CannotBreakOutOfTheirPlace) {
  EXPECT_EQ(Written("path", "", Json("a/../b?c#d")), "/a%2F..%2Fb%3Fc%23d");
  EXPECT_EQ(Written("path", "", Json("..")), "the parameter 'color' cannot be '..' within a path");
  EXPECT_EQ(Written("path", "", Json("")), "the parameter 'color' cannot be '' within a path");
  EXPECT_EQ(Written("path", "", Json("{color}")), "/%7Bcolor%7D");
  EXPECT_EQ(Written("query", "", Json("a&b=c")), "color=a%26b%3Dc");
  EXPECT_EQ(Written("header", "", Json("a\r\nx: y")), "a  x: y");
  EXPECT_EQ(Written("cookie", "", Json("a; b=c")), "color=a%3B%20b%3Dc");
}

TEST(OpenApiParameters, SayWhatIsNotSupported) {
  EXPECT_EQ(Written("path", R"(, "style": "matrix")", kText),
            "the style 'matrix' of the parameter 'color' is not supported");
  EXPECT_EQ(Written("cookie", R"(, "style": "deepObject")", kText),
            "the style 'deepObject' of the parameter 'color' is not supported");
  EXPECT_EQ(Written("trailer", "", kText), "the parameter 'color' stands in 'trailer', which is not known");
}

TEST(OpenApiParameters, AFormHasItsMembers) {
  EXPECT_EQ(WriteForm(Json::Object({{"a b", "x&y"}, {"n", nullptr}, {"l", Json::Array({1, 2})}})),
            "a%20b=x%26y&l=1&l=2");
}

}  // namespace
}  // namespace elevaite::connectors::openapi
