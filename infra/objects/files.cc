#include "infra/objects/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "foundation/digest.h"

namespace elevaite::objects {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "elevaite-object 1 ";
constexpr std::size_t kHeadBytes = kMagic.size() + 64 + 1;
constexpr std::string_view kUnfinished = "/.new";  // no account begins with a dot
constexpr std::chrono::hours kUnfinishedFor{1};    // what is older was left behind by a crash

std::unexpected<Error> SystemFailure(std::string_view what, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return Fail(full ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable,
              full ? "there is no room left for objects" : "the store of objects does not work",
              full ? "free space on the disk" : "",
              fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // errno tells why not.
  bool Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool Read(std::string& bytes) const {
    std::size_t size = 0;
    while (size < bytes.size()) {
      const ssize_t got = ::read(fd_, bytes.data() + size, bytes.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return true;
  }

 private:
  int fd_;
};

Result<void> SyncFolder(const std::string& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY);
  if (!folder.ok() || ::fsync(folder.fd()) != 0) return SystemFailure("sync", path, errno);
  return {};
}

// Each that is new is on disk before anything is put into it.
Result<void> MakeFolders(const std::string& root, const std::string& path) {
  for (std::size_t at = root.size(); at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at + 1), path.size());
    const std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) == 0) {
      RETURN_IF_ERROR(SyncFolder(path.substr(0, at)));
    } else if (errno != EEXIST) {
      return SystemFailure("make", folder, errno);
    }
    at = slash;
  }
  return {};
}

class Files final : public ObjectStore {
 public:
  explicit Files(FilesOptions options) : options_(std::move(options)) {}

