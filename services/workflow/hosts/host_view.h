// What people and other nodes see of hosts, as JSON.
#pragma once

#include "foundation/json.h"
#include "foundation/result.h"
#include "services/workflow/hosts/host_calls.h"
#include "services/workflow/hosts/host_store.h"

namespace elevaite::hosts {

Json HostJson(const HostCalls::View& view);
Json CallJson(const HostCalls::CallView& call);
Json RuleJson(const StoredRule& rule);

// Of the same host on two nodes: sums, and of the circuits the one that is worse.
HostCalls::View Together(const HostCalls::View& one, const HostCalls::View& other);

// Between nodes.
Json ToWire(const HostCalls::View& view);
HostCalls::View ViewFromWire(const Json& json);
Json ToWire(const HostCalls::CallView& call);
Result<HostCalls::CallView> CallFromWire(const Json& json);

}  // namespace elevaite::hosts
