// Arithmetic on values, as jq has it.
#include <cmath>
#include <limits>

#include "dsl/jq/values.h"

namespace elevaite::jq {
namespace {

constexpr std::int64_t kExact = (std::int64_t{1} << 53) - 1;

bool SmallInteger(const Json& v) { return v.IsInt64() && v.AsInt64() <= kExact && v.AsInt64() >= -kExact; }

}  // namespace

Json Number(double value) {
  if (value >= -static_cast<double>(kExact) && value <= static_cast<double>(kExact)) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value && (integer != 0 || !std::signbit(value))) return integer;
  }
  return value;
}

namespace {

bool Unfit(Context& context, const Json& a, const Json& b, const char* what) {
  return context.Fail(Describe(a) + " and " + Describe(b) + " cannot be " + what);
}

bool Add(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNull()) {
    out = b;
    return true;
  }
  if (b.IsNull()) {
    out = std::move(a);
    return true;
  }
  if (a.IsNumber() && b.IsNumber()) {
    if (SmallInteger(a) && SmallInteger(b)) {
      const std::int64_t sum = a.AsInt64() + b.AsInt64();
      out = sum >= -kExact && sum <= kExact ? Json(sum) : Json(a.AsDouble() + b.AsDouble());
    } else {
      out = Number(a.AsDouble() + b.AsDouble());
    }
    return true;
  }
  if (a.IsString() && b.IsString()) {
    const std::size_t bytes = a.Size() + b.Size();
    if (!context.Step(bytes / 64) || !context.Reserve(bytes + kTextHeap)) return false;
    std::string text;
    text.reserve(bytes);
    text += a.AsString();
    text += b.AsString();
    out = Json(text);
    return true;
  }
  if (a.IsArray() && b.IsArray()) {
    if (!context.Step(b.Size())) return false;
    if (!CountCopy(context, a)) return false;
    const Json added = b;  // b may be a
    for (const Json& item : added.AsArray()) {
      if (!context.ChargeGrowth(a.Size(), sizeof(Json))) return false;
      a = Json::Append(std::move(a), item);
    }
    out = std::move(a);
    return true;
  }
  if (a.IsObject() && b.IsObject()) {
    if (!context.Step(b.Size())) return false;
    if (!CountCopy(context, a)) return false;
    const Json added = b;
    for (const Json::Member& member : added.AsObject()) {
      if (!context.ChargeGrowth(a.Size(), kMemberBytes)) return false;
      a = Json::WithMember(std::move(a), member.key, member.value);
    }
    out = std::move(a);
    return true;
  }
  return Unfit(context, a, b, "added");
}

bool Subtract(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    if (SmallInteger(a) && SmallInteger(b)) {
      const std::int64_t difference = a.AsInt64() - b.AsInt64();
      out = difference >= -kExact && difference <= kExact ? Json(difference)
                                                          : Json(a.AsDouble() - b.AsDouble());
    } else {
      out = Number(a.AsDouble() - b.AsDouble());
    }
    return true;
  }
  if (a.IsArray() && b.IsArray()) {
    std::vector<Json> kept;
    for (const Json& item : a.AsArray()) {
      bool found = false;
      for (const Json& removed : b.AsArray()) {
        int order = 0;
        if (!context.Step() || !CompareValues(context, item, removed, order, true)) return false;
        if (order == 0) {
          found = true;
          break;
        }
      }
      if (!found) kept.push_back(item);
    }
    return MakeArray(context, std::move(kept), out);
  }
  return Unfit(context, a, b, "subtracted");
}

bool Repeat(Context& context, const Json& text, double times, Json& out) {
  if (times < 0 || std::isnan(times)) {
    out = Json();
    return true;
  }
  const double count = std::floor(times);
  const double bytes = count * static_cast<double>(text.Size());
  if (bytes > std::numeric_limits<int>::max()) return context.Fail("Repeat string result too long");
  const auto size = static_cast<std::size_t>(bytes);
  if (!context.Step(size / 64) || !context.Reserve(size)) return false;
  std::string result;
  result.reserve(size);
  while (result.size() < size) result += text.AsString();
  out = Json(result);
  return true;
}

// Deep merge without recursion: one frame an object that is being merged.
bool Merge(Context& context, Json a, const Json& b, Json& out) {
  struct Frame {
    Json left;
    const Json* right;
    std::size_t next;
  };
  if (!CountCopy(context, a)) return false;
  std::vector<Frame> open;
  open.push_back({std::move(a), &b, 0});
  for (;;) {
    Frame& frame = open.back();
    if (frame.next == frame.right->Size()) {
      Json done = std::move(frame.left);
      open.pop_back();
      if (open.empty()) {
        out = std::move(done);
        return true;
      }
      Frame& parent = open.back();
      const Json& key = parent.right->AsObject()[parent.next - 1].key;
      parent.left = Json::WithMember(std::move(parent.left), key, std::move(done));
      continue;
    }
    if (!context.Step() || !context.Charge(sizeof(Json::Member))) return false;
    const Json::Member& member = frame.right->AsObject()[frame.next++];
    const Json* old = frame.left.Find(member.key.AsString());
    if (old != nullptr && old->IsObject() && member.value.IsObject()) {
      if (open.size() > kWalkDepthMax) return context.Fail("Object merge too deep");
      Json inner = Json::TakeMember(frame.left, member.key.AsString());
      open.push_back({std::move(inner), &member.value, 0});
    } else {
      frame.left = Json::WithMember(std::move(frame.left), member.key, member.value);
    }
  }
}

