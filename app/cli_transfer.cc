// elevaite export|import: executions as lines of JSON, from and into the data of a server that does not run.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include "app/command_line.h"
#include "app/options.h"
#include "app/report.h"
#include "app/stores.h"
#include "app/terminal.h"
#include "connectors/all.h"
#include "engine/journal/partitions.h"
#include "engine/journal/projector.h"
#include "services/workflow/execution_filter.h"
#include "services/workflow/transfer.h"

namespace elevaite::app {
namespace {

using workflow::TransferCounts;

// A line on the terminal's error output, every second.
class Ticker {
 public:
  explicit Ticker(const char* what) : what_(what), is_shown_(isatty(STDERR_FILENO) != 0) {}
  void Show(const TransferCounts& counts) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_shown_ || now < next_) return;
    next_ = now + std::chrono::seconds(1);
    fmt::print(stderr, "\r{} executions {}", counts.executions + counts.unchanged, what_);
  }
  ~Ticker() {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  const char* what_;
  const bool is_shown_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

struct Data {
  std::unique_ptr<Stores> stores;
  connectors::Registry registry = connectors::Descriptors();
  workflow::WorkflowStore store;
  workflow::Programs programs;

  explicit Data(std::unique_ptr<Stores> opened)
      : stores(std::move(opened)), store(stores->workflow(), SystemClock()), programs(store, registry) {}
  engine::ExecutionStore executions() { return {.db = stores->engine(), .payloads = stores->payloads()}; }
};

Result<std::unique_ptr<Data>> OpenData(const StoreOptions& options, bool must_exist) {
  if (must_exist) RETURN_IF_ERROR(Stores::CheckThere(options));
  ASSIGN_OR_RETURN(auto stores, Stores::Open(options));
  RETURN_IF_ERROR(engine::ProjectAll(stores->engine()));  // the server may have died before it did
  return std::make_unique<Data>(std::move(stores));
}

using OpenFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// "-" is the standard input or output.
Result<OpenFile> Open(const std::string& path, bool for_writing) {
  if (path == "-")
    return OpenFile(for_writing ? stdout : stdin, [](std::FILE* file) { return std::fflush(file); });
  std::FILE* file = std::fopen(path.c_str(), for_writing ? "wbx" : "rb");
  if (file == nullptr)
    return Fail(for_writing ? ErrorCode::kConflict : ErrorCode::kNotFound,
                fmt::format("cannot {} {}: {}", for_writing ? "make" : "read", path, std::strerror(errno)));
  return OpenFile(file, &std::fclose);
}

Result<TransferCounts> WriteExport(Data& data, const FindOptions& find, std::FILE* out) {
  ASSIGN_OR_RETURN(const engine::ExecutionFilter filter, workflow::FilterFrom(QueryOf(find)));
  engine::TransferWriter writer([out](std::string_view line) -> Result<void> {
    if (std::fwrite(line.data(), 1, line.size(), out) == line.size()) return {};
    return Fail(ErrorCode::kResourceExhausted, fmt::format("cannot write: {}", std::strerror(errno)));
  });
  RETURN_IF_ERROR(writer.Begin());
  workflow::Exporter exporter(data.executions(), data.store, writer);
  Ticker ticker("written");
  RETURN_IF_ERROR(exporter.All(AccountId::Default(), filter,
                               [&ticker](const TransferCounts& counts) { ticker.Show(counts); }));
  RETURN_IF_ERROR(writer.End());
  if (std::fflush(out) != 0 || (fsync(fileno(out)) != 0 && errno != EINVAL && errno != EROFS))
    return Fail(ErrorCode::kResourceExhausted, fmt::format("cannot write: {}", std::strerror(errno)));
  return exporter.counts();
}

// False at the end of the file.
Result<bool> ReadLine(std::FILE* in, std::string& line) {
  line.clear();
  for (int c = getc_unlocked(in); c != EOF; c = getc_unlocked(in)) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
    if (line.size() > engine::TransferReader::kLineBytesMax)
      return Fail(ErrorCode::kInvalidArgument, "a line of the file is too long");
  }
  if (std::ferror(in) != 0) return Fail(ErrorCode::kUnavailable, "the file cannot be read");
  return !line.empty();
}

Result<void> ReadImport(workflow::Importer& importer, std::FILE* in) {
  std::string line;
  Ticker ticker("read");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_line, ReadLine(in, line));
    if (!has_line) return importer.Finish();
    RETURN_IF_ERROR(importer.Take(line));
    ticker.Show(importer.counts());
  }
}

void Print(const TransferCounts& counts, bool json, const char* what, std::FILE* to) {
  if (json) {
    const Json report = Json::Object({{"workflows", counts.workflows},
                                      {"executions", counts.executions},
                                      {"unchanged", counts.unchanged}});
    fmt::print(to, "{}\n", report.DumpPretty());
    return;
  }
  fmt::print(to, "{} executions and {} versions of workflows {}", counts.executions, counts.workflows, what);
  if (counts.unchanged > 0) fmt::print(to, "; {} executions were there already", counts.unchanged);
  fmt::print(to, "\n");
}

}  // namespace

int ExportExecutions(const std::vector<std::string>& arguments, const std::string& file,
                     const FindOptions& find, bool json) {
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  auto data = OpenData(ToolStoreOptionsFrom(*config), true);
  if (!data) return Report(data.error());
  auto out = Open(file, true);
  if (!out) return Report(out.error());
  const auto counts = WriteExport(**data, find, out->get());
  if (!counts) return Report(counts.error());
  Print(*counts, json, "written", stderr);
  return kDone;
}

int ImportExecutions(const std::vector<std::string>& arguments, const std::string& file, bool json) {
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  auto in = Open(file, false);
  if (!in) return Report(in.error());
  const StoreOptions options = ToolStoreOptionsFrom(*config);
  auto data = OpenData(options, false);
  if (!data) return Report(data.error());
  workflow::Importer importer((*data)->executions(), (*data)->store, (*data)->programs);
  const auto done = ReadImport(importer, in->get());
  if (const auto projected = engine::ProjectAll((*data)->stores->engine()); !projected)
    PrintError("tags and attributes cannot be searched yet: " + projected.error().message,
               "the server sees to it when it starts");
  if (!options.database_url.IsEmpty()) {
    const auto placed = engine::PlacePast((*data)->stores->engine());
    if (!placed)
      PrintError("old rows are beside the tables of their weeks: " + placed.error().message,
                 "elevaite doctor --fix");
  }
  Print(importer.counts(), json, "are new", stdout);
  return done ? kDone : Report(done.error());
}

}  // namespace elevaite::app
