// Compares our jq with the jq command of this machine on random filters and inputs.
//
//   dsl_jq_differential [--seconds N | --cases N] [--seed N] [--verbose 1]
//
// Prints each difference with what is needed to see it again; exit code 1 if there was one, 77 without jq.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "dsl/jq/differential/generator.h"
#include "dsl/jq/differential/oracle.h"
#include "dsl/jq/jq.h"

namespace elevaite::jq {
namespace {

// Our outputs, as AskJq has them; nullopt: over the budget.
std::optional<Json> Ours(const DifferentialCase& one, std::string& refused) {
  const auto program = Program::Compile(one.filter);
  if (!program) {
    refused = program.error().message;
    return std::nullopt;
  }
  Evaluation run(*program, one.input, {}, {.budget = {.steps_max = 2'000'000, .bytes_max = 64U << 20U}});
  std::vector<Json> outputs;
  while (outputs.size() < static_cast<std::size_t>(kOutputsCompared)) {
    auto next = run.Next();
    if (!next) {
      if (next.error().kind != EvaluationError::Kind::kRaised) return std::nullopt;
      outputs.push_back(Json::Object({{"e", next.error().value}}));
      break;
    }
    if (!*next) break;
    outputs.push_back(Json::Object({{"o", **next}}));
  }
  return Json::Array(std::move(outputs));
}

// Messages show the values concerned, and more of them since 1.7.
bool SameMessage(std::string_view ours, std::string_view theirs) {
  static constexpr std::string_view kReworded[][2] = {
      {"ascii_upcase input must be a string", "explode input must be a string"},
      {"ascii_downcase input must be a string", "explode input must be a string"},
      {"Cannot update string slices", "Cannot update field at object index of string"},
  };
  const auto start = [](std::string_view message) {
    message = message.substr(0, message.find_first_of("(\"0123456789"));
    return message.substr(0, message.find_last_not_of(' ') + 1);
  };
  ours = start(ours);
  theirs = start(theirs);
  return ours == theirs || std::ranges::any_of(kReworded, [&](const auto& pair) {
           return ours.starts_with(pair[0]) && theirs.starts_with(pair[1]);
         });
}

bool Same(const Json& ours, const Json& theirs) {
  if (ours.Size() != theirs.Size()) return false;
  for (std::size_t i = 0; i < ours.Size(); ++i) {
    const Json& a = ours.At(i);
    const Json& b = theirs.At(i);
    if (a == b) continue;
    if (!a["e"].IsString() || !b["e"].IsString()) return false;
    if (!SameMessage(a["e"].AsString(), b["e"].AsString())) return false;
  }
  return true;
}

struct Totals {
  std::size_t compared = 0;
  std::size_t differences = 0;
  std::size_t unanswered = 0;  // jq 1.6 hangs, crashes or refuses, or our budget ended
};

void CompareBatch(const std::string& folder, const std::vector<DifferentialCase>& cases, Totals& totals,
                  bool verbose) {
  const auto answers = AskJq(folder, cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::string refused;
    const std::optional<Json> ours = Ours(cases[i], refused);
    if (!answers[i] || (!ours && refused.empty())) {
      ++totals.unanswered;
      if (verbose) std::printf("without an answer: %s\n", cases[i].filter.c_str());
      continue;
    }
    ++totals.compared;
    if (ours && Same(*ours, *answers[i])) continue;
    ++totals.differences;
    std::printf("filter  %s\ninput   %s\nours    %s\njq      %s\n\n", cases[i].filter.c_str(),
                cases[i].input.Dump().c_str(), ours ? ours->Dump().c_str() : refused.c_str(),
                answers[i]->Dump().c_str());
  }
}

int Compare(std::uint64_t seed, std::size_t cases_max, std::chrono::seconds time_max, bool verbose) {
  if (!HaveJq()) {
    std::puts("there is no jq command");
    return 77;
  }
  std::string folder = std::filesystem::temp_directory_path() / "jq-differential-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  constexpr std::size_t kBatch = 50;
  Totals totals;
  Generator generator(seed);
  const auto start = std::chrono::steady_clock::now();
  while (totals.compared + totals.unanswered < cases_max &&
         std::chrono::steady_clock::now() - start < time_max) {
    std::vector<DifferentialCase> cases;
    for (std::size_t i = 0; i < kBatch; ++i) cases.push_back({generator.Filter(), generator.Value()});
    CompareBatch(folder, cases, totals, verbose);
  }
  std::filesystem::remove_all(folder);
  std::printf("seed %llu: %zu compared, %zu differ, %zu without an answer\n",
              static_cast<unsigned long long>(seed), totals.compared, totals.differences, totals.unanswered);
  return totals.differences == 0 && totals.compared * 10 >= totals.unanswered * 90 ? 0 : 1;
}

}  // namespace
}  // namespace elevaite::jq

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--seed", "1"}};
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  const auto number = [&options](const char* name, long long other) {
    return options.contains(name) ? std::atoll(options[name].c_str()) : other;
  };
  const long long cases = number("--cases", 1'000'000'000);
  return elevaite::jq::Compare(static_cast<std::uint64_t>(number("--seed", 1)),
                               static_cast<std::size_t>(cases),
                               std::chrono::seconds(number("--seconds", 3'600)), number("--verbose", 0) != 0);
}
