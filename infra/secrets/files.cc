#include "infra/secrets/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "foundation/log.h"

namespace elevaite::secrets {
namespace {

constexpr std::size_t kCachedMax = 1'000;

class File {
 public:
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void LogRefusal(const std::string& path, std::string_view why, std::string_view hint) {
  LogWarn("a secret is not used", {{"file", path}, {"why", why}, {"hint", hint}});
}

bool IsAcceptable(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    LogRefusal(path, "it is no regular file", "");
    return false;
  }
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    LogRefusal(path, "everybody on this machine may read or write it", "chmod o-rw it");
    return false;
  }
  if (static_cast<std::size_t>(info.st_size) > kValueBytesMax) {
    LogRefusal(path, "it is larger than 64 KiB", "");
    return false;
  }
  return true;
}

std::optional<Json> ReadFile(const std::string& path) {
  const File file(path);
  if (file.fd() < 0) {
    if (errno != ENOENT && errno != ENOTDIR) LogRefusal(path, std::strerror(errno), "");
    return std::nullopt;
  }
  if (!IsAcceptable(file.fd(), path)) return std::nullopt;
  std::string text(kValueBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  auto value = ValueOf(std::string_view(text).substr(0, size));
  if (!value) LogRefusal(path, "it is larger than 64 KiB or not UTF-8", "encode binary data as base64");
  explicit_bzero(text.data(), text.size());
  return value;
}

class FileSource final : public SecretSource {
 public:
  FileSource(std::string folder, const Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  std::optional<Json> Find(const AccountId& account, std::string_view name) const override {
    if (account.IsEmpty() || !IsSecretName(name)) return std::nullopt;
    const auto now = clock_.Monotonic();
    const Key key{account, std::string(name)};
    const std::scoped_lock lock(mutex_);
    if (const auto found = cache_.find(key); found != cache_.end() && found->second.until > now)
      return found->second.value;
    if (cache_.size() >= kCachedMax)
      std::erase_if(cache_, [&](const auto& e) { return e.second.until <= now; });
    if (cache_.size() >= kCachedMax) cache_.clear();
    auto value = Read(account, key.second);
    cache_[key] = {value, now + kFileValueLife};
    return value;
  }

 private:
  using Key = std::pair<AccountId, std::string>;
  struct Cached {
    std::optional<Json> value;
    Clock::Instant until;
  };

  std::optional<Json> Read(const AccountId& account, const std::string& name) const {
    auto value = ReadFile(folder_ + "/" + account.ToString() + "/" + name);
    // A folder of that name is another account's.
    if (!value && account == AccountId::Default() && !IsFolder(name)) value = ReadFile(folder_ + "/" + name);
    return value;
  }
  bool IsFolder(const std::string& name) const {
    struct stat info{};
    return ::stat((folder_ + "/" + name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

  const std::string folder_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<Key, Cached> cache_;
};

}  // namespace

std::unique_ptr<SecretSource> FromFiles(std::string folder, const Clock& clock) {
  return std::make_unique<FileSource>(std::move(folder), clock);
}

}  // namespace elevaite::secrets
