// The peer: Debian's libjq, as a host would use it at its best: compiled once, one state for all runs.
#pragma once

#include <string>

namespace bench {

class LibjqProgram {
 public:
  // `input`: JSON text, parsed once. Stops the process when the filter does not compile.
  LibjqProgram(const char* filter, const std::string& input);
  ~LibjqProgram();
  LibjqProgram(const LibjqProgram&) = delete;
  LibjqProgram& operator=(const LibjqProgram&) = delete;

  void RunFirst();  // to the first output
  static void Compile(const char* filter);

 private:
  struct State;
  State* state_;
};

}  // namespace bench
