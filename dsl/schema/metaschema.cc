#include "dsl/schema/metaschema.h"

namespace elevaite::schema {

extern const std::string_view kMetaschemaText;  // metaschema.json

const Json& Metaschema() {
  static const Json document = [] {
    auto parsed = ParseJson(kMetaschemaText);
    CHECK(parsed.has_value());
    return *std::move(parsed);
  }();
  return document;
}

}  // namespace elevaite::schema
