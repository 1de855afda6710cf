#include "engine/machine/scrub.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/template.h"
#include "foundation/percent.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kLengthMin = 4;  // shorter ones occur by chance

void Collect(const Json& secret, std::vector<std::string>& texts) {
  if (secret.IsString() && secret.Size() >= kLengthMin) {
    texts.emplace_back(secret.AsString());
    if (std::string encoded = PercentEncode(texts.back()); encoded != texts.back())
      texts.push_back(std::move(encoded));
  }
  if (secret.IsArray()) {
    for (const Json& item : secret.AsArray()) Collect(item, texts);
  }
  if (secret.IsObject()) {
    for (const auto& [key, value] : secret.AsObject()) Collect(value, texts);
  }
}

class Scrubber {
 public:
  explicit Scrubber(std::span<const Json> secrets) {
    for (const Json& secret : secrets) Collect(secret, texts_);
    // A secret may contain another one.
    std::ranges::sort(texts_, std::ranges::greater{}, &std::string::size);
  }

  Json Value(const Json& value) const {
    if (value.IsString()) return Text(value);
    if (value.IsArray()) {
      std::vector<Json> items;
      items.reserve(value.Size());
      for (const Json& item : value.AsArray()) items.push_back(Value(item));
      return Json::Array(std::move(items));
    }
    if (!value.IsObject()) return value;
    std::vector<Json::Member> members;
    members.reserve(value.Size());
    for (const auto& [key, member] : value.AsObject()) members.emplace_back(Text(key), Value(member));
    return Json::Object(std::move(members));
  }

  bool HasWork() const { return !texts_.empty(); }

 private:
  Json Text(const Json& value) const {
    std::string text(value.AsString());
    bool changed = false;
    for (const std::string& secret : texts_) {
      for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), dsl::Template::kHidden);
        at += dsl::Template::kHidden.size();
        changed = true;
      }
    }
    return changed ? Json(text) : value;
  }

  std::vector<std::string> texts_;
};

}  // namespace

Json Scrubbed(const Json& value, std::span<const Json> secrets) {
  const Scrubber scrubber(secrets);
  return scrubber.HasWork() ? scrubber.Value(value) : value;
}

}  // namespace elevaite::engine
