# The allocator of what ships and of what measures it: jemalloc. A document becomes some ten small values a line, from
# many threads, and a server lives for months: glibc's malloc takes a third longer for them and keeps what it was once given.
# Sanitizers bring an allocator of their own.
add_library(elevaite_allocator INTERFACE)
if(NOT ELEVAITE_SANITIZE)
  find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)
  target_link_libraries(elevaite_allocator INTERFACE ${JEMALLOC_LIBRARY})
endif()
