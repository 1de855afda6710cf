#include "services/workflow/people/inbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "foundation/digest.h"
#include "services/workflow/await.h"

namespace elevaite::people {
namespace {

constexpr int kTriesMax = 10;  // of a change that others keep being quicker than
constexpr int kGone = 410;

std::unexpected<Refusal> Refuse(Error error, int status = 0, Json extra = {}) {
  return std::unexpected(Refusal{.error = std::move(error), .status = status, .extra = std::move(extra)});
}

std::unexpected<Refusal> Refuse(ErrorCode code, std::string message, std::string hint = {}) {
  return Refuse(Error{.code = code, .message = std::move(message), .hint = std::move(hint)});
}

std::string TimeText(std::int64_t time_us) { return Timestamp::FromMicros(time_us).ToRfc3339(); }

Refusal Invalid(const std::vector<FieldError>& errors) {
  const std::string more = errors.size() == 1 ? "" : fmt::format(", and {} more", errors.size() - 1);
  std::vector<Json> list;
  for (const FieldError& one : errors)
    list.push_back(Json::Object({{"pointer", one.pointer}, {"detail", one.message}}));
  return {.error = {.code = ErrorCode::kInvalidArgument,
                    .message = fmt::format("{}: {}{}", errors[0].pointer, errors[0].message, more),
                    .hint = "`errors` names each field"},
          .extra = Json::Object({{"errors", Json::Array(std::move(list))}})};
}

std::unexpected<Refusal> NotOurs() {
  return Refuse(ErrorCode::kNotFound, "this link is not good", "ask whoever sent it for another one");
}

bool IsGood(const TaskLink& link, std::int64_t now_us) {
  return !link.revoked_us && link.expires_us > now_us;
}

}  // namespace

Inbox::Inbox(PeopleStore& store, HumanActivities& activities, PeopleHost& host, Clock& clock, Options options)
    : store_(store),
      activities_(activities),
      host_(host),
      clock_(clock),
      options_(std::move(options)),
      signer_(options_.link_key) {}

Task<Json> Inbox::View(AccountId account, HumanTaskId id) {
  auto load = store_.Load(account, id);
  ASSIGN_OR_CO_RETURN(const HumanTask task, co_await std::move(load));
  auto read = store_.History(account, id);
  ASSIGN_OR_CO_RETURN(const HumanActs history, co_await std::move(read));
  co_return DetailJson(task, history, base_url());
}

// Nothing: it may still be changed.
std::optional<Refusal> Inbox::WhyNot(const HumanTask& task) const {
  const std::int64_t now_us = clock_.Now().micros();
  const bool is_late = task.deadline_us && *task.deadline_us <= now_us;
  if (task.is_open() && !is_late) return std::nullopt;
  if (task.status == HumanTask::Status::kAnswered) {
    const Json& outcome = task.outcome;
    return Refusal{.error = {.code = ErrorCode::kConflict,
                             .message = fmt::format("this was answered before: {} by {} at {}",
                                                    outcome["decision"].StringOr(""),
                                                    outcome["by"].StringOr(""), outcome["at"].StringOr("")),
                             .hint = "the first answer counts"},
                   .extra = Json::Object({{"outcome", outcome}})};
  }
  if (task.status == HumanTask::Status::kCancelled)
    return Refusal{
        .error = {.code = ErrorCode::kConflict,
                  .message = "nobody waits for this any more: its workflow has gone on without it"},
        .status = kGone};
  return Refusal{.error = {.code = ErrorCode::kConflict,
                           .message = "this is too late: the deadline was " +
                                      TimeText(task.deadline_us.value_or(now_us))},
                 .status = kGone};
}

OrRefused<HumanTask> Inbox::Save(AccountId account, HumanTaskId id, Change change, AlongWith along) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto load = store_.Load(account, id);
    auto loaded = co_await std::move(load);
    if (!loaded) co_return Refuse(loaded.error());
    HumanTask task = *std::move(loaded);
    if (auto refusal = WhyNot(task)) co_return std::unexpected(*std::move(refusal));
    const std::int64_t acts_before = task.acts;
    auto acts = change(task);
    if (!acts) co_return std::unexpected(std::move(acts).error());
    auto save = store_.Save(task, acts_before, *std::move(acts), along);
    const auto saved = co_await std::move(save);
    if (!saved) co_return Refuse(saved.error());
    if (!*saved) continue;
    if (!task.is_open()) host_.Deliver(task);
    activities_.Wake();
    co_return task;
  }
  co_return Refuse(ErrorCode::kUnavailable, "the task keeps changing; try again");
}

