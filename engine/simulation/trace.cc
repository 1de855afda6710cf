#include "engine/simulation/trace.h"

#include <algorithm>
#include <cstdio>

namespace elevaite::simulation {

void Trace::Mix(std::string_view bytes) {
  for (const char c : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
}

void Trace::Mix(std::uint64_t number) { hash_ = (hash_ ^ number) * 0x100'0000'01b3; }

void Trace::Note(std::string_view what, std::uint64_t number) {
  Mix(what);
  Mix(number);
  Mix(static_cast<std::uint64_t>(elapsed_us_));
  if (keeps_lines_) Add(std::string(what) + (number == 0 ? "" : " " + std::to_string(number)));
}

void Trace::Note(std::string_view what, const ExecutionId& id, std::uint64_t number,
                 const std::function<std::string()>& detail) {
  Mix(what);
  Mix(id.uuid().AsBytes());
  Mix(number);
  Mix(static_cast<std::uint64_t>(elapsed_us_));
  if (!keeps_lines_) return;
  std::string line = NameOf(id) + " " + std::string(what);
  if (number != 0) line += " " + std::to_string(number);
  if (detail) line += " " + detail();
  Add(std::move(line));
}

void Trace::Add(std::string line) {
  char time[32];
  std::snprintf(time, sizeof(time), "%12.6f  ", static_cast<double>(elapsed_us_) / 1e6);
  lines_.push_back(time + std::move(line));
}

std::string Trace::NameOf(const ExecutionId& id) {
  auto found = std::ranges::find(seen_, id);
  if (found == seen_.end()) found = seen_.insert(found, id);
  return "e" + std::to_string(found - seen_.begin() + 1);
}

}  // namespace elevaite::simulation
