// Document: an OpenAPI document and what is asked of it. No I/O.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.h"
#include "net/url.h"

namespace elevaite::connectors::openapi {

enum class Version : std::uint8_t { kSwagger2, kOpenApi3 };

struct Operation {
  std::string method;  // "GET"
  std::string path;    // "/pets/{petId}"
  Json definition;
  std::vector<Json> parameters;  // resolved; those of the path that the operation does not replace come first
  std::vector<Json> servers;     // of OpenAPI 3: those that count here
};

// Immutable; copying is O(1) but for the URL. Failures are `configuration`.
class Document {
 public:
  // JSON or YAML. `url`: where it came from.
  static std::expected<Document, Failure> Parse(std::string_view text, net::Url url);

  std::expected<Operation, Failure> FindOperation(std::string_view id) const;
  // The address that the operation's path stands behind, without a slash at its end.
  std::expected<std::string, Failure> ServerOf(const Operation& operation) const;
  // `value`, or what its `$ref` means within the document.
  std::expected<Json, Failure> Resolve(Json value) const;

  Version version() const { return version_; }
  const Json& root() const { return root_; }

 private:
  Document(Json root, net::Url url, Version version)
      : root_(std::move(root)), url_(std::move(url)), version_(version) {}
  std::expected<std::vector<Json>, Failure> ParametersOf(const Json& path_item, const Json& definition) const;
  std::expected<std::string, Failure> SwaggerServer() const;

  Json root_;
  net::Url url_;
  Version version_;
};

}  // namespace elevaite::connectors::openapi
