// A PostgreSQL of the test's own: a new cluster in a temporary folder, on a Unix socket there, without a TCP
// port. It ends with the test. As root it runs as the user postgres, or nobody.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "foundation/secret.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {

class TestCluster {
 public:
  // Of this process: starting one takes seconds, so tests share it and take a schema each.
  static TestCluster& Shared();

  TestCluster();
  // A standby of that one, which from then on acknowledges no commit before this one has it.
  static std::unique_ptr<TestCluster> StandbyOf(TestCluster& primary);
  TestCluster(const TestCluster&) = delete;
  TestCluster& operator=(const TestCluster&) = delete;
  ~TestCluster();

  static constexpr const char* kPassword = "pass word/@:%é";
  // For the role `elevaite`, which owns the database and may do nothing else.
  Secret Url() const { return UrlOf("elevaite", kPassword); }
  Secret UrlOf(const std::string& role, const std::string& password) const;
  Secret UrlThrough(const std::string& socket_folder) const;  // or several, with a comma between them
  Secret SuperuserUrl() const;                                // of the same database
  std::string SocketFolder() const { return folder_.File("."); }
  // A name that no other test has.
  std::string NewSchema();

  // As the superuser. The first column of the first row; "" when there is none.
  std::string Run(const std::string& sql);

  // fast: ends connections, commits nothing more. immediate: as in a crash, with recovery at the next start.
  enum class Stop { kFast, kImmediate };
  void End(Stop how);
  void Start();
  // Stops all processes of the server where they are; connections stand, and nobody answers. Lets them go on.
  void Freeze() { Signal(SIGSTOP); }
  void Thaw() { Signal(SIGCONT); }
  // A standby that is made the primary.
  void Promote();

 private:
  struct Bare {};
  explicit TestCluster(Bare);  // without data
  void Signal(int number);
  void RunToItsEnd(const std::string& program, std::vector<std::string> arguments);
  std::vector<std::string> Command(const std::string& program, std::vector<std::string> arguments) const;

  TestFolder folder_;
  std::string programs_;
  std::string user_;  // to run as; empty: this one
  pid_t server_ = 0;
  int schemas_ = 0;
};

// A second client, with a connection of its own: to hold locks, to count, to end others.
class TestClient {
 public:
  explicit TestClient(const Secret& url);
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient();
  // The first column of each row. A failed statement gives one text, "error: SQLSTATE".
  std::vector<std::string> Run(const std::string& sql);

 private:
  void* connection_;
};

}  // namespace elevaite::database
