// The OpenAI chat completions dialect, as its many compatible servers speak it: requests and answers as
// values, no I/O. Source: the public API reference of POST /v1/chat/completions, as of 2025; servers differ
// in the details, so reading is lenient.
#pragma once

#include <string>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::models::openai {

// From {prompt | messages, model?, schema?, temperature?, max_tokens?}. kInvalidArgument when neither prompt
// nor messages fit.
Result<Json> ChatRequest(const Json& arguments, const std::string& default_model);

// To {text, value?, model, finish_reason, usage: {input_tokens, output_tokens}}. `wants_value`: the text must
// be JSON (a schema was given). kUnavailable when the answer is not of the dialect or the text is not JSON:
// asking again may help.
Result<Json> ChatAnswer(const Json& response, bool wants_value);

}  // namespace elevaite::models::openai
