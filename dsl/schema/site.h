// Site: a schema object while its keywords are compiled: reads arguments, reports what is wrong with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/schema/compiler.h"

namespace elevaite::schema {

class Site {
 public:
  Site(Compiler& compiler, const Place& place, Node& node)
      : compiler_(compiler), place_(place), node_(node) {}

  // The argument, or nullptr.
  const Json* Find(std::string_view keyword) const { return place_.schema->Find(keyword); }
  std::string At(std::string_view keyword) const;  // its pointer

  // Each reports a wrong argument and gives nothing.
  std::optional<std::uint64_t> Count(std::string_view keyword);  // absent: nothing, without an error
  std::optional<std::vector<std::string>> Names(const Json& value, const std::string& at);
  // Its members or items; reports what is no object, or no list with something in it.
  std::span<const Json::Member> Map(std::string_view keyword);
  std::span<const Json> List(std::string_view keyword);

  // The node of a subschema: applied to a part of the value, or to the same value.
  const Node* Child(std::string_view keyword, std::optional<std::string_view> token = std::nullopt);
  const Node* InPlace(std::string_view keyword, std::optional<std::string_view> token = std::nullopt);
  // The node that a reference means; in place.
  const Node* Reference(std::string_view keyword);

  // Answers no rule: `return site.Fail(...)`.
  Rule Fail(std::string at, std::string message, std::string hint = {});
  bool failed() const { return compiler_.failed(); }
  const Place& place() const { return place_; }
  Compiler& compiler() { return compiler_; }

 private:
  Compiler& compiler_;
  const Place& place_;
  Node& node_;
};

}  // namespace elevaite::schema
