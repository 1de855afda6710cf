// Shape: whether a value is as the vocabulary says, with all that stands in it. Tasks inside are left to the
// task reader, expressions to their compiler.
#pragma once

#include <string>
#include <string_view>

#include "dsl/definitions.h"
#include "dsl/reader.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl {

class ShapeChecker {
 public:
  // `function`: the values are arguments of that function; diagnostics say so (DSL0502 to DSL0505).
  ShapeChecker(Reader& reader, const Definitions& definitions, std::string_view function = {})
      : reader_(reader), definitions_(definitions), function_(function) {}

  // True when there was nothing to say.
  bool Check(const syntax::Place& place, const vocabulary::Object& object);

 private:
  struct At;

  void CheckObject(const At& at, const vocabulary::Object& object);
  void CheckValue(const At& at, const vocabulary::Value& value);
  void CheckScalar(const At& at, const vocabulary::Value& value);
  void CheckEnum(const At& at, const vocabulary::Value& value);
  void WrongType(const At& at, const vocabulary::Value& value);
  std::string Called(const At& at) const;

  Reader& reader_;
  const Definitions& definitions_;
  std::string_view function_;
};

}  // namespace elevaite::dsl
