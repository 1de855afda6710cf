#include "dsl/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "dsl/arguments.h"
#include "dsl/flow.h"
#include "dsl/lower.h"
#include "dsl/suggest.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {
namespace {

constexpr int kDepthMax = 32;
constexpr std::string_view kGithub = "https://github.com/";
constexpr std::string_view kGithubRaw = "https://raw.githubusercontent.com/";
constexpr std::string_view kGitlab = "https://gitlab.com/";

// Takes "a/" off the front of "a/b/c".
std::string_view TakeSegment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), segment.size() + 1));
  return segment;
}

}  // namespace

bool IsWeb(std::string_view uri) { return uri.starts_with("https://") || uri.starts_with("http://"); }

// github.com/{owner}/{repository}/{tree,blob}/{branch}/{path}; without a branch the default one is meant.
std::string RawAddress(std::string_view uri) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  const bool is_github = uri.starts_with(kGithub);
  if (!is_github && !uri.starts_with(kGitlab)) return std::string(uri);
  std::string_view path = uri.substr(is_github ? kGithub.size() : kGitlab.size());
  const std::string_view owner = TakeSegment(path);
  std::string_view repository = TakeSegment(path);
  if (repository.empty()) return std::string(uri);
  if (repository.ends_with(".git")) repository.remove_suffix(4);
  if (path.starts_with("-/")) path.remove_prefix(2);
  const bool has_branch = path.starts_with("tree/") || path.starts_with("blob/");
  if (has_branch) path.remove_prefix(5);
  const std::string rest = has_branch ? std::string(path) : path.empty() ? "HEAD" : "";
  if (rest.empty()) return std::string(uri);
  return is_github ? fmt::format("{}{}/{}/{}", kGithubRaw, owner, repository, rest)
                   : fmt::format("{}{}/{}/-/raw/{}", kGitlab, owner, repository, rest);
}

const RemoteFunctions::Answer& RemoteFunctions::Resolve(std::string_view call) {
  const auto known = answers_.find(call);
  if (known != answers_.end()) return known->second;
  if (depth_ >= kDepthMax) {
    static const Answer too_deep{.problem = Code::kTooComplex,
                                 .message = "fetched functions call each other too deeply",
                                 .hint = "move parts into workflows of their own, called with `run`"};
    return too_deep;
  }
  // While it is read, a call that leads back to it finds this.
  Answer& answer = answers_[std::string(call)];
  answer = {.problem = Code::kRecursiveFunction,
            .message = fmt::format("the function {} calls itself", Quote(call)),
            .hint = "loop with `for`, or run a workflow of its own with `run`"};
  ++depth_;
  answer = Look(call);
  --depth_;
  return answer;
}

const std::string* RemoteFunctions::Text(const std::string& uri) {
  if (resources_ != nullptr) {
    if (const auto found = resources_->find(uri); found != resources_->end()) return &found->second;
  }
  wanted_.insert(uri);
  return nullptr;
}

RemoteFunctions::Answer RemoteFunctions::Look(std::string_view call) {
  if (call.find("://") != std::string_view::npos) return LookAt(RawAddress(call), "function");
  const std::size_t at = call.rfind('@');
  const std::string_view catalog = call.substr(at + 1);
  const std::size_t colon = call.substr(0, at).rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == at) {
    return {.problem = Code::kUnknownFunction,
            .message = fmt::format("{} does not name a function of a catalog", Quote(call)),
            .hint = "write name:version@catalog, for example log:1.0.0@default"};
  }
  const std::string_view name = call.substr(0, colon);
  const std::string_view version = call.substr(colon + 1, at - colon - 1);
  if (catalog == "default") return LookInServer(name, version);
  const auto found = workflow_.catalogs.find(catalog);
  if (found == workflow_.catalogs.end()) {
    std::vector<std::string> names{"default"};
    for (const auto& [known, endpoint] : workflow_.catalogs) names.push_back(known);
    const auto near = Nearest(catalog, names);
    return {.problem = Code::kUnknownReference,
            .message = fmt::format("there is no {} under `use.catalogs`", Quote(catalog)),
            .hint = near ? fmt::format("did you mean {}?", Quote(*near))
                         : fmt::format("define it: use: {{catalogs: {{{}: {{endpoint: ...}}}}}}",
                                       Excerpt(catalog))};
  }
  return LookAt(fmt::format("{}/functions/{}/{}/function.yaml", RawAddress(found->second), name, version),
                name);
}

RemoteFunctions::Answer RemoteFunctions::LookInServer(std::string_view name, std::string_view version) const {
  const FunctionInfo* connector = connectors_.Find(name);
  if (connector == nullptr) {
    const auto names = connectors_.Names();
    const auto near = Nearest(name, names);
    return {.problem = Code::kUnknownFunction,
            .message = fmt::format("this server has no function {}", Quote(name)),
            .hint = near            ? fmt::format("did you mean `{}`?", *near)
                    : names.empty() ? ""
                                    : "there are " + ListOf(names, "and")};
  }
  if (!connector->version.empty() && connector->version != version) {
    return {.problem = Code::kFunctionVersion,
            .message = fmt::format("this server has {} in version {}, not {}", Quote(name),
                                   connector->version, Excerpt(version)),
            .hint = fmt::format("write {}:{}@default", name, connector->version)};
  }
  return {.connector = connector};
}

RemoteFunctions::Answer RemoteFunctions::LookAt(const std::string& uri, std::string_view name) {
  if (!IsWeb(uri)) {
    return {.problem = Code::kUnsupported,
            .message = fmt::format(
                "functions at {} are part of the language but not supported by this version", Quote(uri)),
            .hint = "publish the function at an https address"};
  }
  const std::string* text = Text(uri);
  if (text != nullptr) return Load(uri, name, *text);
  return {.problem = missing_code(),
          .message = fmt::format("the function at {} has not been fetched", Quote(uri)),
          .hint = is_offline_ ? "what it takes and does is not checked here"
                              : "its address must be reachable, and allowed on this server"};
}

// A document of its own: it sees nothing of the workflow that calls it, and what is wrong in it is said once,
// at the call.
RemoteFunctions::Answer RemoteFunctions::Load(const std::string& uri, std::string_view name,
                                              std::string_view text) {
  Diagnostics found;
  auto document = Parse(text, limits_, found);
  std::unique_ptr<Function> function;
  if (document) {
    function = std::make_unique<Function>(Function{uri, *std::move(document), {}});
    Reader reader(found);
    const Definitions none;
    TaskReader tasks(reader, none, limits_);
    function->workflow.tasks.push_back(tasks.One({function->document.root(), ""}, std::string(name)));
    function->workflow.task_count = tasks.count();
    CheckFlow(function->workflow, found);
    CheckCalls(function->workflow, connectors_, *this, found);
    CheckExpressions(function->document, function->workflow, connectors_, *this, limits_, found);
  }
  if (!found.HasErrors()) return {.function = std::move(function)};
  const std::vector<Diagnostic> list = std::move(found).Take();
  const auto first = std::ranges::find(list, Severity::kError, &Diagnostic::severity);
  return {.problem = Code::kFetchedFunction,
          .message = fmt::format("the function at {} has an error at {}:{}: {}", Quote(uri), first->span.line,
                                 first->span.column, first->message),
          .hint = first->hint};
}

}  // namespace elevaite::dsl
