#include "dsl/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "dsl/duration.h"
#include "dsl/slips.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {

std::string Child(std::string_view pointer, std::string_view token) {
  std::string out(pointer);
  out += '/';
  for (char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Child(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

std::string DescribeValue(const yaml::Node& node) {
  if (node.IsMapping()) return "a mapping";
  if (node.IsSequence()) return "a list";
  switch (node.value().type()) {
    case Json::Type::kNull: return "nothing";
    case Json::Type::kBool: return node.value().AsBool() ? "true" : "false";
    case Json::Type::kNumber: return "the number " + Quote(node.text());
    default: return "the text " + Quote(node.text());
  }
}

void Reader::Add(Code code, const Place& place, std::string message, std::string hint) {
  diagnostics_.Add(code, place.range(), place.pointer, std::move(message), std::move(hint));
}

Reader::Field Reader::Member(const Place& mapping, std::string_view key) {
  const yaml::Member* member = mapping.node.Find(key);
  if (member == nullptr) return std::nullopt;
  return Place{member->value, Child(mapping.pointer, key), member->key_range};
}

Reader::Place Reader::Item(const Place& list, std::size_t index) {
  return Place{list.node.items()[index], Child(list.pointer, index)};
}

bool Reader::IsMapping(const Place& place, std::string_view what, std::string_view hint) {
  if (place.node.IsMapping()) return true;
  Add(Code::kWrongType, place, fmt::format("{} must be a mapping, not {}", what, DescribeValue(place.node)),
      std::string(hint));
  return false;
}

bool Reader::IsList(const Place& place, std::string_view what, std::string_view hint) {
  if (place.node.IsSequence()) return true;
  Add(Code::kWrongType, place, fmt::format("{} must be a list, not {}", what, DescribeValue(place.node)),
      std::string(hint));
  return false;
}

void Reader::CheckKeys(const Place& place, std::string_view what, std::span<const Key> keys) {
  bool unknown_seen = false;
  for (const yaml::Member& member : place.node.members()) {
    const auto known = std::ranges::find(keys, member.key, &Key::name);
    if (known == keys.end()) {
      UnknownKey(place, member, what, keys);
      unknown_seen = true;
    } else if (known->use == Key::Use::kUnsupported) {
      Unsupported({member.value, Child(place.pointer, member.key), member.key_range},
                  fmt::format("`{}` in {}", member.key, what));
    }
  }
  // A required key that is missing beside an unknown one is most often that very slip.
  for (const Key& key : keys) {
    if (key.use != Key::Use::kRequired || unknown_seen || place.node.Find(key.name) != nullptr) continue;
    Add(Code::kMissingKey, place, fmt::format("{} needs `{}`", what, key.name));
  }
}

void Reader::UnknownKey(const Place& mapping, const yaml::Member& member, std::string_view what,
                        std::span<const Key> keys) {
  if (diagnostics_.Full()) return diagnostics_.Drop(Code::kUnknownKey);
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  std::string hint;
  if (const Slip* slip = FindKeySlip(what, member.key)) {
    hint = slip->hint;
  } else if (const auto near = Nearest(member.key, names)) {
    hint = fmt::format("did you mean `{}`?", *near);
  } else {
    hint = fmt::format("{} knows {}", what, ListOf(names, "and"));
  }
  diagnostics_.Add(Code::kUnknownKey, member.key_range, Child(mapping.pointer, member.key),
                   fmt::format("{} has no key {}", what, Quote(member.key)), std::move(hint));
}

std::optional<std::string> Reader::Text(const Place& place, std::string_view what, std::string_view hint) {
  if (place.node.IsScalar() && place.node.value().IsString()) return std::string(place.node.text());
  std::string advice(hint);
  if (advice.empty() && place.node.IsScalar() && !place.node.IsNull()) {
    advice = fmt::format("put it in quotes: '{}'", Excerpt(place.node.text()));
  }
  Add(Code::kWrongType, place, fmt::format("{} must be a text, not {}", what, DescribeValue(place.node)),
      advice);
  return std::nullopt;
}

std::optional<bool> Reader::Bool(const Place& place, std::string_view what) {
  if (place.node.IsScalar() && place.node.value().IsBool()) return place.node.value().AsBool();
  Add(Code::kWrongType, place,
      fmt::format("{} must be true or false, not {}", what, DescribeValue(place.node)));
  return std::nullopt;
}

std::optional<std::int64_t> Reader::Integer(const Place& place, std::string_view what, std::int64_t min,
                                            std::int64_t max) {
  if (!place.node.IsScalar() || !place.node.value().IsExactInteger()) {
    Add(Code::kWrongType, place,
        fmt::format("{} must be a whole number, not {}", what, DescribeValue(place.node)));
    return std::nullopt;
  }
  const Json& value = place.node.value();
  if (!value.IsInt64() || value.AsInt64() < min || value.AsInt64() > max) {
    Add(Code::kNumberRange, place,
        fmt::format("{} must be from {} to {}, not {}", what, min, max, value.Dump()));
    return std::nullopt;
  }
  return value.AsInt64();
}

std::optional<double> Reader::Number(const Place& place, std::string_view what, double min, double max) {
  if (!place.node.IsScalar() || !place.node.value().IsNumber()) {
    Add(Code::kWrongType, place, fmt::format("{} must be a number, not {}", what, DescribeValue(place.node)));
    return std::nullopt;
  }
  const double value = place.node.value().AsDouble();
  if (!(value >= min && value <= max)) {
    Add(Code::kNumberRange, place,
        fmt::format("{} must be from {} to {}, not {}", what, min, max, Quote(place.node.text())));
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> Reader::DurationLiteral(const Place& place, std::string_view what) {
  const auto value = ParseDuration(place.node.value());
  if (value) return *value;
  Add(Code::kDuration, place, fmt::format("{}: {}", what, value.error().message), value.error().hint);
  return std::nullopt;
}

bool Reader::IsDuration(const Place& place, std::string_view what) {
  const bool may_compute = place.node.IsScalar() && place.node.value().IsString() &&
                           place.node.text().find("${") != std::string_view::npos;
  return may_compute || DurationLiteral(place, what).has_value();
}

std::optional<std::string> Reader::OneOf(const Place& place, std::string_view what,
                                         std::span<const std::string_view> allowed) {
  auto text = Text(place, what);
  if (!text || std::ranges::find(allowed, *text) != allowed.end()) return text;
  const auto near = Nearest(*text, allowed);
  Add(Code::kValueNotAllowed, place,
      fmt::format("{} must be {}, not {}", what, ListOf(allowed), Quote(*text)),
      near ? fmt::format("did you mean `{}`?", *near) : "");
  return std::nullopt;
}

void Reader::Unsupported(const Place& place, std::string_view what, std::string hint) {
  diagnostics_.Add(Code::kUnsupported, place.key.value_or(place.node.range()), place.pointer,
                   fmt::format("{} is part of the language but not supported by this version", what),
                   std::move(hint));
}

}  // namespace elevaite::dsl
