#include "services/workflow/people/links.h"

#include "foundation/base64.h"
#include "foundation/digest.h"

namespace elevaite::people {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kCodeBytes = 32;

}  // namespace

std::string LinkSigner::CodeOf(std::string_view payload) const {
  return Hmac(HashKind::kSha256, key_.Reveal(), std::string("elevaite task link\n").append(payload));
}

std::string LinkSigner::Sign(const AccountId& account, const TaskLinkId& link) const {
  std::string payload(1, kVersion);
  payload += link.uuid().AsBytes();
  payload += account.ToString();
  return Base64Url(payload + CodeOf(payload));
}

std::optional<LinkSigner::Signed> LinkSigner::Read(std::string_view token) const {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const auto bytes = ReadBase64Url(token);
  if (!bytes || Base64Url(*bytes) != token) return std::nullopt;  // one token has one text
  if (bytes->size() <= 1 + kIdBytes + kCodeBytes || bytes->front() != kVersion) return std::nullopt;
  const std::string_view all(*bytes);
  const std::string_view payload = all.substr(0, all.size() - kCodeBytes);
  if (Secret(CodeOf(payload)) != Secret(all.substr(payload.size()))) return std::nullopt;
  const auto id = Uuid::FromBytes(payload.substr(1, kIdBytes));
  auto account = AccountId::Parse(payload.substr(1 + kIdBytes));
  if (!id || !account) return std::nullopt;
  return Signed{.account = *std::move(account), .link = TaskLinkId(*id)};
}

}  // namespace elevaite::people
