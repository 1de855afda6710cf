// Reader: what the validator's parts share to take values out of the tree and to say what is wrong with them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/syntax.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl {

// One reference token appended, escaped as RFC 6901 says.
std::string Child(std::string_view pointer, std::string_view token);
std::string Child(std::string_view pointer, std::size_t index);

// One token taken off the front of a pointer that begins with '/', unescaped.
std::string TakeToken(std::string_view& pointer);

// "a mapping", "a list", "the text `x`", "the number 5", "nothing".
std::string DescribeValue(const yaml::Node& node);

class Reader {
 public:
  using Place = syntax::Place;
  using Field = syntax::Field;

  explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Diagnostics& diagnostics() { return diagnostics_; }
  void Add(Code code, const Place& place, std::string message, std::string hint = {});

  // The member, when it is there. A key without a value counts as there.
  static Field Member(const Place& mapping, std::string_view key);
  static Place Item(const Place& list, std::size_t index);

  bool IsMapping(const Place& place, std::string_view what, std::string_view hint = {});
  bool IsList(const Place& place, std::string_view what, std::string_view hint = {});

  // How messages call an object that is part of a call's arguments; usual objects go by their title.
  struct Naming {
    std::string_view function = {};  // empty: no argument
    std::string_view called = {};    // "`endpoint` of `http`"
    bool is_argument = false;        // its keys are the arguments themselves
  };
  // Unknown keys (with the likely meaning), missing ones and those that exclude each other. `place` is a
  // mapping.
  void CheckKeys(const Place& place, const vocabulary::Object& object, const Naming& naming);
  void CheckKeys(const Place& place, const vocabulary::Object& object) { CheckKeys(place, object, {}); }
  // The same, when the object's name is known.
  void CheckKeys(const Place& place, std::string_view object) { CheckKeys(place, vocabulary::Get(object)); }
  // Whether CheckKeys would have nothing to say.
  static bool HasKnownKeys(const yaml::Node& mapping, const vocabulary::Object& object);

  // Scalars of one type; else a diagnostic and nullopt.
  std::optional<std::string> Text(const Place& place, std::string_view what, std::string_view hint = {});
  std::optional<bool> Bool(const Place& place, std::string_view what);
  std::optional<std::int64_t> Integer(const Place& place, std::string_view what, std::int64_t min,
                                      std::int64_t max);
  std::optional<double> Number(const Place& place, std::string_view what, double min, double max);
  // A duration literal; expressions are refused here.
  std::optional<std::int64_t> DurationLiteral(const Place& place, std::string_view what);
  // A duration literal or `${ ... }`; false when it is neither.
  bool IsDuration(const Place& place, std::string_view what);
  // A text of a closed set.
  std::optional<std::string> OneOf(const Place& place, std::string_view what,
                                   std::span<const std::string_view> allowed);

  // A text that must not be computed; `hint` says what to do instead.
  std::optional<std::string> LiteralText(const Place& place, std::string_view what, std::string_view hint);

  void Unsupported(const Place& place, std::string_view what, std::string hint = {});

 private:
  void UnknownKey(const Place& mapping, const yaml::Member& member, const vocabulary::Object& object,
                  const Naming& naming);
  void CheckPresence(const Place& place, const vocabulary::Object& object, const Naming& naming);

  Diagnostics& diagnostics_;
};

}  // namespace elevaite::dsl
