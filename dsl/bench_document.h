// The document that the benchmarks measure with.
#pragma once

#include <fmt/format.h>

#include <string>

namespace elevaite::dsl {

// About as many tasks as asked for, of the kinds that real workflows have.
inline std::string BenchDocument(int tasks) {
  std::string text =
      "document:\n  dsl: '1.0.3'\n  namespace: bench\n  name: bench\n  version: '1.0.0'\ndo:\n";
  for (int i = 0; i < tasks; i += 5) {
    text += fmt::format(
        "  - load{0}:\n      call: http\n      with:\n        method: get\n        endpoint: "
        "https://example.com/orders/{{id}}\n"
        "        headers: {{accept: application/json}}\n        query: {{page: '${{ .page + {0} }}'}}\n"
        "      export: {{as: '$context + {{orders{0}: .}}'}}\n"
        "  - pick{0}:\n      if: .orders | length > {0}\n      set:\n        open: '${{ [.orders[] | "
        "select(.open)] }}'\n"
        "        total: '${{ [.orders[].price] | add }}'\n"
        "  - choose{0}:\n      switch:\n        - many: {{when: .total > {0}, then: each{0}}}\n        - "
        "few: {{then: continue}}\n"
        "  - each{0}:\n      for: {{each: order, in: .open}}\n      do:\n        - note{0}:\n"
        "            set: {{line: '${{ \"\\($index): \\($order.name) {0}\" }}'}}\n",
        i);
  }
  return text;
}

}  // namespace elevaite::dsl
