# Files that become part of the binary, by the assembler's .incbin: no generated megabytes of C++.

# elevaite_embed_text(TARGET NAMESPACE NAME FILE): `extern const std::string_view NAME` in NAMESPACE.
function(elevaite_embed_text target name_space name file)
  set(path ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set(base ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name})
  file(CONFIGURE OUTPUT ${base}.S CONTENT [[
.section .rodata
.global embedded_@name@_begin
.global embedded_@name@_end
embedded_@name@_begin:
.incbin "@path@"
embedded_@name@_end:
.byte 0
.section .note.GNU-stack,"",%progbits
]] @ONLY)
  file(CONFIGURE OUTPUT ${base}.cc CONTENT [[
#include <string_view>
extern "C" const char embedded_@name@_begin[];
extern "C" const char embedded_@name@_end[];
namespace @name_space@ {
extern const std::string_view @name@;
const std::string_view @name@{embedded_@name@_begin, static_cast<std::size_t>(embedded_@name@_end - embedded_@name@_begin)};
}
]] @ONLY)
  set_source_files_properties(${base}.S PROPERTIES OBJECT_DEPENDS ${path})
  target_sources(${target} PRIVATE ${base}.S ${base}.cc)
endfunction()

# elevaite_embed_folder(TARGET NAMESPACE FUNCTION FOLDER DEPENDS ...): every file below FOLDER, as `std::span<const EmbeddedFile>
# FUNCTION()` of app/embedded.h. The folder may be made by the build: DEPENDS names what must be there first.
function(elevaite_embed_folder target name_space function folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  set(base ${CMAKE_CURRENT_BINARY_DIR}/embedded_${function})
  add_custom_command(
    OUTPUT ${base}.S ${base}.cc
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DBASE=${base} -DNAMESPACE=${name_space} -DFUNCTION=${function}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_folder.cmake
    DEPENDS ${ARG_DEPENDS} ${PROJECT_SOURCE_DIR}/cmake/embed_folder.cmake
    COMMENT "Embedding ${folder}")
  target_sources(${target} PRIVATE ${base}.S ${base}.cc)
endfunction()
