# Writes OUTPUT, a C++ file with the texts of FOLDER/*.sql; run by elevaite_embed_migrations().
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(entries "")
set(expected 1)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "${file}: a migration is called 0001_what_it_does.sql")
  endif()
  set(title ${CMAKE_MATCH_2})
  string(REGEX REPLACE "^0+" "" number ${CMAKE_MATCH_1})
  if(NOT number STREQUAL expected)
    message(FATAL_ERROR "${file}: expected number ${expected}; migrations have no gaps")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${file} text)
  string(APPEND entries "    {${number}, \"${title}\", R\"migration(${text})migration\"},\n")
endforeach()
string(SUBSTRING ${DIALECT} 0 1 initial)
string(TOUPPER ${initial} initial)
string(SUBSTRING ${DIALECT} 1 -1 rest)
file(WRITE ${OUTPUT} "// Made from ${DIALECT}/*.sql by embed_migrations.cmake.
#include \"infra/database/migrate.h\"

namespace ${NAMESPACE} {
namespace {
constexpr elevaite::database::Migration kMigrations[] = {
${entries}};
}  // namespace
std::span<const elevaite::database::Migration> ${initial}${rest}Migrations();
std::span<const elevaite::database::Migration> ${initial}${rest}Migrations() { return kMigrations; }
}  // namespace ${NAMESPACE}
")
