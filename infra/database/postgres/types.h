// The types of PostgreSQL that the port uses, and their binary form. Private to infra/database/postgres.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite::database::postgres {

// From pg_type: these numbers never change.
enum : Oid {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kFloat4 = 700,
  kFloat8 = 701,
  kVarchar = 1043,
};

// The type of arrays of it; 0 for those that no array is used of.
constexpr Oid ArrayOf(Oid type) {
  switch (type) {
    case kBytea: return 1001;
    case kInt4: return 1007;
    case kText: return 1009;
    case kInt8: return 1016;
    case kFloat8: return 1022;
    default: return 0;
  }
}

template <class T>
T ReadBigEndian(std::string_view bytes) {
  CHECK(bytes.size() == sizeof(T));
  T value = 0;
  for (const char c : bytes) value = static_cast<T>((value << 8U) | static_cast<unsigned char>(c));
  return value;
}

template <class T>
void AppendBigEndian(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

}  // namespace elevaite::database::postgres
