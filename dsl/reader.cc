#include "dsl/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "dsl/duration.h"
#include "dsl/expression.h"
#include "dsl/slips.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {

std::string Child(std::string_view pointer, std::string_view token) {
  std::string out;
  out.reserve(pointer.size() + token.size() + 1);
  out.append(pointer) += '/';
  if (token.find_first_of("~/") == std::string_view::npos) return out.append(token);
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
  return Child(pointer, fmt::format_int(index).c_str());
}

std::string TakeToken(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::string_view raw = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(raw.size());
  std::string token;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const bool is_escape = raw[i] == '~' && i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1');
    token += is_escape ? (raw[++i] == '1' ? '/' : '~') : raw[i];
  }
  return token;
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

namespace {

// The names of an object's keys, its base's after its own.
std::vector<std::string_view> NamesOf(const vocabulary::Object& object) {
  std::vector<std::string_view> names;
  for (const vocabulary::Key& key : object.keys) names.push_back(key.name);
  if (!object.base.empty()) {
    for (const vocabulary::Key& key : vocabulary::Get(object.base).keys) names.push_back(key.name);
  }
  return names;
}

std::size_t CountOf(const yaml::Node& mapping, vocabulary::KeyGroup group) {
  return static_cast<std::size_t>(
      std::ranges::count_if(group, [&](std::string_view key) { return mapping.Find(key) != nullptr; }));
}

bool IsReplaced(const yaml::Node& mapping, const vocabulary::Object& object) {
  return !object.instead.empty() && mapping.Find(object.instead) != nullptr;
}

bool MissesKey(const yaml::Node& mapping, const vocabulary::Object& object) {
  return std::ranges::any_of(
             object.keys,
             [&](const vocabulary::Key& key) { return key.required && mapping.Find(key.name) == nullptr; }) ||
         std::ranges::any_of(object.one_of,
                             [&](vocabulary::KeyGroup group) { return CountOf(mapping, group) == 0; });
}

// An argument with the same meaning that the object does have.
std::string_view MeantArgument(std::string_view wrong, const vocabulary::Object& object) {
  for (std::size_t i = 0;; ++i) {
    const std::string_view synonym = SynonymOfArgument(wrong, i);
    if (synonym.empty() || object.Find(synonym) != nullptr) return synonym;
  }
}

}  // namespace

bool Reader::HasKnownKeys(const yaml::Node& mapping, const vocabulary::Object& object) {
  if (IsReplaced(mapping, object)) return mapping.members().size() == 1;
  if (MissesKey(mapping, object)) return false;
  const bool known = object.openness == vocabulary::Openness::kOpen ||
                     std::ranges::all_of(mapping.members(), [&](const yaml::Member& member) {
                       return object.Find(member.key) != nullptr;
                     });
  return known && std::ranges::all_of(object.one_of, [&](vocabulary::KeyGroup group) {
           return CountOf(mapping, group) == 1;
         });
}

void Reader::CheckKeys(const Place& place, const vocabulary::Object& object, const Naming& naming) {
  if (HasKnownKeys(place.node, object)) return;
  bool unknown_seen = false;
  for (const yaml::Member& member : place.node.members()) {
    if (object.Find(member.key) != nullptr || object.openness == vocabulary::Openness::kOpen) continue;
    UnknownKey(place, member, object, naming);
    unknown_seen = true;
  }
  // A required key that is missing beside an unknown one is most often that very slip.
  if (!unknown_seen) CheckPresence(place, object, naming);
}

void Reader::CheckPresence(const Place& place, const vocabulary::Object& object, const Naming& naming) {
  const bool is_call = !naming.function.empty();
  const std::string_view what = is_call ? naming.called : object.title;
  if (IsReplaced(place.node, object)) {
    Add(Code::kExclusiveKeys, place, fmt::format("`{}` of {} stands alone", object.instead, what),
        fmt::format("keep `{}`, or all the rest", object.instead));
    return;
  }
  const Code missing = is_call ? Code::kMissingArgument : Code::kMissingKey;
  for (const vocabulary::Key& key : object.keys) {
    if (!key.required || place.node.Find(key.name) != nullptr) continue;
    Add(missing, place,
        naming.is_argument ? fmt::format("{} needs the argument `{}`", what, key.name)
                           : fmt::format("{} needs `{}`", what, key.name),
        is_call ? fmt::format("add `{}: {}`", key.name, key.example) : std::string());
  }
  for (const vocabulary::KeyGroup& group : object.one_of) {
    const std::size_t count = CountOf(place.node, group);
    if (count == 0) Add(missing, place, fmt::format("{} needs one of {}", what, ListOf(group)));
    if (count > 1) {
      Add(Code::kExclusiveKeys, place, fmt::format("{} has only one of {}", what, ListOf(group, "and")),
          "keep one");
    }
  }
}

void Reader::UnknownKey(const Place& mapping, const yaml::Member& member, const vocabulary::Object& object,
                        const Naming& naming) {
  const bool is_call = !naming.function.empty();
  // Where something is missing, it is most often this that was meant: no mere oddity.
  const bool is_ignored =
      object.openness == vocabulary::Openness::kIgnored && !MissesKey(mapping.node, object);
  const Code code = is_ignored ? Code::kIgnoredKey : is_call ? Code::kUnknownArgument : Code::kUnknownKey;
  if (diagnostics_.Full()) return diagnostics_.Drop(code);
  const std::string_view what = is_call ? naming.called : object.title;
  std::string hint;
  const Slip* slip = FindKeySlip(object.title, member.key);
  const std::string_view meant =
      slip == nullptr && is_call ? MeantArgument(member.key, object) : std::string_view();
  const std::vector<std::string_view> names = NamesOf(object);
  if (slip != nullptr) {
    hint = slip->hint;
  } else if (!meant.empty()) {
    hint = fmt::format("did you mean `{}`?", meant);
  } else if (const auto near = Nearest(member.key, names)) {
    hint = fmt::format("did you mean `{}`?", *near);
  } else {
    hint = names.empty() ? "it needs nothing"
           : is_call     ? fmt::format("it takes {}", ListOf(names, "and"))
                         : fmt::format("{} knows {}", what, ListOf(names, "and"));
  }
  std::string message = naming.is_argument ? fmt::format("{} has no argument {}", what, Quote(member.key))
                                           : fmt::format("{} has no key {}", what, Quote(member.key));
  if (is_ignored) message = fmt::format("{} means nothing in {} and is ignored", Quote(member.key), what);
  diagnostics_.Add(code, member.key_range, Child(mapping.pointer, member.key), std::move(message),
                   std::move(hint));
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

std::optional<std::string> Reader::LiteralText(const Place& place, std::string_view what,
                                               std::string_view hint) {
  auto text = Text(place, what);
  if (!text || ScanText(*text).kind == TextKind::kLiteral) return text;
  Add(Code::kWrongType, place, fmt::format("{} must be written out; it cannot be computed", what),
      std::string(hint));
  return std::nullopt;
}

void Reader::Unsupported(const Place& place, std::string_view what, std::string hint) {
  diagnostics_.Add(Code::kUnsupported, place.key.value_or(place.node.range()), place.pointer,
                   fmt::format("{} is part of the language but not supported by this version", what),
                   std::move(hint));
}

}  // namespace elevaite::dsl
