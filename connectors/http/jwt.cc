#include "connectors/http/jwt.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <vector>

#include "foundation/base64.h"
#include "foundation/digest.h"

namespace elevaite::connectors::http {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string Unsigned(std::string_view algorithm, const Json& claims) {
  const Json header = Json::Object({{"alg", algorithm}, {"typ", "JWT"}});
  return Base64Url(header.Dump()) + "." + Base64Url(claims.Dump());
}

std::string_view View(const std::vector<unsigned char>& bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Never asks for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::string_view AlgorithmOf(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return EVP_PKEY_get_bits(key) >= 2048 ? "RS256" : "";
    case EVP_PKEY_EC: return EVP_PKEY_get_bits(key) == 256 ? "ES256" : "";
    case EVP_PKEY_ED25519: return "EdDSA";
    default: return "";
  }
}

std::optional<std::string> Sign(EVP_PKEY* key, const EVP_MD* digest, std::string_view text) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(text), text.size()) != 1)
    return std::nullopt;
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, Bytes(text), text.size()) != 1)
    return std::nullopt;
  return std::string(View(signature, size));
}

// JWT wants r and s, 32 bytes each; OpenSSL gives them in DER.
std::optional<std::string> RawSignature(std::string_view der) {
  const unsigned char* at = Bytes(der);
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::vector<unsigned char> raw(64);
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32) != 32)
    return std::nullopt;
  return std::string(View(raw, 64));
}

}  // namespace

std::string SignWithSecret(const Json& claims, std::string_view secret) {
  const std::string text = Unsigned("HS256", claims);
  return text + "." + Base64Url(Hmac(HashKind::kSha256, secret, text));
}

Result<std::string> SignWithKey(const Json& claims, std::string_view pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Fail(ErrorCode::kInvalidArgument, "the private key is no PEM text, or it is encrypted");
  const std::string_view algorithm = AlgorithmOf(key.get());
  if (algorithm.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the private key is none of RSA (2048 bits or more), P-256 and Ed25519");
  }
  const std::string text = Unsigned(algorithm, claims);
  auto signature = Sign(key.get(), algorithm == "EdDSA" ? nullptr : EVP_sha256(), text);
  if (signature && algorithm == "ES256") signature = RawSignature(*signature);
  if (!signature) return Fail(ErrorCode::kInvalidArgument, "the private key cannot sign");
  return text + "." + Base64Url(*signature);
}

std::optional<Json> ClaimsOf(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto bytes = ReadBase64Url(token.substr(first + 1, second - first - 1));
  if (!bytes) return std::nullopt;
  auto claims = ParseJson(*bytes, {.bytes_max = 64U << 10U, .depth_max = 50});
  if (!claims || !claims->IsObject()) return std::nullopt;
  return *std::move(claims);
}

}  // namespace elevaite::connectors::http
