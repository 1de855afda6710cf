// Numbers.
#include <cmath>
#include <limits>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

bool RequireNumber(Context& context, const Json& value) {
  return value.IsNumber() || context.Fail(Describe(value) + " number required");
}

template <double (*F)(double)>
bool Unary(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  out = Number(F(input.AsDouble()));
  return true;
}

template <double (*F)(double, double)>
bool Binary(Context& context, Json&, Json* arguments, Json& out) {
  if (!RequireNumber(context, arguments[0]) || !RequireNumber(context, arguments[1])) return false;
  out = Number(F(arguments[0].AsDouble(), arguments[1].AsDouble()));
  return true;
}

double Exp10(double x) { return std::pow(10.0, x); }
double Significand(double x) {
  if (x == 0 || std::isinf(x) || std::isnan(x)) return x;
  return std::scalbn(x, -std::ilogb(x));
}
double Gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}
double ScaleByLong(double x, double power) {
  return std::scalbln(x, power > 1e9 ? 1'000'000'000L
                                     : (power < -1e9 ? -1'000'000'000L
                                                     : (std::isnan(power) ? 0L : static_cast<long>(power))));
}
double Ldexp(double x, double power) { return ScaleByLong(x, power); }
double Drem(double x, double y) { return std::remainder(x, y); }

double Floor(double x) { return std::floor(x); }
double Ceil(double x) { return std::ceil(x); }
double Round(double x) { return std::round(x); }
double Trunc(double x) { return std::trunc(x); }
double Rint(double x) { return std::rint(x); }
double NearbyInt(double x) { return std::nearbyint(x); }
double Fabs(double x) { return std::fabs(x); }
double Sqrt(double x) { return std::sqrt(x); }
double Cbrt(double x) { return std::cbrt(x); }
double Exp(double x) { return std::exp(x); }
double Exp2(double x) { return std::exp2(x); }
double Expm1(double x) { return std::expm1(x); }
double Log(double x) { return std::log(x); }
double Log2(double x) { return std::log2(x); }
double Log10(double x) { return std::log10(x); }
double Log1p(double x) { return std::log1p(x); }
double Logb(double x) { return std::logb(x); }
double Sin(double x) { return std::sin(x); }
double Cos(double x) { return std::cos(x); }
double Tan(double x) { return std::tan(x); }
double Asin(double x) { return std::asin(x); }
double Acos(double x) { return std::acos(x); }
double Atan(double x) { return std::atan(x); }
double Sinh(double x) { return std::sinh(x); }
double Cosh(double x) { return std::cosh(x); }
double Tanh(double x) { return std::tanh(x); }
double Asinh(double x) { return std::asinh(x); }
double Acosh(double x) { return std::acosh(x); }
double Atanh(double x) { return std::atanh(x); }
double Tgamma(double x) { return std::tgamma(x); }
double J0(double x) { return ::j0(x); }
double J1(double x) { return ::j1(x); }
double Y0(double x) { return ::y0(x); }
double Y1(double x) { return ::y1(x); }
double Pow(double x, double y) { return std::pow(x, y); }
double Atan2(double x, double y) { return std::atan2(x, y); }
double Fmod(double x, double y) { return std::fmod(x, y); }
double Fmin(double x, double y) { return std::fmin(x, y); }
double Fmax(double x, double y) { return std::fmax(x, y); }
double Fdim(double x, double y) { return std::fdim(x, y); }
double Hypot(double x, double y) { return std::hypot(x, y); }
double CopySign(double x, double y) { return std::copysign(x, y); }
double NextAfter(double x, double y) { return std::nextafter(x, y); }

bool Fma(Context& context, Json&, Json* arguments, Json& out) {
  for (int i = 0; i < 3; ++i) {
    if (!RequireNumber(context, arguments[i])) return false;
  }
  out = Number(std::fma(arguments[0].AsDouble(), arguments[1].AsDouble(), arguments[2].AsDouble()));
  return true;
}

// jq keeps integers of any size through rounding: they are already whole.
template <double (*F)(double)>
bool Whole(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  out = input.IsInt64() ? input : Number(F(input.AsDouble()));
  return true;
}

bool Frexp(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  int exponent = 0;
  const double value = input.AsDouble();
  const double fraction = std::frexp(value, &exponent);
  return MakeArray(context, {Number(fraction), Json(std::isfinite(value) ? exponent : 0)}, out);
}

