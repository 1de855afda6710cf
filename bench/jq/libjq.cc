#include "bench/jq/libjq.h"

#include <cstdio>
#include <cstdlib>

extern "C" {
#include <jq.h>
}

namespace bench {

struct LibjqProgram::State {
  jq_state* jq;
  jv input;
};

namespace {

jq_state* Compiled(const char* filter) {
  jq_state* jq = jq_init();
  if (jq != nullptr && jq_compile(jq, filter) != 0) return jq;
  std::fprintf(stderr, "libjq does not compile %s\n", filter);
  std::exit(1);
}

}  // namespace

LibjqProgram::LibjqProgram(const char* filter, const std::string& input)
    : state_(new State{Compiled(filter), jv_parse(input.c_str())}) {}

LibjqProgram::~LibjqProgram() {
  jv_free(state_->input);
  jq_teardown(&state_->jq);
  delete state_;
}

void LibjqProgram::RunFirst() {
  jq_start(state_->jq, jv_copy(state_->input), 0);
  jv_free(jq_next(state_->jq));
}

void LibjqProgram::Compile(const char* filter) {
  jq_state* jq = Compiled(filter);
  jq_teardown(&jq);
}

}  // namespace bench
