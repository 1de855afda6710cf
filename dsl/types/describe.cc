// Types as text: Describe for people, Format for tests and tools.
#include "dsl/types/type.h"

namespace elevaite::dsl::types {
namespace {

void Append(std::string& out, std::string_view separator, std::string_view part) {
  if (!out.empty()) out += separator;
  out += part;
}

struct Words {
  std::string_view separator;
  std::string_view boolean;
  std::string_view number;
  std::string_view text;
};
constexpr Words kForPeople{" or ", "true or false", "a number", "a text"};
constexpr Words kExact{" | ", "boolean", "number", "string"};

std::string Texts(const Type& type, const Words& words) {
  std::string out;
  for (const std::string& text : type.texts()) Append(out, words.separator, Json(text).Dump());
  return out.empty() ? std::string(words.text) : out;
}

// The kinds that need no more words.
std::string Scalars(const Type& type, const Words& words) {
  std::string out;
  if (type.Has(kNull)) Append(out, words.separator, "null");
  if (type.Has(kTrue) && type.Has(kFalse)) {
    Append(out, words.separator, words.boolean);
  } else if (type.Has(kBoolean)) {
    Append(out, words.separator, type.Has(kTrue) ? "true" : "false");
  }
  if (type.Has(kNumber)) Append(out, words.separator, words.number);
  if (type.Has(kString)) Append(out, words.separator, Texts(type, words));
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
  std::string out = Scalars(type, kForPeople);
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
  std::string out = Scalars(type, kExact);
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
