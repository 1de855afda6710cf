// A file that says: this data has an owner. Private to infra/database/sqlite.
#pragma once

#include <string>

#include "foundation/result.h"

namespace elevaite::database::sqlite {

// Holds an exclusive flock(2) on `path`, which the kernel lets go when the process ends, however it ends. The
// file stays and holds the number of the last owner's process.
class LockFile {
 public:
  // kConflict names the process that has it.
  static Result<LockFile> Acquire(const std::string& path);
  LockFile(LockFile&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace elevaite::database::sqlite
