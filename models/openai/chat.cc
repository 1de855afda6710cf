#include "models/openai/chat.h"

namespace elevaite::models::openai {
namespace {

Result<Json> MessagesFrom(const Json& arguments) {
  if (arguments["messages"].IsArray() && arguments["messages"].Size() > 0) return arguments["messages"];
  if (arguments["prompt"].IsString()) {
    return Json::Array({Json::Object({{"role", "user"}, {"content", arguments["prompt"]}})});
  }
  return Fail(ErrorCode::kInvalidArgument,
              "give `prompt` (a text) or `messages` (a list of {role, content})");
}

// Models like to wrap JSON into a code block.
std::string_view WithoutFence(std::string_view text) {
  const auto trim = [](std::string_view t) {
    const std::size_t begin = t.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return std::string_view();
    return t.substr(begin, t.find_last_not_of(" \t\r\n") - begin + 1);
  };
  text = trim(text);
  if (!text.starts_with("```") || !text.ends_with("```") || text.size() < 6) return text;
  text = text.substr(0, text.size() - 3);
  return trim(text.substr(std::min(text.find('\n'), text.size())));
}

}  // namespace

Result<Json> ChatRequest(const Json& arguments, const std::string& default_model) {
  ASSIGN_OR_RETURN(const Json messages, MessagesFrom(arguments));
  std::vector<Json::Member> members{{"model", arguments["model"].StringOr(default_model)},
                                    {"messages", messages}};
  for (const char* name : {"temperature", "max_tokens"}) {
    if (arguments[name].IsNumber()) members.emplace_back(name, arguments[name]);
  }
  if (arguments["schema"].IsObject()) {
    const Json schema = Json::Object({{"name", "answer"}, {"schema", arguments["schema"]}, {"strict", true}});
    members.emplace_back("response_format", Json::Object({{"type", "json_schema"}, {"json_schema", schema}}));
  }
  return Json::Object(std::move(members));
}

Result<Json> ChatAnswer(const Json& response, bool wants_value) {
  const Json& choice = response["choices"].At(0);
  const Json& content = choice["message"]["content"];
  if (!content.IsString()) return Fail(ErrorCode::kUnavailable, "the model's answer has no text");
  std::vector<Json::Member> members{{"text", content}};
  if (wants_value) {
    auto value = ParseJson(WithoutFence(content.AsString()), {.allow_duplicate_keys = true});
    if (!value)
      return Fail(ErrorCode::kUnavailable, "the model did not answer with JSON: " + value.error().message);
    members.emplace_back("value", *std::move(value));
  }
  members.emplace_back("model", response["model"]);
  members.emplace_back("finish_reason", choice["finish_reason"]);
  members.emplace_back("usage", Json::Object({{"input_tokens", response["usage"]["prompt_tokens"]},
                                              {"output_tokens", response["usage"]["completion_tokens"]}}));
  return Json::Object(std::move(members));
}

}  // namespace elevaite::models::openai
