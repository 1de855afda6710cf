#include "engine/journal/payload_rows.h"

#include <algorithm>

#include "engine/machine/codec.h"

namespace elevaite::engine {
namespace {

constexpr std::uint8_t kDetached = 0xff;

struct Cut {
  std::uint64_t gap = 0;  // bytes of the row since the cut before
  PayloadRef ref;
};

struct DetachedRow {
  std::vector<Cut> cuts;
  std::string_view rest;
};

Result<DetachedRow> Read(std::string_view stored) {
  codec::Reader in(stored);
  DetachedRow row;
  in.Byte();
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    Cut cut;
    cut.gap = in.Varint();
    cut.ref.bytes = in.Varint();
    const auto id = Uuid::FromBytes(in.Raw(16));
    std::ranges::copy(in.Raw(cut.ref.sha256.size()), cut.ref.sha256.begin());
    if (id) cut.ref.id = PayloadId(*id);
    row.cuts.push_back(cut);
  }
  const bool is_read = in.ok();
  row.rest = in.Rest();
  std::uint64_t rest = row.rest.size();
  const bool fits = std::ranges::all_of(row.cuts, [&rest](const Cut& cut) {
    const bool within = cut.gap <= rest;
    rest -= within ? cut.gap : 0;
    return within;
  });
  if (!is_read || !fits) return Fail(ErrorCode::kDataLoss, "a row of the journal cannot be read");
  return row;
}

}  // namespace

std::string Detach(std::string_view row, const std::vector<Extent>& values,
                   const std::vector<PayloadRef>& refs) {
  codec::Writer out;
  out.Byte(kDetached);
  out.Varint(values.size());
  std::size_t end = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.Varint(values[i].at - end);
    out.Varint(refs[i].bytes);
    out.Raw(refs[i].id.uuid().AsBytes());
    out.Raw({reinterpret_cast<const char*>(refs[i].sha256.data()), refs[i].sha256.size()});
    end = values[i].at + values[i].size;
  }
  end = 0;
  for (const Extent& value : values) {
    out.Raw(row.substr(end, value.at - end));
    end = value.at + value.size;
  }
  out.Raw(row.substr(end));
  return out.Take();
}

bool IsDetached(std::string_view stored) {
  return !stored.empty() && static_cast<std::uint8_t>(stored.front()) == kDetached;
}

Result<std::vector<PayloadRef>> RefsOf(std::string_view stored) {
  std::vector<PayloadRef> refs;
  if (!IsDetached(stored)) return refs;
  ASSIGN_OR_RETURN(const DetachedRow row, Read(stored));
  for (const Cut& cut : row.cuts) refs.push_back(cut.ref);
  return refs;
}

Result<std::string> Attach(std::string stored,
                           const std::function<Result<std::string>(const PayloadRef&)>& find) {
  if (!IsDetached(stored)) return stored;
  ASSIGN_OR_RETURN(const DetachedRow row, Read(stored));
  std::string whole;
  std::string_view rest = row.rest;
  for (const Cut& cut : row.cuts) {
    ASSIGN_OR_RETURN(const std::string value, find(cut.ref));
    whole += rest.substr(0, cut.gap);
    whole += value;
    rest.remove_prefix(cut.gap);
  }
  whole += rest;
  return whole;
}

}  // namespace elevaite::engine
