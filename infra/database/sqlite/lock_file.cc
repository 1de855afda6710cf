#include "infra/database/sqlite/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace elevaite::database::sqlite {

Result<LockFile> LockFile::Acquire(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Fail(ErrorCode::kUnavailable, "cannot open '" + path + "': " + std::strerror(errno),
                "the data folder must exist and belong to the user who runs elevaite");
  }
  LockFile lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    char owner[24] = {};
    const ssize_t length = pread(descriptor, owner, sizeof(owner) - 1, 0);
    std::string process = length > 0 ? " " + std::string(owner, std::strcspn(owner, "\n")) : std::string();
    return Fail(ErrorCode::kConflict,
                "the data is in use by another process" + process + " (lock file '" + path + "')",
                "stop that process or choose another data folder");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  // Only a help for people: a full disk must not keep us from starting.
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(), 0) < 0) errno = 0;
  return lock;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace elevaite::database::sqlite
