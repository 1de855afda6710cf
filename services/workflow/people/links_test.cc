#include "services/workflow/people/links.h"

#include <gtest/gtest.h>

#include "foundation/base64.h"

namespace elevaite::people {
namespace {

const AccountId kAccount = AccountId::Default();

TEST(LinkSigner, ReadsWhatItHasSigned) {
  const LinkSigner signer(Secret("a key of some length"));
  const TaskLinkId id = TaskLinkId::New();
  const auto read = signer.Read(signer.Sign(kAccount, id));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->account, kAccount);
  EXPECT_EQ(read->link, id);
}

TEST(LinkSigner, RefusesEveryOtherText) {
  const LinkSigner signer(Secret("a key of some length"));
  const std::string good = signer.Sign(kAccount, TaskLinkId::New());
  EXPECT_FALSE(LinkSigner(Secret("another key")).Read(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string altered = good;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(signer.Read(altered)) << i;
    EXPECT_FALSE(signer.Read(good.substr(0, i))) << i;
  }
  EXPECT_FALSE(signer.Read(good + "A"));
  EXPECT_FALSE(signer.Read(good + "=="));
  EXPECT_FALSE(signer.Read(std::string(1'000, 'A')));
}

// What is signed for one account cannot be cut into another's.
TEST(LinkSigner, SignsTheAccount) {
  const LinkSigner signer(Secret("a key of some length"));
  const std::string bytes =
      *ReadBase64Url(signer.Sign(AccountId::Parse("acme-x").value(), TaskLinkId::New()));
  std::string shorter = bytes;
  shorter.erase(1 + 16 + 4, 2);  // "acme"
  EXPECT_FALSE(signer.Read(Base64Url(shorter)));
}

}  // namespace
}  // namespace elevaite::people