OrRefused<HumanTask> Inbox::GiveAnswer(AccountId account, HumanTaskId id, Answer answer, Channel channel) {
  auto read = store_.Files(account, id);
  const auto files = co_await std::move(read);
  if (!files) co_return Refuse(files.error());
  const auto take = [&](HumanTask& task) -> std::expected<HumanActs, Refusal> {
    if (!task.to.assignee.empty() && !answer.by.empty() && answer.by != task.to.assignee)
      return Refuse(ErrorCode::kPermissionDenied,
                    fmt::format("this is for {}, not for {}", task.to.assignee, answer.by),
                    "give it to another person first: POST /v1/tasks/{id}/reassign");
    const auto question = Question::From(task.connector, task.question, task.created_us);
    if (!question) return Refuse(question.error());
    Answer checked = answer;
    std::vector<FieldError> errors = CheckAnswer(*question, checked);
    if (errors.empty()) errors = PutFiles(*question, *files, base_url(), checked);
    if (!errors.empty()) return std::unexpected(Invalid(errors));
    return TakeAnswer(task, checked, channel, clock_.Now().micros());
  };
  auto save = Save(std::move(account), id, take, {.links_end = true});
  co_return co_await std::move(save);
}

OrRefused<HumanTask> Inbox::Reassign(AccountId account, HumanTaskId id, Assignment to, std::string by,
                                     std::string reason) {
  const auto change = [&](HumanTask& task) -> std::expected<HumanActs, Refusal> {
    return people::Reassign(task, to, by, reason, clock_.Now().micros());
  };
  auto save = Save(std::move(account), id, change, {.links_end = true});
  co_return co_await std::move(save);
}

// ---- Files ----

OrRefused<TaskFile> Inbox::AddFile(AccountId account, HumanTaskId id, std::string name, std::string bytes) {
  if (options_.objects == nullptr)
    co_return Refuse(ErrorCode::kUnavailable, "this server has no store for files",
                     "set objects.dir to a folder that all nodes share");
  if (bytes.empty()) co_return Refuse(ErrorCode::kInvalidArgument, "the file is empty");
  auto load = store_.Load(account, id);
  const auto task = co_await std::move(load);
  if (!task) co_return Refuse(task.error());
  if (auto refusal = WhyNot(*task)) co_return std::unexpected(*std::move(refusal));
  if (FileFields(task->question["form"]).empty())
    co_return Refuse(ErrorCode::kConflict, "the form of this task has no field for files");
  auto list = store_.Files(account, id);
  const auto files = co_await std::move(list);
  if (!files) co_return Refuse(files.error());
  if (files->size() >= TaskFile::kPerTaskMax)
    co_return Refuse(ErrorCode::kQuotaExceeded, "this task has 20 files already, the limit");
  TaskFile file{.id = TaskFileId::New(),
                .task = id,
                .name = CleanFileName(name),
                .type = std::string(TypeOf(bytes)),
                .bytes = static_cast<std::int64_t>(bytes.size()),
                .digest = Sha256Hex(bytes),
                .created_us = clock_.Now().micros()};
  auto put = workflow::Await<void>([&](auto done) {
    boost::asio::post(options_.blocking, [this, account, key = file.Key(), bytes = std::move(bytes),
                                          done = std::move(done)]() mutable {
      done(options_.objects->Put(account, key, bytes));
    });
  });
  const auto stored = co_await std::move(put);
  if (!stored) co_return Refuse(stored.error());
  auto insert = store_.InsertFile(account, file);
  const auto inserted = co_await std::move(insert);
  if (!inserted) co_return Refuse(inserted.error());
  co_return file;
}

Task<TaskFile> Inbox::ReadFile(AccountId account, HumanTaskId id, TaskFileId file, std::string& bytes) {
  auto list = store_.Files(account, id);
  ASSIGN_OR_CO_RETURN(const std::vector<TaskFile> files, co_await std::move(list));
  const auto found = std::ranges::find(files, file, &TaskFile::id);
  if (found == files.end() || options_.objects == nullptr)
    co_return Fail(ErrorCode::kNotFound, "this task has no file '" + file.ToString() + "'");
  auto get = workflow::Await<std::string>([&](auto done) {
    boost::asio::post(options_.blocking,
                      [this, account, key = found->Key(), done = std::move(done)]() mutable {
                        done(options_.objects->Get(account, key));
                      });
  });
  ASSIGN_OR_CO_RETURN(bytes, co_await std::move(get));
  co_return *found;
}

// ---- Links ----

