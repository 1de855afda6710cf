#include "connectors/openapi/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "connectors/http/exchange.h"
#include "connectors/http/failures.h"
#include "foundation/percent.h"

namespace elevaite::connectors::openapi {
namespace {

using http::Invalid;
using http::Misconfigured;
using http::TextOf;

struct Style {
  std::string_view name;  // simple, form, deepObject
  bool explode = false;
  std::string separator = ",";  // between the items, as written in a query
};

std::expected<Style, Failure> StyleOf(const Json& parameter) {
  const std::string_view in = parameter["in"].StringOr("");
  const bool simple = in == "path" || in == "header";
  if (parameter["collectionFormat"].IsString() || parameter["type"].IsString()) {  // Swagger 2
    const std::string_view format = parameter["collectionFormat"].StringOr("csv");
    Style style{.name = simple ? "simple" : "form"};
    if (format == "multi") style.explode = true;
    if (format == "ssv") style.separator = "%20";
    if (format == "tsv") style.separator = "%09";
    if (format == "pipes") style.separator = "%7C";
    return style;
  }
  std::string_view name = parameter["style"].StringOr(simple ? "simple" : "form");
  Style style{.name = name, .explode = parameter["explode"].BoolOr(name == "form")};
  if (name == "spaceDelimited") style = {"form", style.explode, "%20"};
  if (name == "pipeDelimited") style = {"form", style.explode, "%7C"};
  const bool fits = simple ? name == "simple" : name != "simple";
  if (fits &&
      (style.name == "simple" || style.name == "form" || (style.name == "deepObject" && in == "query")))
    return style;
  return std::unexpected(Misconfigured(fmt::format("the style '{}' of the parameter '{}' is not supported",
                                                   name, parameter["name"].AsString())));
}

using Escape = std::function<std::string(std::string_view)>;

std::string Escaped(std::string_view text) { return PercentEncode(text); }
std::string AsItIs(std::string_view text) { return std::string(text); }

// a,b or k,v,k,v or (exploded) k=v,k=v
std::string WriteList(const Json& value, const Style& style, const Escape& escape) {
  if (!value.IsArray() && !value.IsObject()) return escape(TextOf(value));
  std::vector<std::string> parts;
  if (value.IsArray()) {
    for (const Json& item : value.AsArray()) parts.push_back(escape(TextOf(item)));
  } else {
    for (const auto& [key, member] : value.AsObject()) {
      const std::string name = escape(key.AsString());
      const std::string text = escape(TextOf(member));
      if (style.explode) {
        parts.push_back(name + "=" + text);
      } else {
        parts.push_back(name);
        parts.push_back(text);
      }
    }
  }
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : style.separator).append(part);
  return text;
}

// name=a&name=b, k=v&k=v, name=a,b ...
std::string WriteForm(std::string_view name, const Json& value, const Style& style) {
  const std::string key = PercentEncode(name);
  std::string text;
  const auto add = [&](const std::string& one, const std::string& of) {
    text.append(text.empty() ? "" : "&").append(one).append("=").append(of);
  };
  if (value.IsObject() && (style.explode || style.name == "deepObject")) {
    for (const auto& [member, inner] : value.AsObject()) {
      const std::string inside = PercentEncode(member.AsString());
      add(style.name == "deepObject" ? key + "%5B" + inside + "%5D" : inside, Escaped(TextOf(inner)));
    }
  } else if (value.IsArray() && style.explode) {
    for (const Json& item : value.AsArray()) add(key, Escaped(TextOf(item)));
  } else {
    add(key, WriteList(value, style, Escaped));
  }
  return text;
}

void Append(std::string& text, std::string_view separator, const std::string& more) {
  if (!text.empty() && !more.empty()) text += separator;
  text += more;
}

std::expected<void, Failure> WritePath(std::string_view name, const std::string& text, Draft& draft) {
  // Such a segment would change which path is meant.
  if (text.empty() || text == "." || text == "..")
    return std::unexpected(
        Invalid(fmt::format("the parameter '{}' cannot be '{}' within a path", name, text)));
  const std::string place = "{" + std::string(name) + "}";
  for (std::size_t at = 0; (at = draft.path.find(place, at)) != std::string::npos; at += text.size())
    draft.path.replace(at, place.size(), text);
  return {};
}

}  // namespace

std::string WriteForm(const Json& object) {
  std::string text;
  for (const auto& [name, value] : object.AsObject()) {
    if (!value.IsNull())
      Append(text, "&", WriteForm(name.AsString(), value, {.name = "form", .explode = true}));
  }
  return text;
}

std::expected<void, Failure> WriteParameter(const Json& parameter, const Json& given, Draft& draft) {
  const std::string_view name = parameter["name"].AsString();
  const std::string_view in = parameter["in"].AsString();
  const auto style = StyleOf(parameter);
  if (!style) return std::unexpected(style.error());
  const Json value = parameter["content"].IsObject() ? Json(given.Dump()) : given;  // serialised as a whole
  if (in == "path") return WritePath(name, WriteList(value, *style, Escaped), draft);
  if (in == "header") return http::AddHeader(name, Json(WriteList(value, *style, AsItIs)), draft.request);
  if (in == "query") {
    Append(draft.query, "&", WriteForm(name, value, *style));
  } else if (in == "formData") {
    Append(draft.form, "&", WriteForm(name, value, *style));
  } else if (in == "cookie") {
    std::string cookies = WriteForm(name, value, *style);
    for (std::size_t at = 0; (at = cookies.find('&', at)) != std::string::npos; at += 2)
      cookies.replace(at, 1, "; ");
    Append(draft.cookies, "; ", cookies);
  } else {
    return std::unexpected(
        Misconfigured(fmt::format("the parameter '{}' stands in '{}', which is not known", name, in)));
  }
  return {};
}

}  // namespace elevaite::connectors::openapi
