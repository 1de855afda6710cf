// The workflow that the benches of the language measure with.
#pragma once

#include <fmt/format.h>

#include <string>

namespace elevaite::bench {

// About as many tasks as asked for, of the kinds that real workflows have.
inline std::string WorkflowOf(int tasks) {
  std::string text =
      "document:\n  dsl: '1.0.3'\n  namespace: bench\n  name: bench\n  version: '1.0.0'\n"
      "use:\n  secrets: [key]\n  retries: {often: {delay: PT1S, limit: {attempt: {count: 5}}}}\ndo:\n";
  for (int i = 0; i < tasks; i += 10) {
    text += fmt::format(
        "  - load{0}:\n      call: http\n      with:\n        method: get\n        endpoint: "
        "https://example.com/orders/{{id}}\n"
        "        headers: {{accept: application/json, x-key: '${{ $secrets.key }}'}}\n"
        "        query: {{page: '${{ .page + {0} }}'}}\n"
        "      export: {{as: '$context + {{orders{0}: .}}'}}\n"
        "  - pick{0}:\n      if: .orders | length > {0}\n      set:\n        open: '${{ [.orders[] | "
        "select(.open)] }}'\n"
        "        total: '${{ [.orders[].price] | add }}'\n"
        "  - choose{0}:\n      switch:\n        - many: {{when: .total > {0}, then: each{0}}}\n        - "
        "few: {{then: continue}}\n"
        "  - each{0}:\n      for: {{each: order, in: .open}}\n      do:\n        - note{0}:\n"
        "            set: {{line: '${{ \"\\($index): \\($order.name) {0}\" }}'}}\n"
        "  - tell{0}:\n      emit: {{event: {{with: {{type: com.example.loaded, data: {{n: {0}}}}}}}}}\n"
        "  - hear{0}:\n      listen: {{to: {{one: {{with: {{type: com.example.answered, data: '${{ .n == {0} "
        "}}'}}}}}}}}\n"
        "      output: {{as: '.[0]'}}\n"
        "      timeout: {{after: PT1H}}\n"
        "  - safe{0}:\n      try:\n        - ask{0}: {{call: http, with: {{method: post, endpoint: "
        "'https://example.com/{0}', body: {{n: '${{ .n }}'}}}}}}\n"
        "      catch: {{errors: {{with: {{status: 503}}}}, retry: often}}\n"
        "  - rest{0}: {{wait: PT1S}}\n",
        i);
  }
  return text;
}

}  // namespace elevaite::bench
