// Remote: what a document refers to by address: functions of catalogs, published schemas and those that a
// `$ref` in a schema names. The compiler fetches nothing. Whoever calls it gives the texts (Resources); what
// was not among them is told (wanted), so that it can be fetched and the document be compiled again.
//
// Functions are named by
// - `name:version@default`: a connector of this server;
// - `name:version@catalog`: functions/{name}/{version}/function.yaml under the endpoint of that catalog;
// - an address of such a file. Addresses of pages of GitHub and GitLab become those of the files themselves.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/functions.h"
#include "dsl/parse.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

// Texts by absolute URI.
using Resources = std::map<std::string, std::string, std::less<>>;

bool IsWeb(std::string_view uri);  // https:// or http://

// The file's own address for the address of a page that shows it; others unchanged.
std::string RawAddress(std::string_view uri);

class RemoteFunctions {
 public:
  // A fetched document. Its workflow has one task, the function.
  struct Function {
    std::string uri;
    Document document;
    syntax::Workflow workflow;
  };
  // What a call names: a connector, a function, or what is wrong.
  struct Answer {
    const FunctionInfo* connector = nullptr;
    std::unique_ptr<const Function> function = nullptr;
    std::optional<Code> problem = {};
    std::string message = {};
    std::string hint = {};
  };

  // All that is given must outlive this. `resources` may be null. `is_offline`: what was not given is worth a
  // hint only.
  RemoteFunctions(const syntax::Workflow& workflow, const FunctionCatalog& connectors,
                  const Resources* resources, const Limits& limits, bool is_offline)
      : workflow_(workflow),
        connectors_(connectors),
        resources_(resources),
        limits_(limits),
        is_offline_(is_offline) {}

  // `call` is an address or has an @. The answer lives as long as this.
  const Answer& Resolve(std::string_view call);
  // The text at an address, or nullptr; it is wanted then.
  const std::string* Text(const std::string& uri);
  // The diagnostic for a text that was not given.
  Code missing_code() const { return is_offline_ ? Code::kNotFetched : Code::kMustBeFetched; }
  const std::set<std::string>& wanted() const { return wanted_; }

 private:
  Answer Look(std::string_view call);
  Answer LookInServer(std::string_view name, std::string_view version) const;
  Answer LookAt(const std::string& uri, std::string_view name);
  Answer Load(const std::string& uri, std::string_view name, std::string_view text);

  const syntax::Workflow& workflow_;
  const FunctionCatalog& connectors_;
  const Resources* resources_;
  const Limits& limits_;
  bool is_offline_;
  std::map<std::string, Answer, std::less<>> answers_;
  std::set<std::string> wanted_;
  int depth_ = 0;  // of functions that are being read because others call them
};

}  // namespace elevaite::dsl
