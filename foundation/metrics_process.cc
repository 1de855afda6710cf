// What Linux tells about this process.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "foundation/clock.h"
#include "foundation/metrics.h"

namespace elevaite {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  in >> total_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenDescriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int count = -3;  // ".", ".." and the descriptor of this look itself
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// Field 22 of /proc/self/stat counts ticks since the boot; the name in field 2 may hold blanks and brackets.
double StartSeconds() {
  std::ifstream stat("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  std::ifstream uptime_file("/proc/uptime");
  double uptime = 0;
  uptime_file >> uptime;
  const double started = std::strtod(field.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(SystemClock().Now().millis()) * 1e-3 - uptime + started;
}

}  // namespace

void Registry::AddProcessMetrics() {
  AddCounterCallback({.name = "process_cpu_seconds_total", .help = "User and system CPU time spent"},
                     CpuSeconds);
  AddGaugeCallback({.name = "process_resident_memory_bytes", .help = "Resident memory"}, ResidentBytes);
  AddGaugeCallback({.name = "process_open_fds", .help = "Open file descriptors"}, OpenDescriptors);
  AddGaugeCallback({.name = "process_start_time_seconds", .help = "Start of the process since the epoch"},
                   [start = StartSeconds()] { return start; });
}

}  // namespace elevaite
