// Reads the members of one object of an API, and says which one is wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite::workflow {

class Fields {
 public:
  // `where` stands before the names in errors: "response."; it and the object must outlive this.
  // kInvalidArgument: it is no object, or has a member that is not known.
  static Result<Fields> Of(const Json& object, std::string_view where,
                           std::initializer_list<std::string_view> known);

  // Absent and null are the same.
  const Json* Find(std::string_view name) const;
  // nullopt: absent. `bytes_max`: of the text, which has no control characters.
  Result<std::optional<std::string>> Text(std::string_view name, std::size_t bytes_max) const;
  Result<bool> Flag(std::string_view name, bool otherwise) const;
  // A whole number in [1, most]. `otherwise` nullopt: it must be there.
  Result<std::int64_t> Count(std::string_view name, std::optional<std::int64_t> otherwise, std::int64_t most,
                             std::string hint = {}) const;
  // "10s", "1m30s".
  Result<std::chrono::microseconds> Duration(std::string_view name, std::chrono::microseconds otherwise,
                                             std::chrono::microseconds least,
                                             std::chrono::microseconds most) const;
  std::unexpected<Error> Wrong(std::string_view name, std::string_view what, std::string hint = {}) const;

 private:
  Fields(const Json& object, std::string_view where) : object_(&object), where_(where) {}
  const Json* object_;
  std::string_view where_;
};

}  // namespace elevaite::workflow
