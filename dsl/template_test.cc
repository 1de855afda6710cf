#include "dsl/template.h"

#include <gtest/gtest.h>

#include <map>

namespace elevaite::dsl {
namespace {

class MapScope : public Scope {
 public:
  explicit MapScope(std::map<std::string, Json, std::less<>> values) : values_(std::move(values)) {}
  Json Variable(std::string_view name) const override {
    asked.emplace_back(name);
    const auto found = values_.find(name);
    return found == values_.end() ? Json() : found->second;
  }
  mutable std::vector<std::string> asked;

 private:
  std::map<std::string, Json, std::less<>> values_;
};

Expression Jq(std::string_view text) {
  auto program = jq::Program::Compile(text, {.variables = {"context", "item", "secrets"}});
  CHECK(program.has_value());
  return Expression(*program);
}

TEST(Template, AsksOnlyForVariablesThatOccur) {
  const MapScope scope({{"context", Json::Object({{"limit", 5}})}, {"item", 7}});
  EXPECT_TRUE(Jq("$item > .min").Test(Json::Object({{"min", 3}}), {scope, {}}).value());
  EXPECT_EQ(scope.asked, std::vector<std::string>{"item"});
}

TEST(Template, TruthIsJqs) {
  const MapScope scope({});
  EXPECT_FALSE(Jq("null").Test({}, {scope, {}}).value());
  EXPECT_FALSE(Jq("false").Test({}, {scope, {}}).value());
  EXPECT_FALSE(Jq("empty").Test({}, {scope, {}}).value());
  EXPECT_TRUE(Jq("0").Test({}, {scope, {}}).value());
}

TEST(Template, FillsExpressionsInAnywhere) {
  const MapScope scope({{"context", Json::Object({{"name", "Ada"}})}});
  const Template filled =
      Template::Object({{"fixed", Template::Literal(1)},
                        {"list", Template::Array({Template::Computed(Jq(".a")), Template::Literal("x"),
                                                  Template::Computed(Jq("$context.name"))})}});
  EXPECT_FALSE(filled.IsLiteral());
  EXPECT_EQ(filled.Evaluate(Json::Object({{"a", 2}}), {scope, {}}).value().Dump(),
            R"({"fixed":1,"list":[2,"x","Ada"]})");
}

TEST(Template, OfLiteralsIsALiteral) {
  const Template literal =
      Template::Array({Template::Literal(1), Template::Object({{"a", Template::Literal(2)}})});
  ASSERT_TRUE(literal.IsLiteral());
  EXPECT_EQ(literal.literal()->Dump(), R"([1,{"a":2}])");
  EXPECT_EQ(literal.expression(), nullptr);
}

TEST(Template, TellsWhichExpressionFailed) {
  const MapScope scope({});
  const auto result =
      Template::Array({Template::Computed(Jq(".a.b"))}).Evaluate(Json::Object({{"a", 1}}), {scope, {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().expression, ".a.b");
  EXPECT_EQ(result.error().message, "jq: Cannot index number with string (\"b\")");
}

TEST(Template, HidesSecretsFromThoseWhoWriteThemDown) {
  const MapScope scope({{"secrets", Json::Object({{"key", "hunter2"}})}});
  const Template headers =
      Template::Object({{"authorization", Template::Computed(Jq("\"Bearer \" + $secrets.key"))},
                        {"accept", Template::Literal("text/plain")},
                        {"login", Template::Secret(Template::Literal("letmein"))}});

  EXPECT_TRUE(headers.HoldsSecrets());
  const Json all = headers.Evaluate({}, {scope, {}}).value();
  EXPECT_EQ(all["authorization"], Json("Bearer hunter2"));
  EXPECT_EQ(all["login"], Json("letmein"));
  const Json visible = headers.EvaluateVisible({}, {scope, {}}).value();
  EXPECT_EQ(visible["authorization"], Json("(secret)"));
  EXPECT_EQ(visible["accept"], Json("text/plain"));
  EXPECT_EQ(visible["login"], Json("(secret)"));
}

TEST(Template, FailuresOfExpressionsWithSecretsDoNotQuoteThem) {
  const MapScope scope({{"secrets", Json::Object({{"key", "hunter2"}})}});
  const auto failed = Jq("$secrets.key | tonumber").Evaluate({}, {scope, {}});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message.find("hunter2"), std::string::npos);
}

TEST(Template, LooseTextsStayWhenTheyAreNoExpressions) {
  const MapScope scope({});
  const Template path = Template::Loose(Jq(".a.b"), ".a.b");
  EXPECT_EQ(path.Evaluate(Json::Object({{"a", Json::Object({{"b", 1}})}}), {scope, {}}).value(), Json(1));
  EXPECT_EQ(path.Evaluate(Json::Object({{"a", 7}}), {scope, {}}).value(), Json(".a.b"));
}

}  // namespace
}  // namespace elevaite::dsl
