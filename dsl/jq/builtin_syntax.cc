// Names that are shorter ways to write nodes: map, select, first, any ...
#include <unordered_map>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

namespace {

enum class Special : std::uint8_t {
  kEmpty,
  kNot,
  kErrorSelf,
  kError,
  kPath,
  kSelect,
  kMap,
  kMapValues,
  kRecurse,
  kRange1,
  kRange2,
  kRange3,
  kLimit,
  kSkip,
  kNth,
  kFirstOf,
  kLastOf,
  kFirst,
  kLast,
  kIsEmpty,
  kAny0,
  kAny1,
  kAny2,
  kAll0,
  kAll1,
  kAll2,
  kSortBy,
  kGroupBy,
  kUniqueBy,
  kMinBy,
  kMaxBy,
  kAddOf,
  kDel,
  kWithEntries,
  kGetpath,
  kTostream,
  kMatch1,
  kMatch2,
  kSplits1,
  kSplits2,
  kScan1,
  kScan2,
  kCapture1,
  kCapture2,
  kTypeFilter,
  kIn1,
  kIn2,
  kIn,
  kInside,
  kDebug,
  kIsValid,
  kJoinIndex,
};

struct NameArity {
  std::string_view name;
  std::size_t arity;
  bool operator==(const NameArity&) const = default;
};
struct NameArityHash {
  std::size_t operator()(const NameArity& key) const {
    return std::hash<std::string_view>{}(key.name) * 31 + key.arity;
  }
};

const std::unordered_map<NameArity, Special, NameArityHash>& Specials() {
  static const std::unordered_map<NameArity, Special, NameArityHash> table = {
      {{"empty", 0}, Special::kEmpty},
      {{"error", 0}, Special::kErrorSelf},
      {{"error", 1}, Special::kError},
      {{"path", 1}, Special::kPath},
      {{"select", 1}, Special::kSelect},
      {{"map", 1}, Special::kMap},
      {{"map_values", 1}, Special::kMapValues},
      {{"recurse", 0}, Special::kRecurse},
      {{"range", 1}, Special::kRange1},
      {{"range", 2}, Special::kRange2},
      {{"range", 3}, Special::kRange3},
      {{"limit", 2}, Special::kLimit},
      {{"skip", 2}, Special::kSkip},
      {{"nth", 2}, Special::kNth},
      {{"first", 1}, Special::kFirstOf},
      {{"last", 1}, Special::kLastOf},
      {{"first", 0}, Special::kFirst},
      {{"last", 0}, Special::kLast},
      {{"isempty", 1}, Special::kIsEmpty},
      {{"any", 0}, Special::kAny0},
      {{"any", 1}, Special::kAny1},
      {{"any", 2}, Special::kAny2},
      {{"all", 0}, Special::kAll0},
      {{"all", 1}, Special::kAll1},
      {{"all", 2}, Special::kAll2},
      {{"sort_by", 1}, Special::kSortBy},
      {{"group_by", 1}, Special::kGroupBy},
      {{"unique_by", 1}, Special::kUniqueBy},
      {{"min_by", 1}, Special::kMinBy},
      {{"max_by", 1}, Special::kMaxBy},
      {{"add", 1}, Special::kAddOf},
      {{"del", 1}, Special::kDel},
      {{"with_entries", 1}, Special::kWithEntries},
      {{"getpath", 1}, Special::kGetpath},
      {{"tostream", 0}, Special::kTostream},
      {{"match", 1}, Special::kMatch1},
      {{"match", 2}, Special::kMatch2},
      {{"splits", 1}, Special::kSplits1},
      {{"splits", 2}, Special::kSplits2},
      {{"scan", 1}, Special::kScan1},
      {{"scan", 2}, Special::kScan2},
      {{"capture", 1}, Special::kCapture1},
      {{"capture", 2}, Special::kCapture2},
      {{"arrays", 0}, Special::kTypeFilter},
      {{"objects", 0}, Special::kTypeFilter},
      {{"iterables", 0}, Special::kTypeFilter},
      {{"booleans", 0}, Special::kTypeFilter},
      {{"numbers", 0}, Special::kTypeFilter},
      {{"strings", 0}, Special::kTypeFilter},
      {{"nulls", 0}, Special::kTypeFilter},
      {{"values", 0}, Special::kTypeFilter},
      {{"scalars", 0}, Special::kTypeFilter},
      {{"finites", 0}, Special::kTypeFilter},
      {{"normals", 0}, Special::kTypeFilter},
      {{"IN", 1}, Special::kIn1},
      {{"IN", 2}, Special::kIn2},
      {{"in", 1}, Special::kIn},
      {{"inside", 1}, Special::kInside},
      {{"debug", 1}, Special::kDebug},
      {{"isvalid", 1}, Special::kIsValid},
  };
  return table;
}

}  // namespace

