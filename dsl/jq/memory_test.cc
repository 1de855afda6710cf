// The budget of bytes bounds what an evaluation takes from the system: this test replaces operator new and
// measures.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "dsl/jq/jq.h"

namespace {
std::size_t held = 0;
std::size_t held_most = 0;
}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  held += malloc_usable_size(memory);
  held_most = std::max(held_most, held);
  return memory;
}
void operator delete(void* memory) noexcept {
  held -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace elevaite::jq {
namespace {

constexpr std::size_t kBytes = 8U << 20U;

// The most that was held while the filter ran, beyond what was held before.
std::size_t PeakOf(const Program& program, const Json& input) {
  const EvaluationOptions options{.budget = {.steps_max = 100'000'000,
                                             .bytes_max = kBytes,
                                             .time_max = std::chrono::milliseconds(60'000)}};
  const std::size_t before = held;
  held_most = held;
  EXPECT_EQ(EvaluateFirst(program, input, {}, options).error().kind, EvaluationError::Kind::kBudget)
      << program.text();
  return held_most - before;
}

TEST(JqMemory, StaysNearTheBudgetWhateverGrows) {
  const char* const kFilters[] = {
      "def f: 1 + f; f",                        // continuations
      "def f: f | f; f",                        //
      "def f: [f]; f",                          //
      "def f: {a: f}; f",                       //
      "def f: \"\\(f)\"; f",                    //
      "def f: try f catch 1; f",                // choices
      "def f: (f, 1); f",                       //
      "def f: label $x | f; f",                 //
      "def f: first(f); f",                     //
      "def f: f // 1; f",                       //
      "def f: reduce f as $i (0; 1); f",        //
      "def f: foreach f as $i (0; 1); f",       //
      "def f($a; $b): 1 + f($b; $a); f(1; 2)",  // environments
      "def f(g): f(g | g); f(1)",               // closures
      "def f(g): 1 + f(g, g); f(1)",            //
      "def f: . as $x | f | $x; f",             // variables
      "path(def f: .a | f; f)",                 // paths
      "def f: .a |= f; f",                      //
      "[repeat(1)]",                            // values
      "[range(1e9)]",                           //
      "[range(1e9) | [.]]",                     //
      "[range(1e9) | {a: .}]",                  //
      "[range(1e9) | tostring + \"0123456789abcdef\"]",
      "reduce range(1e9) as $i ({}; .[\"k\\($i)\"] = $i)",
      "reduce range(1e9) as $i ([]; . + [$i])",
      "reduce range(1e9) as $i (\"x\"; . + .)",
      "reduce range(1e9) as $i ({}; .list += [$i])",
      "reduce range(1e9) as $i (null; .a.b[$i].c = $i)",
      "{a: [range(300000)], b: [range(300000)], c: [range(300000)], d: [range(300000)], e: 1}",
      "[range(500000)] | . + ([range(500000)] | . + ([range(500000)] | . + ([range(500000)] | length)))",
      "[limit(1e9; repeat(\"x\" * 100000))] | add",
      "\"x\" * 1000000 | [limit(1000; repeat(.))] | @csv",
      "\"x\" * 1000000 | [limit(1000; repeat(.))] | @sh",
      "\"x\" * 1000000 | [limit(1000; repeat(.))] | join(\"\")",
      "[range(300000)] | group_by(.) | map(map(. + 1)) | . + . | . + . | sort",
      "[range(100000)] | [combinations(9)]",
      "\"x\" * 10000000 | [., explode] | tojson",
      "[limit(400000; repeat(1))] | tojson | [., explode, [splits(\",\")]] | tojson | explode",
      "[range(400000)] | tojson | fromjson | tostring | [match(\".\"; \"g\")]",
      "[range(100000) | {a: \"\\(.)\", b: .}] | map(to_entries) | flatten | map(from_entries?) | add",
      "\"x\" * 5000000 | @base64 | @uri | @json | @text | ascii_downcase | . + . | . + .",
      "\"x,\" * 2000000 | split(\",\") | map([.]) | unique",
  };
  for (const char* filter : kFilters) {
    const auto program = Program::Compile(filter);
    ASSERT_TRUE(program) << filter << ": " << program.error().message;
    const std::size_t peak = PeakOf(*program, Json());
    EXPECT_LT(peak, 2 * kBytes) << filter << ": " << (peak >> 20U) << " MiB";
  }
}

}  // namespace
}  // namespace elevaite::jq
