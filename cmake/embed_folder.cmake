# Writes BASE.S and BASE.cc for all files below FOLDER; see embed.cmake.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(assembly ".section .rodata\n")
set(declarations "")
set(table "")
set(index 0)
foreach(file IN LISTS files)
  set(symbol embedded_${FUNCTION}_${index})
  string(APPEND assembly ".global ${symbol}_begin\n.global ${symbol}_end\n${symbol}_begin:\n.incbin \"${FOLDER}/${file}\"\n${symbol}_end:\n.byte 0\n")
  string(APPEND declarations "extern \"C\" const char ${symbol}_begin[];\nextern \"C\" const char ${symbol}_end[];\n")
  string(APPEND table "      {\"/${file}\", {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
file(WRITE ${BASE}.S "${assembly}")
file(WRITE ${BASE}.cc "#include \"app/embedded.h\"
${declarations}
namespace ${NAMESPACE} {
std::span<const EmbeddedFile> ${FUNCTION}() {
  static const std::vector<EmbeddedFile> files{
${table}  };
  return files;
}
}
")