Compiler::NodeRef Compiler::MakeSpecial(std::string_view name, const Arguments& arguments,
                                        std::uint32_t begin, bool& found) {
  const auto entry = Specials().find({name, arguments.size()});
  found = entry != Specials().end();
  if (!found) return nullptr;
  auto identity = [&] { return Make(Op::kIdentity, begin, nullptr); };
  auto each = [&] { return Make(Op::kIterate, begin, identity()); };
  auto literal = [&](Json value) { return Literal(std::move(value), begin); };
  auto pipe = [&](NodeRef a, NodeRef b) { return Make(Op::kPipe, begin, a, b); };
  auto select = [&](NodeRef condition) {
    return Make(Op::kIf, begin, condition, nullptr, Make(Op::kEmpty, begin, nullptr));
  };
  auto keyed = [&](std::string_view native) {  // f for every item, as arrays: what the items are ordered by
    NodeRef keys = MakeCollect(pipe(each(), MakeCollect(arguments[0], begin)), begin);
    return MakeNamed(native, begin, {keys});
  };
  auto some = [&](NodeRef source, NodeRef condition, bool wanted) {
    NodeRef then = literal(wanted);
    NodeRef nothing = Make(Op::kEmpty, begin, nullptr);
    NodeRef test = wanted ? Make(Op::kIf, begin, condition, then, nothing)
                          : Make(Op::kIf, begin, condition, nothing, then);
    return Make(Op::kFirst, begin, Make(Op::kComma, begin, pipe(source, test), literal(!wanted)));
  };
  auto counted = [&](std::uint8_t variant) {
    Node* node = New(Op::kLimit, begin);
    node->count = 1;
    node->list = code_.NewList(1);
    node->list[0] = arguments[0];
    node->a = arguments[1];
    node->variant = variant;
    return Finish(node);
  };
  auto regex = [&](std::string_view native) {
    return arguments.size() == 2 ? MakeNamed(native, begin, {arguments[0], arguments[1]})
                                 : MakeNamed(native, begin, {arguments[0], literal(Json())});
  };
  auto bound = [&](NodeRef source, auto&& body) {  // source as $x | body($x)
    const std::uint32_t slot = NewSlot();
    return MakeBind(source, slot, body(MakeVariable(slot, begin)), begin);
  };
  switch (entry->second) {
    case Special::kEmpty: return Make(Op::kEmpty, begin, nullptr);
    case Special::kNot: return nullptr;
    case Special::kErrorSelf: return MakeList(Op::kError, begin, {identity()});
    case Special::kError: return MakeList(Op::kError, begin, arguments);
    case Special::kPath: return Make(Op::kPath, begin, arguments[0]);
    case Special::kSelect: return select(arguments[0]);
    case Special::kMap: return MakeCollect(pipe(each(), arguments[0]), begin);
    case Special::kMapValues: return Make(Op::kUpdate, begin, each(), arguments[0]);
    case Special::kRecurse: return Make(Op::kRecurseAll, begin, nullptr);
    case Special::kRange1: return MakeList(Op::kRange, begin, {literal(0), arguments[0], literal(1)});
    case Special::kRange2: return MakeList(Op::kRange, begin, {arguments[0], arguments[1], literal(1)});
    case Special::kRange3: return MakeList(Op::kRange, begin, arguments);
    case Special::kLimit: return counted(0);
    case Special::kSkip: return counted(1);
    case Special::kNth: return counted(2);
    case Special::kFirstOf: return Make(Op::kFirst, begin, arguments[0]);
    case Special::kLastOf: return Make(Op::kLast, begin, arguments[0]);
    case Special::kFirst: return MakeIndex(nullptr, literal(0), begin);
    case Special::kLast: return MakeIndex(nullptr, literal(-1), begin);
    case Special::kIsEmpty:
      return Make(Op::kFirst, begin,
                  Make(Op::kComma, begin, pipe(arguments[0], literal(false)), literal(true)));
    case Special::kAny0: return some(each(), identity(), true);
    case Special::kAny1: return some(each(), arguments[0], true);
    case Special::kAny2: return some(arguments[0], arguments[1], true);
    case Special::kAll0: return some(each(), identity(), false);
    case Special::kAll1: return some(each(), arguments[0], false);
    case Special::kAll2: return some(arguments[0], arguments[1], false);
    case Special::kSortBy: return keyed("_sort_by");
    case Special::kGroupBy: return keyed("_group_by");
    case Special::kUniqueBy: return keyed("_unique_by");
    case Special::kMinBy: return keyed("_min_by");
    case Special::kMaxBy: return keyed("_max_by");
    case Special::kAddOf: {
      Node* step = New(Op::kStep, begin);
      const std::uint32_t item = NewSlot();
      step->slot = NewSlot();
      step->a = MakeBinary("+", identity(), MakeVariable(item, begin), begin);
      Node* node = New(Op::kReduce, begin);
      node->slot = item;
      node->slot2 = step->slot;
      node->a = arguments[0];
      node->b = literal(Json());
      node->c = Finish(step);
      return Finish(node);
    }
    case Special::kDel:
      return MakeNamed("delpaths", begin, {MakeCollect(Make(Op::kPath, begin, arguments[0]), begin)});
    case Special::kWithEntries: {
      NodeRef mapped = MakeCollect(pipe(each(), arguments[0]), begin);
      return pipe(MakeNamed("to_entries", begin, {}), pipe(mapped, MakeNamed("from_entries", begin, {})));
    }
    case Special::kGetpath: return MakeList(Op::kGetpath, begin, arguments);
    case Special::kTostream: return pipe(MakeNamed("_tostream", begin, {}), each());
    case Special::kMatch1:
    case Special::kMatch2: return pipe(regex("_match"), each());
    case Special::kSplits1:
    case Special::kSplits2: return pipe(regex("split"), each());
    case Special::kScan1:
    case Special::kScan2: return pipe(regex("_scan"), each());
    case Special::kCapture1:
    case Special::kCapture2: return pipe(regex("_capture"), each());
    case Special::kTypeFilter: return select(MakeNamed("_is", begin, {literal(Json(name))}));
    case Special::kIn1: {  // any(f == $in; .)
      return bound(identity(), [&](NodeRef value) {
        return some(arguments[0], MakeBinary("==", identity(), value, begin), true);
      });
    }
    case Special::kIn2: return some(MakeBinary("==", arguments[0], arguments[1], begin), identity(), true);
    case Special::kIn:
      return bound(identity(),
                   [&](NodeRef value) { return pipe(arguments[0], MakeNamed("has", begin, {value})); });
    case Special::kInside:
      return bound(identity(),
                   [&](NodeRef value) { return pipe(arguments[0], MakeNamed("contains", begin, {value})); });
    case Special::kDebug:  // nobody reads it: the message is computed for its errors only
      return Make(Op::kComma, begin, pipe(arguments[0], Make(Op::kEmpty, begin, nullptr)), identity());
    case Special::kIsValid: return Make(Op::kTry, begin, pipe(arguments[0], literal(true)), literal(false));
    case Special::kJoinIndex: return nullptr;
  }
  return nullptr;
}

}  // namespace elevaite::jq
