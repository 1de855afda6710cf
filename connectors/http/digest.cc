#include "connectors/http/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <vector>

#include "foundation/result.h"

namespace elevaite::connectors::http {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

struct Challenge {
  std::string scheme;
  Parameters parameters;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// One field may hold several challenges: `Basic realm="x", Digest realm="y", nonce="z"`. A word that is
// followed by no `=` begins a new one.
class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : text_(text) {}

  std::vector<Challenge> Read() {
    std::vector<Challenge> all;
    while (SkipSeparators()) {
      const std::string word = Lower(Token());
      if (word.empty()) {
        ++at_;
        continue;
      }
      SkipBlanks();
      if (at_ < text_.size() && text_[at_] == '=' && !all.empty()) {
        ++at_;
        SkipBlanks();
        all.back().parameters.try_emplace(word, Value());
      } else {
        all.push_back({word, {}});
      }
    }
    return all;
  }

 private:
  bool SkipSeparators() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == ',')) ++at_;
    return at_ < text_.size();
  }
  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  std::string_view Token() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t,=\"").find(text_[at_]) == std::string_view::npos)
      ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string Value() {
    if (at_ >= text_.size() || text_[at_] != '"') return std::string(Token());
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view WithoutSess(std::string_view algorithm) {
  return algorithm.ends_with("-sess") ? algorithm.substr(0, algorithm.size() - 5) : algorithm;
}

// 0: not supported; the larger the stronger.
int StrengthOf(std::string_view algorithm) {
  const std::string lower = Lower(algorithm);
  const std::string_view base = WithoutSess(lower);
  if (base == "sha-512-256") return 3;
  if (base == "sha-256") return 2;
  return base == "md5" ? 1 : 0;
}

std::string Hash(std::string_view algorithm, std::string_view text) {
  const int strength = StrengthOf(algorithm);
  const EVP_MD* kind = strength == 3 ? EVP_sha512_256() : (strength == 2 ? EVP_sha256() : EVP_md5());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest, &size, kind, nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::optional<DigestChallenge> Understand(const Challenge& one) {
  const auto get = [&](std::string_view name) -> std::string {
    const auto found = one.parameters.find(name);
    return found == one.parameters.end() ? "" : found->second;
  };
  DigestChallenge challenge{.realm = get("realm"), .nonce = get("nonce"), .opaque = get("opaque")};
  challenge.has_opaque = one.parameters.contains("opaque");
  if (const std::string algorithm = get("algorithm"); !algorithm.empty()) challenge.algorithm = algorithm;
  challenge.qop_auth = net::ListHas(get("qop"), "auth");
  challenge.userhash = Lower(get("userhash")) == "true";
  challenge.stale = Lower(get("stale")) == "true";
  const bool good = one.scheme == "digest" && !challenge.nonce.empty() &&
                    StrengthOf(challenge.algorithm) > 0 &&
                    (challenge.qop_auth || !one.parameters.contains("qop"));
  return good ? std::optional(challenge) : std::nullopt;
}

}  // namespace

std::optional<DigestChallenge> ReadDigestChallenge(const net::Headers& headers) {
  std::optional<DigestChallenge> best;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.At(i);
    if (field.name != "www-authenticate") continue;
    for (const Challenge& one : ChallengeReader(field.value).Read()) {
      auto challenge = Understand(one);
      if (challenge && (!best || StrengthOf(challenge->algorithm) > StrengthOf(best->algorithm)))
        best = std::move(challenge);
    }
  }
  return best;
}

std::string WriteDigest(const DigestChallenge& challenge, const DigestAnswer& answer) {
  const std::string& algorithm = challenge.algorithm;
  const auto hash = [&](const std::string& text) { return Hash(algorithm, text); };
  std::string a1 = hash(fmt::format("{}:{}:{}", answer.username, challenge.realm, answer.password));
  if (Lower(algorithm).ends_with("-sess"))
    a1 = hash(fmt::format("{}:{}:{}", a1, challenge.nonce, answer.cnonce));
  const std::string a2 = hash(fmt::format("{}:{}", answer.method, answer.target));
  const std::string count = fmt::format("{:08x}", answer.count);
  const std::string response =
      challenge.qop_auth
          ? hash(fmt::format("{}:{}:{}:{}:auth:{}", a1, challenge.nonce, count, answer.cnonce, a2))
          : hash(fmt::format("{}:{}:{}", a1, challenge.nonce, a2));
  const std::string username = challenge.userhash
                                   ? hash(fmt::format("{}:{}", answer.username, challenge.realm))
                                   : std::string(answer.username);
  std::string text = fmt::format(
      "Digest username={}, realm={}, nonce={}, uri={}, algorithm={}, response=\"{}\"", Quote(username),
      Quote(challenge.realm), Quote(challenge.nonce), Quote(answer.target), algorithm, response);
  if (challenge.qop_auth)
    text += fmt::format(", qop=auth, nc={}, cnonce={}", count, Quote(answer.cnonce));
  else if (Lower(algorithm).ends_with("-sess"))
    text += ", cnonce=" + Quote(answer.cnonce);
  if (challenge.has_opaque) text += ", opaque=" + Quote(challenge.opaque);
  if (challenge.userhash) text += ", userhash=true";
  return text;
}

}  // namespace elevaite::connectors::http
