// Types as text: Describe for people, Format for tests and tools.
#include "dsl/types/type.h"

namespace elevaite::dsl::types {
namespace {

void Append(std::string& out, std::string_view separator, std::string_view part) {
  if (!out.empty()) out += separator;
  out += part;
}

std::string Texts(const Type& type, std::string_view separator) {
  std::string out;
  for (const std::string& text : type.texts()) Append(out, separator, Json(text).Dump());
  return out.empty() ? "string" : out;
}

// The kinds that need no more words.
std::string Scalars(const Type& type, std::string_view separator) {
  std::string out;
  if (type.Has(kNull)) Append(out, separator, "null");
  if (type.Has(kTrue) && type.Has(kFalse)) {
    Append(out, separator, "boolean");
  } else if (type.Has(kBoolean)) {
    Append(out, separator, type.Has(kTrue) ? "true" : "false");
  }
  if (type.Has(kNumber)) Append(out, separator, "number");
  if (type.Has(kString)) Append(out, separator, Texts(type, separator));
  return out;
}

std::string DescribeObject(const Type& type) {
  constexpr std::size_t kNamesMax = 12;
  if (type.members().empty()) return type.is_open() ? "an object" : "an object without members";
  std::string names;
  std::size_t count = 0;
  for (const Member& member : type.members()) {
    if (++count > kNamesMax) {
      names += " and " + std::to_string(type.members().size() - kNamesMax) + " more";
      break;
    }
    Append(names, ", ", member.name);
  }
  return "an object with " + names + (type.is_open() ? "" : "; closed");
}

}  // namespace

std::string Describe(const Type& type) {
  if (type.IsNever()) return "nothing";
  if (type.kinds() == kAnyKind) return "any value";
  std::string out = Scalars(type, " or ");
  if (type.Has(kArray)) {
    const Type items = type.Items();
    if (items.IsNever()) {
      Append(out, " or ", "an empty list");
    } else {
      Append(out, " or ", items.kinds() == kAnyKind ? "a list" : "a list of (" + Describe(items) + ")");
    }
  }
  if (type.Has(kObject)) Append(out, " or ", DescribeObject(type));
  return out;
}

std::string Format(const Type& type) {
  if (type.IsNever()) return "never";
  if (type.IsAny()) return "any";
  std::string out = Scalars(type, " | ");
  if (type.Has(kArray)) Append(out, " | ", "[" + Format(type.Items()) + "]");
  if (type.Has(kObject)) {
    std::string members;
    for (const Member& member : type.members()) {
      Append(members, ", ",
             member.name + (member.presence == Presence::kOptional ? "?: " : ": ") + Format(member.type));
    }
    if (type.is_open()) Append(members, ", ", "...");
    Append(out, " | ", "{" + members + "}");
  }
  return out;
}

}  // namespace elevaite::dsl::types