bool Multiply(Context& context, Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    std::int64_t product = 0;
    if (SmallInteger(a) && SmallInteger(b) && !__builtin_mul_overflow(a.AsInt64(), b.AsInt64(), &product) &&
        product >= -kExact && product <= kExact && product != 0) {
      out = product;
    } else {
      out = Number(a.AsDouble() * b.AsDouble());
    }
    return true;
  }
  if (a.IsString() && b.IsNumber()) return Repeat(context, a, b.AsDouble(), out);
  if (a.IsNumber() && b.IsString()) return Repeat(context, b, a.AsDouble(), out);
  if (a.IsObject() && b.IsObject()) return Merge(context, std::move(a), b, out);
  return Unfit(context, a, b, "multiplied");
}

bool Divide(Context& context, const Json& a, const Json& b, Json& out) {
  if (a.IsNumber() && b.IsNumber()) {
    if (b.AsDouble() == 0) return Unfit(context, a, b, "divided because the divisor is zero");
    out = Number(a.AsDouble() / b.AsDouble());
    return true;
  }
  if (a.IsString() && b.IsString()) {
    const std::string_view text = a.AsString();
    const std::string_view separator = b.AsString();
    std::vector<Json> parts;
    const Context::LocalRoot root(context, parts);
    if (!context.Step(text.size() / 8)) return false;
    if (separator.empty()) {
      for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = OffsetOf(text.substr(i), 1);
        parts.emplace_back(text.substr(i, length));
        if (!context.Charge(sizeof(Json))) return false;
        i += length;
      }
    } else if (!text.empty()) {
      std::size_t from = 0;
      for (std::size_t at = text.find(separator); at != std::string_view::npos;
           at = text.find(separator, from)) {
        parts.emplace_back(text.substr(from, at - from));
        if (!context.Charge(2 * sizeof(Json)) || !context.ChargeText(at - from)) return false;
        from = at + separator.size();
      }
      parts.emplace_back(text.substr(from));
    }
    return MakeArray(context, std::vector<Json>(parts), out);
  }
  return Unfit(context, a, b, "divided");
}

// Both operands are cut to 64-bit integers (saturating); the result has the dividend's sign.
bool Modulo(Context& context, const Json& a, const Json& b, Json& out) {
  if (!a.IsNumber() || !b.IsNumber()) return Unfit(context, a, b, "divided");
  auto integer = [](double v) -> std::int64_t {
    if (v >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
    if (v < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(v);
  };
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  if (std::isnan(x) || std::isnan(y)) {
    out = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const std::int64_t divisor = integer(y);
  if (divisor == 0) return Unfit(context, a, b, "divided (remainder) because the divisor is zero");
  const std::int64_t dividend = integer(x);
  auto magnitude = [](std::int64_t v) {
    return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
  };
  const auto rest = static_cast<double>(magnitude(dividend) % magnitude(divisor));
  out = Number(dividend < 0 && rest != 0 ? -rest : rest);
  return true;
}

}  // namespace

bool Arithmetic2(Context& context, Arithmetic op, Json& a, const Json& b, Json& out) {
  switch (op) {
    case Arithmetic::kAdd: return Add(context, a, b, out);
    case Arithmetic::kSubtract: return Subtract(context, a, b, out);
    case Arithmetic::kMultiply: return Multiply(context, a, b, out);
    case Arithmetic::kDivide: return Divide(context, a, b, out);
    case Arithmetic::kModulo: return Modulo(context, a, b, out);
  }
  return true;
}

bool Negate(Context& context, const Json& value, Json& out) {
  if (!value.IsNumber()) return context.Fail(Describe(value) + " cannot be negated");
  if (value.IsInt64() && value.AsInt64() != 0 &&
      value.AsInt64() != std::numeric_limits<std::int64_t>::min()) {
    out = -value.AsInt64();
  } else if (value.IsDecimal() || value.IsUint64()) {  // exact: change the sign of the text
    std::string text =
        value.IsDecimal() ? std::string(value.DecimalText()) : std::to_string(value.AsUint64());
    out = Json::NumberFromText(text.starts_with('-') ? text.substr(1) : "-" + text);
  } else {
    out = Number(-value.AsDouble());
  }
  return true;
}

}  // namespace elevaite::jq