  Result<void> Start() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (error) return SystemFailure("make", options_.folder, error.value());
    options_.folder = fs::canonical(options_.folder, error).string();
    if (error || ::access(options_.folder.c_str(), R_OK | W_OK | X_OK) != 0)
      return SystemFailure("use", options_.folder, error ? error.value() : errno);
    unfinished_ = options_.folder + std::string(kUnfinished);
    RETURN_IF_ERROR(MakeFolders(options_.folder, unfinished_));
    RemoveUnfinished();
    return {};
  }

  std::size_t bytes_max() const override { return options_.bytes_max; }

  Result<void> Put(const AccountId& account, std::string_view key, std::string_view bytes) override {
    RETURN_IF_ERROR(CheckKey(account, key));
    if (bytes.size() > options_.bytes_max)
      return Fail(ErrorCode::kPayloadTooLarge,
                  fmt::format("an object may have {} bytes at most", options_.bytes_max));
    const std::string path = PathOf(account, key);
    const std::string folder = path.substr(0, path.rfind('/'));
    RETURN_IF_ERROR(MakeFolders(options_.folder, folder));
    const std::string unfinished = unfinished_ + "/" + SystemUuids().Next().ToText();
    const auto written = WriteWhole(unfinished, bytes);
    if (!written || ::rename(unfinished.c_str(), path.c_str()) != 0) {
      const int error = errno;
      ::unlink(unfinished.c_str());
      return written ? Result<void>(SystemFailure("rename", unfinished, error)) : written;
    }
    return SyncFolder(folder);
  }

  Result<std::string> Get(const AccountId& account, std::string_view key) override {
    RETURN_IF_ERROR(CheckKey(account, key));
    const std::string path = PathOf(account, key);
    const File file(path, O_RDONLY);
    struct stat info{};
    if (!file.ok() || ::fstat(file.fd(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR)
        return Fail(ErrorCode::kNotFound, "there is no object '" + std::string(key) + "'");
      return SystemFailure("open", path, errno);
    }
    if (!S_ISREG(info.st_mode))
      return Fail(ErrorCode::kNotFound, "there is no object '" + std::string(key) + "'");
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > options_.bytes_max + kHeadBytes) return Damaged(key, "it is too large");
    std::string bytes(size, '\0');
    if (!file.Read(bytes)) return SystemFailure("read", path, errno);
    const std::string_view all = bytes;
    if (all.size() < kHeadBytes || !all.starts_with(kMagic))
      return Damaged(key, "its beginning is not that of an object");
    if (all.substr(kMagic.size(), 64) != Sha256Hex(all.substr(kHeadBytes)))
      return Damaged(key, "its checksum is wrong");
    bytes.erase(0, kHeadBytes);
    return bytes;
  }

  Result<bool> Has(const AccountId& account, std::string_view key) override {
    RETURN_IF_ERROR(CheckKey(account, key));
    struct stat info{};
    if (::stat(PathOf(account, key).c_str(), &info) == 0) return S_ISREG(info.st_mode);
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return SystemFailure("look at", PathOf(account, key), errno);
  }

  Result<void> Delete(const AccountId& account, std::string_view key) override {
    RETURN_IF_ERROR(CheckKey(account, key));
    const std::string path = PathOf(account, key);
    if (::unlink(path.c_str()) == 0) return SyncFolder(path.substr(0, path.rfind('/')));
    if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) return {};
    return SystemFailure("delete", path, errno);
  }

  Result<std::vector<ObjectInfo>> List(const AccountId& account, std::string_view prefix,
                                       std::string_view after, std::size_t limit) override {
    if (!prefix.empty()) RETURN_IF_ERROR(CheckKey(account, prefix));
    if (account.IsEmpty()) return Fail(ErrorCode::kInvalidArgument, "an object belongs to an account");
    const std::string root = options_.folder + "/" + account.ToString();
    std::vector<ObjectInfo> found;
    std::error_code error;
    const std::string start = prefix.empty() ? root : root + "/" + std::string(prefix);
    if (!fs::is_directory(start, error)) return found;
    for (auto at = fs::recursive_directory_iterator(start, error); !error && at != fs::end(at);
         at.increment(error)) {
      const std::string key = at->path().string().substr(root.size() + 1);
      if (!at->is_regular_file(error) || key <= after || at->path().filename().string().starts_with('.'))
        continue;
      const std::uintmax_t bytes = at->file_size(error);
      if (!error) found.push_back({key, bytes < kHeadBytes ? 0 : bytes - kHeadBytes});
    }
    if (error && error != std::errc::no_such_file_or_directory)
      return SystemFailure("list", start, error.value());
    std::ranges::sort(found, {}, &ObjectInfo::key);
    if (found.size() > std::clamp<std::size_t>(limit, 1, kPageMax))
      found.resize(std::clamp<std::size_t>(limit, 1, kPageMax));
    return found;
  }

 private:
  std::string PathOf(const AccountId& account, std::string_view key) const {
    return options_.folder + "/" + account.ToString() + "/" + std::string(key);
  }

  // Those of other processes may still be written.
  void RemoveUnfinished() const {
    std::error_code error;
    const auto before = fs::file_time_type::clock::now() - kUnfinishedFor;
    for (auto at = fs::directory_iterator(unfinished_, error); !error && at != fs::end(at);
         at.increment(error)) {
      std::error_code gone;
      if (at->last_write_time(gone) < before && !gone) ::unlink(at->path().c_str());
    }
  }

  static Result<void> WriteWhole(const std::string& path, std::string_view bytes) {
    const File file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.ok()) return SystemFailure("make", path, errno);
    const std::string head = std::string(kMagic) + Sha256Hex(bytes) + "\n";
    if (!file.Write(head) || !file.Write(bytes) || ::fsync(file.fd()) != 0)
      return SystemFailure("write", path, errno);
    return {};
  }

  static std::unexpected<Error> Damaged(std::string_view key, std::string_view why) {
    return Fail(ErrorCode::kDataLoss, fmt::format("the object '{}' is damaged: {}", key, why),
                "restore it from a backup");
  }

  FilesOptions options_;
  std::string unfinished_;  // the folder of what is being written
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> OpenFiles(FilesOptions options) {
  auto files = std::make_unique<Files>(std::move(options));
  RETURN_IF_ERROR(files->Start());
  return files;
}

}  // namespace elevaite::objects
