// Files that are part of the binary (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace elevaite::app {

struct EmbeddedFile {
  std::string_view path;  // "/index.html"
  std::string_view bytes;
};

// The built web app, with its .gz and .br twins.
std::span<const EmbeddedFile> StudioFiles();
// docs/errors: what each public error code means.
std::span<const EmbeddedFile> ErrorPages();

}  // namespace elevaite::app