OrRefused<Inbox::MadeLink> Inbox::MakeLink(AccountId account, HumanTaskId id, std::string assignee,
                                           std::string by, std::chrono::microseconds lifetime) {
  auto list = store_.Links(account, id);
  const auto links = co_await std::move(list);
  if (!links) co_return Refuse(links.error());
  const std::int64_t now_us = clock_.Now().micros();
  const auto is_good = [now_us](const TaskLink& link) { return IsGood(link, now_us); };
  if (static_cast<std::size_t>(std::ranges::count_if(*links, is_good)) >= kLinksMax)
    co_return Refuse(ErrorCode::kQuotaExceeded, "this task has 20 links already, the limit",
                     "end one of them: DELETE /v1/tasks/{id}/links/{link}");
  TaskLink link{.id = TaskLinkId::New(),
                .account = account,
                .task = id,
                .created_us = now_us,
                .expires_us = now_us + lifetime.count()};
  // Whom it is for is decided on the task as it is then.
  auto load = store_.Load(account, id);
  const auto task = co_await std::move(load);
  if (!task) co_return Refuse(task.error());
  link.assignee = assignee.empty() ? task->to.assignee : assignee;
  if (link.assignee.empty())
    co_return Refuse(ErrorCode::kInvalidArgument, "`assignee` is missing: for whom the link is",
                     "the task is for a role or for anybody, and a link is for one person");
  const auto change = [&](HumanTask& now) -> std::expected<HumanActs, Refusal> {
    if (!now.to.assignee.empty() && now.to.assignee != link.assignee)
      return Refuse(ErrorCode::kConflict,
                    fmt::format("this is for {}, not for {}", now.to.assignee, link.assignee),
                    "give it to another person first: POST /v1/tasks/{id}/reassign");
    const Json detail = Json::Object({{"link", link.id.ToString()},
                                      {"assignee", link.assignee},
                                      {"expires_at", TimeText(link.expires_us)}});
    return Note(now, "link_made", by, detail, clock_.Now().micros());
  };
  auto save = Save(account, id, change, {.link = link});
  const auto saved = co_await std::move(save);
  if (!saved) co_return std::unexpected(saved.error());
  co_return MadeLink{.link = link, .url = base_url() + "/t/" + signer_.Sign(account, link.id)};
}

Task<std::vector<TaskLink>> Inbox::Links(AccountId account, HumanTaskId id) {
  auto load = store_.Load(account, id);
  CO_RETURN_IF_ERROR(co_await std::move(load));
  auto list = store_.Links(account, id);
  co_return co_await std::move(list);
}

Task<void> Inbox::RevokeLink(AccountId account, HumanTaskId id, TaskLinkId link) {
  auto load = store_.LoadLink(account, link);
  ASSIGN_OR_CO_RETURN(const TaskLink found, co_await std::move(load));
  if (found.task != id)
    co_return Fail(ErrorCode::kNotFound, "this task has no link '" + link.ToString() + "'");
  auto revoke = store_.RevokeLink(std::move(account), link, clock_.Now().micros());
  co_return co_await std::move(revoke);
}

// Whatever is wrong with the token, the answer is the same.
OrRefused<Inbox::Opened> Inbox::Resolve(std::string token) {
  const auto read = signer_.Read(token);
  if (!read) co_return NotOurs();
  auto find = store_.LoadLink(read->account, read->link);
  const auto link = co_await std::move(find);
  if (!link && link.error().code == ErrorCode::kNotFound) co_return NotOurs();
  if (!link) co_return Refuse(link.error());
  auto load = store_.Load(link->account, link->task);
  const auto task = co_await std::move(load);
  if (!task && task.error().code == ErrorCode::kNotFound) co_return NotOurs();
  if (!task) co_return Refuse(task.error());
  const Error ended{.code = ErrorCode::kConflict,
                    .message = "this link is not good any more",
                    .hint = "ask whoever sent it for another one"};
  if (link->expires_us <= clock_.Now().micros()) co_return Refuse(ended, kGone);
  // With the end of its task a link ends as well, and shows what was decided.
  if (link->revoked_us && link->revoked_us != task->ended_us) co_return Refuse(ended, kGone);
  co_return Opened{.link = *link, .task = *task};
}

OrRefused<Json> Inbox::OpenLink(std::string token) {
  auto resolve = Resolve(std::move(token));
  auto opened = co_await std::move(resolve);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  const TaskLink& link = opened->link;
  if (!opened->task.is_open()) co_return LinkJson(opened->task, link.assignee);
  auto see = store_.SeeLink(link.account, link.id, clock_.Now().micros());
  const auto is_first = co_await std::move(see);
  if (!is_first) co_return Refuse(is_first.error());
  if (*is_first) {
    const auto note = [&](HumanTask& task) -> std::expected<HumanActs, Refusal> {
      return Note(task, "seen", link.assignee, Json::Object({{"link", link.id.ToString()}}),
                  clock_.Now().micros());
    };
    auto save = Save(link.account, link.task, note, {});
    (void)co_await std::move(save);  // one that has ended meanwhile is shown all the same
  }
  co_return LinkJson(opened->task, link.assignee);
}

OrRefused<HumanTask> Inbox::AnswerByLink(std::string token, Answer answer) {
  auto resolve = Resolve(std::move(token));
  auto opened = co_await std::move(resolve);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  answer.by = opened->link.assignee;
  auto give = GiveAnswer(opened->link.account, opened->link.task, std::move(answer), Channel::kLink);
  co_return co_await std::move(give);
}

OrRefused<TaskFile> Inbox::AddFileByLink(std::string token, std::string name, std::string bytes) {
  auto resolve = Resolve(std::move(token));
  auto opened = co_await std::move(resolve);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  auto add = AddFile(opened->link.account, opened->link.task, std::move(name), std::move(bytes));
  co_return co_await std::move(add);
}

}  // namespace elevaite::people
