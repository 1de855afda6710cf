// Compile and run times of 50 filters on a 1 KB input, the best of several rounds each, beside libjq's,
// filter by filter in turns. Prints the median and the slowest in microseconds, as one JSON object; with an
// argument, a line for each filter instead: compile, run, libjq's compile, libjq's run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/jq/libjq.h"
#include "dsl/jq/jq.h"

namespace {

using elevaite::Json;
namespace jq = elevaite::jq;

constexpr const char* kInput =
    R"({"order":{"id":9007199254740993,"status":"open","total":181.5,"currency":"EUR","customer":{"name":
"Ada Byron","email":"ada@example.org","tier":"gold","tags":["early","b2b"],"address":{"city":"London","zip":"W1","country":"GB"}},
"created":"2026-03-05T23:51:47Z","items":[{"sku":"A-1","name":"Keyboard","price":49.5,"quantity":1,"tags":["usb","black"]},{"sku":
"B-2","name":"Mouse","price":20,"quantity":2,"tags":["usb"]},{"sku":"C-3","name":"Monitor","price":80,"quantity":1,"tags":[]},{"sku":
"D-4","name":"Cable","price":3,"quantity":4,"tags":["usb","spare"]}],"notes":null,"paid":false,"history":[{"at":1,"to":"draft"},
{"at":5,"to":"open"}]},"user":{"id":"u_42","roles":["admin","buyer"],"limits":{"daily":500,"monthly":5000}},"meta":{"trace":"4bf92f35",
"retries":0,"source":"web","flags":{"beta":true,"dark":false},"scores":[3,1,4,1,5,9,2,6]}})";

constexpr const char* kFilters[] = {
    ".order.id",
    ".order.customer.address.city",
    ".order.items[0].price",
    ".order.items[-1].name",
    ".order.items[1:3]",
    ".order.notes // \"none\"",
    ".meta.flags.beta and (.order.paid | not)",
    ".order.total > 100",
    ".order.status == \"open\"",
    ".order.total * 1.2 + 5",
    "[.order.items[].price]",
    "[.order.items[] | .price * .quantity] | add",
    ".order.items | map(.name)",
    ".order.items | map(select(.price > 10))",
    ".order.items | map(select(.tags | index(\"usb\"))) | length",
    ".order.items | map({sku, total: (.price * .quantity)})",
    "[.order.items[] | select(.quantity > 1) | .sku]",
    ".order.items | length",
    ".meta.scores | sort",
    ".meta.scores | unique | length",
    ".meta.scores | max",
    ".order.items | sort_by(.price) | .[0].name",
    ".order.items | group_by(.quantity) | length",
    ".order.items | min_by(.price).sku",
    "reduce .order.items[] as $i (0; . + $i.price * $i.quantity)",
    "[foreach .meta.scores[] as $s (0; . + $s)]",
    "{id: .order.id, customer: .order.customer.name, city: .order.customer.address.city}",
    "\"Order \\(.order.id) of \\(.order.customer.name)\"",
    ".order.customer.name | ascii_downcase",
    ".order.customer.email | split(\"@\") | .[1]",
    ".order.customer.tags | join(\", \")",
    ".order.customer.email | test(\"^[a-z]+@\")",
    ".order.customer.name | ltrimstr(\"Ada \")",
    ".user.roles | any(. == \"admin\")",
    ".user.roles | contains([\"buyer\"])",
    ".user.limits | to_entries | map(.value) | add",
    ".user.limits | with_entries(.value += 1)",
    ".user.limits | keys",
    ".order | has(\"notes\")",
    ".order | del(.items, .history)",
    ".order.status = \"closed\" | .order.status",
    ".order.customer.tier |= ascii_upcase | .order.customer.tier",
    "if .order.total > 100 then \"large\" elif .order.total > 10 then \"medium\" else \"small\" end",
    ".order.items as [$first, $second] | $first.price - $second.price",
    "try error(\"x\") catch .",
    ".order.missing?.deeper?",
    "[.order.history[] | .to] | last",
    ".order.created | fromdate",
    "first(.order.items[] | select(.price < 30)) | .sku",
    "[limit(3; .meta.scores[])] | tojson",
};

double Microseconds(std::chrono::steady_clock::duration time, int rounds) {
  return std::chrono::duration<double, std::micro>(time).count() / rounds;
}

// The mean of the best of `batches` batches.
template <class F>
double Measure(int batches, int rounds, F&& work) {
  double best = 1e9;
  for (int batch = 0; batch < batches; ++batch) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) work();
    best = std::min(best, Microseconds(std::chrono::steady_clock::now() - start, rounds));
  }
  return best;
}

double At(std::vector<double> times, double part) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
}

struct Times {
  std::vector<double> compile;
  std::vector<double> run;
};

void Print(const char* prefix, const Times& times) {
  std::printf(R"("%scompile_p50_us":%.3f,"%scompile_max_us":%.3f,"%srun_p50_us":%.3f,"%srun_max_us":%.3f)",
              prefix, At(times.compile, 0.5), prefix, At(times.compile, 1), prefix, At(times.run, 0.5),
              prefix, At(times.run, 1));
}

}  // namespace

int main(int argc, char**) {
  std::string text = kInput;
  std::erase(text, '\n');
  const Json input = elevaite::ParseJson(text).value();
  Times ours;
  Times peer;
  for (const char* filter : kFilters) {
    const auto program = jq::Program::Compile(filter);
    if (!program) {
      std::printf("%s: %s\n", filter, program.error().message.c_str());
      return 1;
    }
    ours.compile.push_back(Measure(5, 300, [&] { (void)jq::Program::Compile(filter); }));
    ours.run.push_back(Measure(5, 2000, [&] {
      if (!jq::EvaluateFirst(*program, input, {}, {})) std::abort();
    }));
    bench::LibjqProgram other(filter, text);
    peer.compile.push_back(Measure(2, 2, [&] { bench::LibjqProgram::Compile(filter); }));
    peer.run.push_back(Measure(5, 2000, [&] { other.RunFirst(); }));
    if (argc > 1) {
      std::printf("%7.2f %7.2f %9.2f %7.2f  %s\n", ours.compile.back(), ours.run.back(), peer.compile.back(),
                  peer.run.back(), filter);
    }
  }
  if (argc > 1) return 0;
  std::printf("{");
  Print("", ours);
  std::printf(",");
  Print("libjq_", peer);
  std::printf("}\n");
}
