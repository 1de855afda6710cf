#include "app/link_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "foundation/digest.h"
#include "foundation/random.h"

namespace elevaite::app {
namespace {

constexpr std::size_t kKeyBytes = 32;
using Key = std::array<std::byte, kKeyBytes>;

std::string_view View(const Key& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }

std::unexpected<Error> Trouble(const std::string& path, const char* what) {
  return Fail(ErrorCode::kUnavailable, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)),
              "it is the key of the links that were sent to people; it belongs to this user");
}

// Written beside and moved, so that it is there whole or not at all.
Result<void> Write(const std::string& path, const Key& key) {
  const std::string beside = path + ".new";
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Trouble(beside, "make");
  const bool written =
      write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(file) == 0;
  (void)close(file);
  if (!written) return Trouble(beside, "write");
  if (rename(beside.c_str(), path.c_str()) != 0) return Trouble(path, "make");
  return {};
}

}  // namespace

Result<Secret> LinkKeyFor(const Secret& cluster_token, const std::string& data_dir) {
  if (!cluster_token.IsEmpty())
    return Secret(Hmac(HashKind::kSha256, cluster_token.Reveal(), "elevaite links to tasks"));
  const std::string path = data_dir + "/link.key";
  (void)mkdir(data_dir.c_str(), 0700);
  Key key{};
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno != ENOENT) return Trouble(path, "read");
  if (file >= 0) {
    const bool read_all = read(file, key.data(), key.size()) == static_cast<ssize_t>(key.size());
    (void)close(file);
    if (read_all) return Secret(View(key));
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is no key: it is too short", path),
                "delete it: links that were sent are not good any more then");
  }
  SystemRandom().Fill(key);
  RETURN_IF_ERROR(Write(path, key));
  return Secret(View(key));
}

}  // namespace elevaite::app
