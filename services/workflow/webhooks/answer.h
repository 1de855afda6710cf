// What the caller of a webhook is told.
#pragma once

#include "engine/engine.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "net/http.h"
#include "services/workflow/webhooks/webhook.h"

namespace elevaite::workflow {

// It has been started, or had been before, and goes on.
net::Response AcceptedAnswer(const ExecutionId& id, bool is_new);

// It has ended. kInternal, with the reason in `detail`: the mapping cannot be made from this output.
Result<net::Response> EndedAnswer(const Answer& answer, const engine::Outcome& outcome, const ExecutionId& id,
                                  bool is_new, const Json& request);

// How long an expression of a webhook may take, and how much it may hold.
inline constexpr jq::Budget kWebhookBudget{.steps_max = 2'000'000,
                                           .bytes_max = 64U << 20U,
                                           .outputs_max = 10'000,
                                           .time_max = std::chrono::milliseconds(500)};

}  // namespace elevaite::workflow
