#include "app/workflow_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "engine/machine/machine.h"

namespace elevaite::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 10'000;
constexpr std::string_view kDocumentEndings[] = {".yaml", ".yml", ".json"};

}  // namespace

bool WorkflowFiles::IsTestFile(const fs::path& path) {
  return path.string().ends_with(rehearsal::kTestFileEnding);
}

fs::path WorkflowFiles::TestFileOf(const fs::path& document) {
  return document.parent_path() / (document.stem().string() + std::string(rehearsal::kTestFileEnding));
}

fs::path WorkflowFiles::DocumentOf(const fs::path& test_file) {
  const std::string name = test_file.filename().string();
  const std::string stem = name.substr(0, name.size() - rehearsal::kTestFileEnding.size());
  std::error_code error;
  for (const std::string_view ending : kDocumentEndings) {
    fs::path document = test_file.parent_path() / (stem + std::string(ending));
    if (fs::exists(document, error)) return document;
  }
  return test_file.parent_path() / (stem + ".yaml");
}

Result<std::vector<fs::path>> WorkflowFiles::TestFilesIn(const std::vector<std::string>& paths) {
  std::set<fs::path> found;
  for (const std::string& name : paths) {
    const fs::path path(name);
    std::error_code error;
    if (!fs::exists(path, error)) return Fail(ErrorCode::kNotFound, "there is no " + name);
    if (!fs::is_directory(path, error)) {
      fs::path file = IsTestFile(path) ? path : TestFileOf(path);
      if (!fs::exists(file, error))
        return Fail(ErrorCode::kNotFound, "there is no " + file.string(),
                    "write the cases of " + name + " there; docs/language/testing.md tells how");
      found.insert(std::move(file));
      continue;
    }
    for (auto entry =
             fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error);
         entry != fs::recursive_directory_iterator() && found.size() < kFilesMax; entry.increment(error)) {
      if (error) break;
      if (IsTestFile(entry->path())) found.insert(entry->path());
    }
  }
  if (found.empty()) return Fail(ErrorCode::kNotFound, "there is no file *.test.yaml here");
  return std::vector<fs::path>(found.begin(), found.end());
}

Result<std::string> WorkflowFiles::Read(const fs::path& path) {
  std::error_code error;
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path, error)) return Fail(ErrorCode::kNotFound, "cannot read " + path.string());
  std::string text(dsl::Limits{}.source_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

WorkflowFiles::ProgramPtr WorkflowFiles::Compile(const fs::path& path,
                                                 std::vector<std::string>& problems) const {
  const auto source = Read(path);
  if (!source) {
    problems.push_back(source.error().message);
    return nullptr;
  }
  dsl::CompileResult compiled =
      dsl::Compile(*source, {.functions = &registry_, .is_offline = true, .gives_advice = false});
  for (const dsl::Diagnostic& d : compiled.diagnostics) {
    if (d.severity == dsl::Severity::kError)
      problems.push_back(fmt::format("{}:{}", path.string(), dsl::ToText(d)));
  }
  return compiled.program;
}

const std::vector<WorkflowFiles::ProgramPtr>& WorkflowFiles::Beside(const fs::path& folder) {
  const auto [found, is_new] = folders_.try_emplace(folder);
  if (!is_new) return found->second;
  std::error_code error;
  std::vector<fs::path> files;
  const fs::path listed = folder.empty() ? fs::path(".") : folder;
  for (auto entry = fs::directory_iterator(listed, error); entry != fs::directory_iterator();
       entry.increment(error)) {
    if (error || files.size() >= kFilesMax) break;
    const std::string ending = entry->path().extension().string();
    if (std::ranges::find(kDocumentEndings, ending) != std::end(kDocumentEndings) &&
        !IsTestFile(entry->path()))
      files.push_back(entry->path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    std::vector<std::string> ignored;
    if (ProgramPtr program = Compile(file, ignored)) found->second.push_back(std::move(program));
  }
  return found->second;
}

rehearsal::KnownNames WorkflowFiles::NamesOf(const ProgramPtr& program,
                                             const std::vector<ProgramPtr>& others) const {
  rehearsal::KnownNames names;
  const auto add = [&names](const ProgramPtr& one) {
    for (const dsl::Task& task : one->all) {
      names.tasks.push_back(task.name);
      if (task.kind == dsl::TaskKind::kCall || task.kind == dsl::TaskKind::kRun)
        names.calls.push_back(engine::ConnectorOf(task));
    }
  };
  add(program);
  for (const ProgramPtr& other : others) add(other);
  for (const std::string_view name : registry_.Names()) names.calls.emplace_back(name);
  return names;
}

}  // namespace elevaite::app
