// dev sim: plays many seeds on all cores. The first that fails is made smaller and printed, with the command
// that plays it again.
//
//   engine_sim [--seeds N] [--seed FIRST] [--mutation NAME] [--threads N] [--trace] [--no-shrink]
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/simulation/run.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/shrink.h"
#include "foundation/log.h"

namespace elevaite::simulation {
namespace {

struct Arguments {
  std::uint64_t seeds = 2'000;
  std::uint64_t first = 1;
  Mutation mutation = Mutation::kNone;
  unsigned threads = std::thread::hardware_concurrency();
  bool shows_trace = false;
  bool shrinks = true;
};

[[noreturn]] void Usage() {
  std::fprintf(stderr,
               "usage: engine_sim [--seeds N] [--seed FIRST] [--mutation NAME] [--threads N] [--trace] "
               "[--no-shrink]\nmutations:");
  for (const MutationName& one : kMutations) std::fprintf(stderr, " %s", std::string(one.name).c_str());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

std::uint64_t NumberFrom(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) Usage();
  return number;
}

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace") {
      arguments.shows_trace = true;
    } else if (name == "--no-shrink") {
      arguments.shrinks = false;
    } else if (i + 1 == argc) {
      Usage();
    } else if (name == "--seeds") {
      arguments.seeds = NumberFrom(argv[++i]);
    } else if (name == "--seed") {
      arguments.first = NumberFrom(argv[++i]);
    } else if (name == "--threads") {
      arguments.threads = static_cast<unsigned>(NumberFrom(argv[++i]));
    } else if (name == "--mutation") {
      const auto mutation = MutationFromName(argv[++i]);
      if (!mutation) Usage();
      arguments.mutation = *mutation;
    } else {
      Usage();
    }
  }
  return arguments;
}

// A broken invariant (CHECK) ends the process: then this says which seed it was.
thread_local std::uint64_t current_seed = 0;
void TellSeed(int) {
  char text[96];
  const int length = std::snprintf(text, sizeof(text), "the engine gave up in seed %llu\n",
                                   static_cast<unsigned long long>(current_seed));
  if (write(2, text, static_cast<std::size_t>(length)) < 0) std::_Exit(4);
  std::_Exit(3);
}

// Ctrl-C ends the campaign with what it has.
std::atomic<bool> interrupted{false};
void Interrupt(int) { interrupted = true; }

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments) : arguments_(arguments) {}

  int Play() {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(arguments_.threads, 1U); ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    Summarize(seconds);
    if (!failed_) return 0;
    Explain(*failed_);
    return 1;
  }

 private:
  void Work() {
    Coverage coverage;
    std::uint64_t played = 0;
    while (!stop_ && !interrupted) {
      const std::uint64_t index = next_++;
      if (index >= arguments_.seeds) break;
      current_seed = arguments_.first + index;
      const auto report = PlayScenario(MakeScenario(current_seed), {.mutation = arguments_.mutation});
      ++played;
      if (report) coverage.Add(report->coverage);
      if (report && !report->violation) continue;
      const std::scoped_lock lock(mutex_);
      stop_ = true;
      if (!failed_ || current_seed < *failed_) failed_ = current_seed;
    }
    const std::scoped_lock lock(mutex_);
    played_ += played;
    coverage_.Add(coverage);
  }

  void Summarize(double seconds) const {
    const Coverage& c = coverage_;
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "%llu seeds in %.1f s (%.0f a second): %llu steps, %llu crashes (%llu inside a step), "
        "%llu drains, %llu partitions taken over (%llu late writes refused)\n",
        number(played_), seconds, static_cast<double>(played_) / seconds, number(c.steps), number(c.crashes),
        number(c.crashes_inside_steps), number(c.drains), number(c.takeovers), number(c.refused));
    std::printf(
        "%llu executions (%llu completed, %llu faulted, %llu cancelled, %llu held for a time, %llu "
        "forks), %llu journaled events; %llu compared with the reference\n",
        number(c.executions), number(c.completed), number(c.faulted), number(c.cancelled), number(c.held),
        number(c.forks), number(c.events), number(c.compared));
  }

  void Explain(std::uint64_t seed) const {
    const Scenario whole = MakeScenario(seed);
    const RunOptions options{.mutation = arguments_.mutation};
    const auto report = PlayScenario(whole, options);
    if (!report) {
      std::printf("seed %llu: %s\n%s\n", static_cast<unsigned long long>(seed),
                  report.error().message.c_str(), whole.workflows.back().document.DumpPretty().c_str());
      return;
    }
    const Scenario small = arguments_.shrinks ? Shrink(whole, *report->violation, options) : whole;
    std::fputs(Describe(small, options).c_str(), stdout);
    std::printf("to play it again: ./dev sim --seeds 1 --seed %llu\n", static_cast<unsigned long long>(seed));
  }

  const Arguments& arguments_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // for all below
  std::uint64_t played_ = 0;
  Coverage coverage_;
  std::optional<std::uint64_t> failed_;
};

}  // namespace
}  // namespace elevaite::simulation

int main(int argc, char** argv) {
  std::signal(SIGABRT, elevaite::simulation::TellSeed);
  std::signal(SIGSEGV, elevaite::simulation::TellSeed);
  std::signal(SIGINT, elevaite::simulation::Interrupt);
  std::signal(SIGTERM, elevaite::simulation::Interrupt);
  const auto arguments = elevaite::simulation::Parse(argc, argv);
  elevaite::SetLogLevel(elevaite::LogLevel::kOff);  // the engine's own words are of no time and no node
  return elevaite::simulation::Campaign(arguments).Play();
}
