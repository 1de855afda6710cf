#include "dsl/jq/differential/oracle.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <span>
#include <thread>

namespace elevaite::jq {
namespace {

// Runs jq with files as its standard streams; false: it failed or was too slow, and is gone.
bool Run(const std::string& folder, std::chrono::milliseconds time_max) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, (folder + "/input.json").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, (folder + "/output.json").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const std::string program = folder + "/program.jq";
  std::string words[] = {"jq", "-c", "-f", program};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  char* environment[] = {nullptr};
  pid_t process = 0;
  const bool started = posix_spawnp(&process, "jq", &actions, nullptr, arguments, environment) == 0;
  posix_spawn_file_actions_destroy(&actions);
  if (!started) return false;
  const auto deadline = std::chrono::steady_clock::now() + time_max;
  int status = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(process, SIGKILL);
      waitpid(process, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<Json> ReadLines(const std::string& path) {
  std::vector<Json> values;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    auto value = ParseJson(line, {.allow_duplicate_keys = true});
    if (!value) return {};
    values.push_back(*std::move(value));
  }
  return values;
}

void Ask(const std::string& folder, std::span<const DifferentialCase> cases,
         std::vector<std::optional<Json>>& answers) {
  std::string program;
  std::vector<Json> inputs;
  for (const DifferentialCase& one : cases) {
    if (!program.empty()) program += ",\n";
    program += "(.[" + std::to_string(inputs.size()) + "] | [limit(" + std::to_string(kOutputsCompared) +
               "; try ((" + one.filter + ") | {o: .}) catch {e: .})])";
    inputs.push_back(one.input);
  }
  Write(folder + "/program.jq", program);
  Write(folder + "/input.json", Json::Array(inputs).Dump());
  // A start takes some 15 ms, a filter one more.
  const bool done = Run(folder, std::chrono::milliseconds(1'000 + 20 * cases.size()));
  std::vector<Json> lines = done ? ReadLines(folder + "/output.json") : std::vector<Json>();
  if (lines.size() == cases.size()) {
    answers.insert(answers.end(), std::move_iterator(lines.begin()), std::move_iterator(lines.end()));
  } else if (cases.size() == 1) {
    answers.emplace_back();
  } else {  // one of them is to blame: the others still count
    Ask(folder, cases.first(cases.size() / 2), answers);
    Ask(folder, cases.subspan(cases.size() / 2), answers);
  }
}

}  // namespace

std::vector<std::optional<Json>> AskJq(const std::string& folder,
                                       const std::vector<DifferentialCase>& cases) {
  std::vector<std::optional<Json>> answers;
  Ask(folder, cases, answers);
  return answers;
}

bool HaveJq() { return std::system("jq --version >/dev/null 2>&1") == 0; }

}  // namespace elevaite::jq
