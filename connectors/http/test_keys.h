// Keys for tests, and the verification of what they sign.
#pragma once

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>
#include <string_view>

#include "foundation/base64.h"
#include "foundation/json.h"

namespace elevaite::connectors::http {

enum class KeyKind { kRsa, kP256, kP384, kEd25519 };

struct JwtParts {
  std::string signed_text;
  Json header;
  std::string signature;
};

inline JwtParts SplitJwt(std::string_view token) {
  const auto last = token.rfind('.');
  EXPECT_NE(last, std::string_view::npos);
  const auto header = ReadBase64Url(token.substr(0, token.find('.')));
  return {std::string(token.substr(0, last)), ParseJson(header.value_or("")).value_or(Json()),
          ReadBase64Url(token.substr(last + 1)).value_or("")};
}

inline bool HasSecretSignature(std::string_view token, std::string_view secret) {
  const JwtParts parts = SplitJwt(token);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(parts.signed_text.data()), parts.signed_text.size(), digest,
       &size);
  return parts.header["alg"] == Json("HS256") &&
         parts.signature == std::string_view(reinterpret_cast<const char*>(digest), size);
}

class TestKey {
 public:
  explicit TestKey(KeyKind kind) : kind_(kind) {
    switch (kind) {
      case KeyKind::kRsa: key_ = EVP_RSA_gen(2048); break;
      case KeyKind::kP256: key_ = EVP_EC_gen("P-256"); break;
      case KeyKind::kP384: key_ = EVP_EC_gen("P-384"); break;
      case KeyKind::kEd25519: key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); break;
    }
    CHECK(key_ != nullptr);
  }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;
  ~TestKey() { EVP_PKEY_free(key_); }

  std::string pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key_, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }

  bool Verifies(std::string_view token) const {
    const JwtParts parts = SplitJwt(token);
    const std::string signature = kind_ == KeyKind::kP256 ? Der(parts.signature) : parts.signature;
    const std::string_view expected =
        kind_ == KeyKind::kRsa ? "RS256" : (kind_ == KeyKind::kP256 ? "ES256" : "EdDSA");
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, kind_ == KeyKind::kEd25519 ? nullptr : EVP_sha256(), nullptr,
                         key_);
    const int right = EVP_DigestVerify(
        context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
        reinterpret_cast<const unsigned char*>(parts.signed_text.data()), parts.signed_text.size());
    EVP_MD_CTX_free(context);
    return parts.header["alg"] == Json(expected) && right == 1;
  }

 private:
  static std::string Der(std::string_view raw) {
    if (raw.size() != 64) return {};
    const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
    ECDSA_SIG* signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature, &der);
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ECDSA_SIG_free(signature);
    return text;
  }

  KeyKind kind_;
  EVP_PKEY* key_ = nullptr;
};

}  // namespace elevaite::connectors::http
