// Definitions: what `use` defines, for whoever refers to it by name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/reader.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

class Definitions {
 public:
  using Named = std::map<std::string, syntax::Place, std::less<>>;

  // `part`: "retries", "errors", "secrets" ...
  void Add(std::string_view part, std::string name, syntax::Place place);
  const Named& Of(std::string_view part) const;
  // What the text at `name` refers to, or a diagnostic (DSL0214) with the likely meaning. The definition
  // lives as long as this.
  const syntax::Place* Resolve(Reader& reader, std::string_view part, const syntax::Place& name) const;

 private:
  std::map<std::string, Named, std::less<>> parts_;
};

}  // namespace elevaite::dsl
