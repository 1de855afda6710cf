// Objects as files: <folder>/<account>/<key>. A file begins with a line that has the checksum of what
// follows:
//   elevaite-object 1 <sha256 of the bytes, 64 hex digits>
//   <bytes>
// It is written beside, synced, renamed and its folder synced: a crash leaves the old object or the new one,
// and at worst a file `.new-...`, which the next Open removes.
#pragma once

#include <memory>

#include "infra/objects/objects.h"

namespace elevaite::objects {

struct FilesOptions {
  std::string folder;                   // made when it is not there
  std::size_t bytes_max = 256U << 20U;  // of one object
};

// One process at a time.
Result<std::unique_ptr<ObjectStore>> OpenFiles(FilesOptions options);

}  // namespace elevaite::objects
