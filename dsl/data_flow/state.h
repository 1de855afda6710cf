// State: what is known of the data and of $context at a place of the flow.
#pragma once

#include "dsl/types/type.h"

namespace elevaite::dsl::data_flow {

struct State {
  types::Type data = types::Type::Never();  // never: no way leads here
  types::Type context = types::Type::Never();
  // Of $context, since the branch of a fork began: that decides what the join keeps of it.
  bool may_have_written = false;
  bool has_written = false;

  bool IsReached() const { return !data.IsNever(); }
  State WithData(types::Type other) const {
    return {std::move(other), context, may_have_written, has_written};
  }
  bool operator==(const State&) const = default;
  static State Any();
};

// Of two ways that lead to one place.
State Join(const State& a, const State& b);

// $context when a fork ends that began with `before`: `joined` with the copy of one more branch merged in
// (see docs/language/semantics.md, "Fork").
types::Type MergeBranch(const types::Type& before, const types::Type& joined, const State& branch);

}  // namespace elevaite::dsl::data_flow
