// Vocabulary: the objects of the language, their keys, and what may stand under each. One table
// (vocabulary_*.cc), of which everything that has to know keys is made: the readers of the compiler,
// completion and hover, the Studio's forms, the reference page.
//
//   const vocabulary::Object& loop = vocabulary::Get("for");
//   for (const vocabulary::Key& key : loop.keys) ...          // each, in, at
//   vocabulary::At(document.root(), "/do/0/load/with").object  // "with.http" for a `call: http`
//
// Names of objects: what stands under a key of the root bears its name ("document", "schedule"); tasks are
// "task.<kind>" ("task.for" has `for`, `while`, `do` and, by its base "task", what every task may have); what
// stands under the kind's own key has the kind's name ("for", "listen", "run.shell"); arguments of the
// standard calls are "with.<call>". "with" is the free mapping of any other function's arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/yaml.h"

namespace elevaite::dsl::vocabulary {

// What a value may be. Several may hold at once: a text or a mapping.
enum Form : std::uint32_t {
  kText = 1U << 0U,
  kExpression = 1U << 1U,  // a field typed as expression: `${ x }` or bare x
  kBoolean = 1U << 2U,
  kInteger = 1U << 3U,
  kNumber = 1U << 4U,
  kDuration = 1U << 5U,    // ISO 8601 or {days, hours, minutes, seconds, milliseconds}
  kEnum = 1U << 6U,        // a text, one of `values`
  kUri = 1U << 7U,         // a URI or a URI template
  kObject = 1U << 8U,      // the object named `object`
  kList = 1U << 9U,        // a list of `element`
  kMap = 1U << 10U,        // names with an `element` each
  kNamedList = 1U << 11U,  // a list of one-key mappings of `object`: tasks, cases, extensions
  kFlow = 1U << 12U,       // continue, exit, end or the name of a task of the same list
  kVariable = 1U << 13U,   // the name of a variable, without $
  kReference = 1U << 14U,  // a name under `use.<reference>`
  kAny = 1U << 15U,        // any value, with `${ }` anywhere inside
  kComputed = 1U << 16U,   // `${ }` may stand for it
  kCode = 1U << 17U,       // of another language: `${` inside it is that language's own
};

struct Value {
  std::uint32_t forms = 0;
  std::string_view object = {};
  std::string_view reference = {};
  std::span<const std::string_view> values = {};
  const Value* element = nullptr;

  bool Is(Form form) const { return (forms & form) != 0; }
};

struct Key {
  std::string_view name;
  Value value;
  std::string_view description;  // one sentence
  std::string_view example;      // YAML, as it stands behind the colon
  bool required = false;
  bool credential = false;  // should come from $secrets
};

// What other keys mean.
enum class Openness : std::uint8_t {
  kClosed,   // an error
  kIgnored,  // the schema lets them in and they mean nothing: a warning
  kOpen,     // free
};

using KeyGroup = std::span<const std::string_view>;

struct Object {
  std::string_view name;
  std::string_view title;  // in messages: "`for`", "a task"
  std::string_view description;
  std::span<const Key> keys;
  Openness openness = Openness::kClosed;
  std::string_view base = {};             // an object whose keys it has as well
  std::span<const KeyGroup> one_of = {};  // of each group exactly one key
  std::string_view instead = {};          // a key that stands alone, in place of all others

  // In the object itself or in its base. nullptr: none.
  const Key* Find(std::string_view key) const;
};

std::span<const Object> All();
const Object* Find(std::string_view name);
const Object& Get(std::string_view name);  // CHECKs that there is one

// "set", "for" ... of "task.set", "task.for" ...; in the order in which a task's keys are looked at.
std::span<const std::string_view> TaskKinds();
// The standard calls, whose arguments are "with.<name>".
std::span<const std::string_view> StandardCalls();
// Of these the one that is this server's own: steps that are undone when a later one fails.
inline constexpr std::string_view kSaga = "flow.saga";
// The object of a task: by its kind, or "task" when it has none or several.
const Object& TaskObjectOf(const yaml::Node& task);
// The object of a call's `with`.
const Object& ArgumentsOf(std::string_view function);

// What the language says of the place at a JSON Pointer.
struct Place {
  const Object* object = nullptr;  // when the value there is a mapping of the language
  const Key* key = nullptr;        // the key it stands under; nullptr for names (of tasks, of definitions)
  const Object* owner = nullptr;   // the object that has that key
  const Value* value = nullptr;    // what may stand there
};
// Walks from the root; the tree decides between alternatives (kinds of tasks, `call`), and may be broken.
// nullopt: free data, or not part of the language.
std::optional<Place> At(const yaml::Node& root, std::string_view pointer);

}  // namespace elevaite::dsl::vocabulary