bool Modf(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  double whole = 0;
  const double fraction = std::modf(input.AsDouble(), &whole);
  return MakeArray(context, {Number(fraction), Number(whole)}, out);
}

bool LgammaR(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  int sign = 0;
  const double value = ::lgamma_r(input.AsDouble(), &sign);
  return MakeArray(context, {Number(value), Json(sign)}, out);
}

bool Infinite(Context&, Json&, Json*, Json& out) {
  out = std::numeric_limits<double>::infinity();
  return true;
}
bool Nan(Context&, Json&, Json*, Json& out) {
  out = std::numeric_limits<double>::quiet_NaN();
  return true;
}
bool IsInfinite(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  out = Json(std::isinf(input.AsDouble()));
  return true;
}
bool IsNan(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  out = Json(std::isnan(input.AsDouble()));
  return true;
}
bool IsNormal(Context& context, Json& input, Json*, Json& out) {
  if (!RequireNumber(context, input)) return false;
  out = Json(std::isnormal(input.AsDouble()));
  return true;
}

constexpr Native kNatives[] = {
    {"floor", 0, false, Whole<Floor>},
    {"ceil", 0, false, Whole<Ceil>},
    {"round", 0, false, Whole<Round>},
    {"trunc", 0, false, Whole<Trunc>},
    {"rint", 0, false, Whole<Rint>},
    {"nearbyint", 0, false, Whole<NearbyInt>},
    {"fabs", 0, false, Unary<Fabs>},
    {"sqrt", 0, false, Unary<Sqrt>},
    {"cbrt", 0, false, Unary<Cbrt>},
    {"exp", 0, false, Unary<Exp>},
    {"exp2", 0, false, Unary<Exp2>},
    {"exp10", 0, false, Unary<Exp10>},
    {"expm1", 0, false, Unary<Expm1>},
    {"log", 0, false, Unary<Log>},
    {"log2", 0, false, Unary<Log2>},
    {"log10", 0, false, Unary<Log10>},
    {"log1p", 0, false, Unary<Log1p>},
    {"logb", 0, false, Unary<Logb>},
    {"significand", 0, false, Unary<Significand>},
    {"sin", 0, false, Unary<Sin>},
    {"cos", 0, false, Unary<Cos>},
    {"tan", 0, false, Unary<Tan>},
    {"asin", 0, false, Unary<Asin>},
    {"acos", 0, false, Unary<Acos>},
    {"atan", 0, false, Unary<Atan>},
    {"sinh", 0, false, Unary<Sinh>},
    {"cosh", 0, false, Unary<Cosh>},
    {"tanh", 0, false, Unary<Tanh>},
    {"asinh", 0, false, Unary<Asinh>},
    {"acosh", 0, false, Unary<Acosh>},
    {"atanh", 0, false, Unary<Atanh>},
    {"gamma", 0, false, Unary<Gamma>},
    {"lgamma", 0, false, Unary<Gamma>},
    {"tgamma", 0, false, Unary<Tgamma>},
    {"lgamma_r", 0, false, LgammaR},
    {"j0", 0, false, Unary<J0>},
    {"j1", 0, false, Unary<J1>},
    {"y0", 0, false, Unary<Y0>},
    {"y1", 0, false, Unary<Y1>},
    {"frexp", 0, false, Frexp},
    {"modf", 0, false, Modf},
    {"pow", 2, false, Binary<Pow>},
    {"atan2", 2, false, Binary<Atan2>},
    {"fmod", 2, false, Binary<Fmod>},
    {"fmin", 2, false, Binary<Fmin>},
    {"fmax", 2, false, Binary<Fmax>},
    {"fdim", 2, false, Binary<Fdim>},
    {"hypot", 2, false, Binary<Hypot>},
    {"copysign", 2, false, Binary<CopySign>},
    {"nextafter", 2, false, Binary<NextAfter>},
    {"nexttoward", 2, false, Binary<NextAfter>},
    {"drem", 2, false, Binary<Drem>},
    {"ldexp", 2, false, Binary<Ldexp>},
    {"scalb", 2, false, Binary<ScaleByLong>},
    {"scalbln", 2, false, Binary<ScaleByLong>},
    {"fma", 3, false, Fma},
    {"infinite", 0, false, Infinite},
    {"nan", 0, false, Nan},
    {"isinfinite", 0, false, IsInfinite},
    {"isnan", 0, false, IsNan},
    {"isnormal", 0, false, IsNormal},
};

}  // namespace

std::span<const Native> MathNatives() { return kNatives; }

}  // namespace elevaite::jq
