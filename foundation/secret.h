// Secret: a password, key or token. It prints as `***`, has no formatter (fmt and logging cannot show it by
// accident), and its memory is wiped when it goes.
#pragma once

#include <string.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace elevaite {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(bytes_.get(), size_);
  }
  Secret(const Secret& other) : Secret(other.Reveal()) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Secret() {
    if (bytes_) explicit_bzero(bytes_.get(), size_);
  }

  // The plain text, where it is needed; valid while this object lives. A copy of it is not wiped.
  std::string_view Reveal() const { return {bytes_.get(), size_}; }
  bool IsEmpty() const { return size_ == 0; }

  friend bool operator==(const Secret& a, const Secret& b) {  // takes the same time wherever they differ
    if (a.size_ != b.size_) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size_; ++i) {
      difference = static_cast<unsigned char>(difference | (a.bytes_[i] ^ b.bytes_[i]));
    }
    return difference == 0;
  }
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace elevaite
