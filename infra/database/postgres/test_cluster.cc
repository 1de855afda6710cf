#include "infra/database/postgres/test_cluster.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace elevaite::database {
namespace {

std::string NewestPrograms() {
  std::string newest;
  int best = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best && std::filesystem::exists(entry.path() / "bin/postgres")) {
      best = version;
      newest = entry.path() / "bin/";
    }
  }
  if (newest.empty()) std::fputs("these tests need the package postgresql\n", stderr);
  CHECK(!newest.empty());
  return newest;
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  close_range(3, ~0U, 0);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string Percent(const std::string& text) {
  std::string result;
  for (const char c : text) {
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
    result += escaped;
  }
  return result;
}

Secret Url(const std::string& role, const std::string& password, const std::string& database,
           const std::string& folder) {
  return Secret("postgresql://" + role + (password.empty() ? "" : ":" + Percent(password)) + "@/" + database +
                "?host=" + Percent(folder));
}

}  // namespace

TestCluster& TestCluster::Shared() {
  static TestCluster cluster;
  return cluster;
}

TestCluster::TestCluster(Bare) : programs_(NewestPrograms()) {
  if (geteuid() == 0) {
    user_ = getpwnam("postgres") != nullptr ? "postgres" : "nobody";
    const passwd* entry = getpwnam(user_.c_str());
    CHECK(entry != nullptr && chown(folder_.File(".").c_str(), entry->pw_uid, entry->pw_gid) == 0);
  }
}

TestCluster::TestCluster() : TestCluster(Bare{}) {
  RunToItsEnd("initdb", {"-D", folder_.File("data"), "-U", "root", "-A", "trust", "-E", "UTF8", "--locale=C",
                         "--no-sync"});
  std::ofstream(folder_.File("data/pg_hba.conf"))
      << "local all,replication root trust\nlocal all all scram-sha-256\n";
  Start();
  Run("CREATE ROLE elevaite LOGIN PASSWORD '" + std::string(kPassword) + "'");
  Run("CREATE DATABASE elevaite OWNER elevaite");
}

std::unique_ptr<TestCluster> TestCluster::StandbyOf(TestCluster& primary) {
  std::unique_ptr<TestCluster> standby(new TestCluster(Bare{}));
  const std::string url(database::Url("root", "", "postgres", primary.SocketFolder()).Reveal());
  standby->RunToItsEnd("pg_basebackup", {"-D", standby->folder_.File("data"), "-R", "-c", "fast", "--no-sync",
                                         "-d", url + "&application_name=standby"});
  standby->Start();
  primary.Run("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  primary.Run("SELECT pg_reload_conf()");
  while (primary.Run("SELECT sync_state FROM pg_stat_replication") != "sync")
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return standby;
}

void TestCluster::RunToItsEnd(const std::string& program, std::vector<std::string> arguments) {
  const std::string log = folder_.File(program + ".log");
  const pid_t child = Spawn(Command(program, std::move(arguments)), log);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (status != 0) std::fputs((program + " failed; see " + log + "\n").c_str(), stderr);
  CHECK(status == 0);
}

void TestCluster::Promote() { CHECK(Run("SELECT pg_promote()") == "t"); }

TestCluster::~TestCluster() { End(Stop::kImmediate); }

std::vector<std::string> TestCluster::Command(const std::string& program,
                                              std::vector<std::string> arguments) const {
  std::vector<std::string> command;
  if (!user_.empty())
    command = {"setpriv", "--reuid=" + user_, "--regid=" + user_, "--clear-groups", "--pdeathsig=QUIT"};
  command.push_back(programs_ + program);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

void TestCluster::Start() {
  CHECK(server_ == 0);
  server_ = Spawn(Command("postgres", {"-D", folder_.File("data"), "-k", folder_.File("."), "-c",
                                       "listen_addresses=", "-c", "max_connections=50", "-c",
                                       "shared_buffers=32MB", "-c", "recovery_init_sync_method=syncfs"}),
                  folder_.File("server.log"));
  const std::string url(database::Url("root", "", "postgres", SocketFolder()).Reveal());
  while (PQping(url.c_str()) != PQPING_OK) {
    int status = 0;
    if (waitpid(server_, &status, WNOHANG) == server_) {
      std::ifstream log(folder_.File("server.log"));
      std::fputs(std::string(std::istreambuf_iterator<char>(log), {}).c_str(), stderr);
      CheckFailed("PostgreSQL starts", __FILE__, __LINE__);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// The postmaster first, so that it starts no more; its processes are its children.
void TestCluster::Signal(int number) {
  CHECK(server_ != 0 && kill(server_, number) == 0);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string pid;
    std::string name;
    std::string state;
    pid_t parent = 0;
    if (stat >> pid >> name >> state >> parent && parent == server_) kill(std::stoi(pid), number);
  }
}

void TestCluster::End(Stop how) {
  if (server_ == 0) return;
  kill(server_, how == Stop::kFast ? SIGINT : SIGQUIT);
  waitpid(server_, nullptr, 0);
  server_ = 0;
}

Secret TestCluster::UrlOf(const std::string& role, const std::string& password) const {
  return database::Url(role, password, "elevaite", SocketFolder());
}
Secret TestCluster::UrlThrough(const std::string& socket_folder) const {
  return database::Url("elevaite", kPassword, "elevaite", socket_folder);
}
Secret TestCluster::SuperuserUrl() const { return database::Url("root", "", "elevaite", SocketFolder()); }

std::string TestCluster::NewSchema() { return "test_" + std::to_string(++schemas_); }

std::string TestCluster::Run(const std::string& sql) {
  const auto rows = TestClient(database::Url("root", "", "postgres", SocketFolder())).Run(sql);
  return rows.empty() ? "" : rows.front();
}

TestClient::TestClient(const Secret& url) : connection_(PQconnectdb(std::string(url.Reveal()).c_str())) {
  auto* connection = static_cast<PGconn*>(connection_);
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  if (PQstatus(connection) != CONNECTION_OK) std::fputs(PQerrorMessage(connection), stderr);
  CHECK(PQstatus(connection) == CONNECTION_OK);
}

TestClient::~TestClient() { PQfinish(static_cast<PGconn*>(connection_)); }

std::vector<std::string> TestClient::Run(const std::string& sql) {
  PGresult* result = PQexec(static_cast<PGconn*>(connection_), sql.c_str());
  std::vector<std::string> rows;
  if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    rows.push_back("error: " + std::string(state == nullptr ? "no connection" : state));
  }
  for (int i = 0; i < PQntuples(result); ++i) rows.emplace_back(PQgetvalue(result, i, 0));
  PQclear(result);
  return rows;
}

}  // namespace elevaite::database
