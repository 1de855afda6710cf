// ResourceFetcher: gets what a document refers to by address, from the hosts that the operator allows
// (catalogs.allow).
#pragma once

#include <string>
#include <vector>

#include "dsl/remote.h"
#include "net/client.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

class ResourceFetcher {
 public:
  static constexpr std::size_t kTextBytesMax = 256U << 10U;
  static constexpr std::size_t kResourcesMax = 50;  // of one document

  // `client` has the egress guard and must outlive this. `hosts`: names such as "raw.githubusercontent.com"
  // or
  // "*.example.com"; none: nothing may be fetched.
  ResourceFetcher(net::Client& client, std::vector<std::string> hosts)
      : client_(client), hosts_(std::move(hosts)) {}

  // kPermissionDenied: the host is not allowed. kUnavailable and others: it could not be had.
  Task<std::string> Fetch(std::string uri);

 private:
  bool IsAllowed(std::string_view host) const;

  net::Client& client_;
  std::vector<std::string> hosts_;
};

}  // namespace elevaite::workflow
