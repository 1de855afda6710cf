// Objects as files: <folder>/<account>/<key>. A file begins with a line that has the checksum of what
// follows:
//   elevaite-object 1 <sha256 of the bytes, 64 hex digits>
//   <bytes>
// It is written in <folder>/.new, synced, renamed and its folder synced: a crash leaves the old object or the
// new one, and at worst a file in `.new`, which an Open removes when it is an hour old.
#pragma once

#include <memory>

#include "infra/objects/objects.h"

namespace elevaite::objects {

struct FilesOptions {
  std::string folder;                   // made when it is not there
  std::size_t bytes_max = 256U << 20U;  // of one object
};

// Several processes may share a folder, also over a network when that file system renames at once.
Result<std::unique_ptr<ObjectStore>> OpenFiles(FilesOptions options);

}  // namespace elevaite::objects
