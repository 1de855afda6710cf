#include "tests/conformance/steps.h"

#include <array>
#include <charconv>

#include "foundation/yaml.h"
#include "tests/conformance/pattern.h"

namespace elevaite::conformance {
namespace {

Result<Json> YamlOf(std::string_view text) {
  auto read = yaml::Read(text);
  if (!read) return Mismatch("not YAML: " + read.error().ToString());
  return read->value();
}

constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{
    {{"millisecond", 1e3}, {"second", 1e6}, {"minute", 60e6}, {"hour", 3600e6}, {"day", 86400e6}}};

// "5 seconds", "1 day"
Result<std::int64_t> DurationOf(const std::string& number, std::string_view unit) {
  double amount = 0;
  std::from_chars(number.data(), number.data() + number.size(), amount);
  if (unit.ends_with('s')) unit.remove_suffix(1);
  for (const auto& [name, us] : kUnits) {
    if (unit == name) return static_cast<std::int64_t>(amount * us);
  }
  return Mismatch("no unit of time: " + std::string(unit));
}

// A table whose first row names the columns, as objects; the cells are YAML, empty ones are left out.
Result<std::vector<Json>> ObjectsOf(const std::vector<Row>& table) {
  std::vector<Json> objects;
  for (std::size_t i = 1; i < table.size(); ++i) {
    std::vector<Json::Member> members;
    for (std::size_t column = 0; column < table[i].size(); ++column) {
      if (table[i][column].empty()) continue;
      ASSIGN_OR_RETURN(Json value, YamlOf(table[i][column]));
      members.emplace_back(Json(table[0][column]), std::move(value));
    }
    objects.push_back(Json::Object(std::move(members)));
  }
  return objects;
}

StubAnswer AnswerOf(const Json& row) {
  StubAnswer answer;
  answer.never = row["status"] == Json("never");
  answer.status = static_cast<int>(row["status"].IntOr(200));
  for (const auto& [name, value] : row.AsObject()) {
    const std::string_view column = name.AsString();
    if (column == "status") continue;
    if (column == "body")
      answer.body = value.Dump();
    else if (column == "text")
      answer.body = value.StringOr("");
    else if (column == "content-type")
      answer.content_type = value.StringOr("");
    else
      answer.headers.emplace_back(column, value.IsString() ? std::string(value.AsString()) : value.Dump());
  }
  if (row.Find("text") != nullptr && row.Find("content-type") == nullptr) answer.content_type = "text/plain";
  return answer;
}

}  // namespace

std::unexpected<Error> Mismatch(std::string message) {
  return std::unexpected(Error{.code = ErrorCode::kInvalidArgument, .message = std::move(message)});
}

Result<Json> DocOf(const Step& step) {
  if (!step.doc) return Mismatch("this step needs a doc string");
  return YamlOf(*step.doc);
}

Result<void> Steps::Do(const Step& step) {
  for (const auto* table : {&Actions(), &Checks()}) {
    for (const Sentence& sentence : *table) {
      if (const auto parameters = MatchStep(sentence.pattern, step.text))
        return (this->*sentence.handler)(step, *parameters);
    }
  }
  return Mismatch("no such step");
}

const std::vector<Steps::Sentence>& Steps::Actions() {
  static const std::vector<Sentence> sentences{
      {"a workflow with definition:", &Steps::Define},  // `document` may be left out
      {"a published workflow with definition:", &Steps::DefinePublished},
      {"the workflow input is:", &Steps::SetInput},
      {"the secret {text} is {text}", &Steps::SetSecret},
      {"the secret {text} is:", &Steps::SetSecretValue},
      {"the time is {text}", &Steps::SetTime},
      {"{text} holds:", &Steps::SetResource},         // before the definition that refers to it
      {"{text} answers:", &Steps::SetAnswers},        // columns: status (or never), body or text, and headers
      {"the workflow is executed", &Steps::Execute},  // time passes until it ends or waits for something else
      {"the workflow is started", &Steps::Start},     // no time passes
      {"the workflow runs on", &Steps::RunOn},
      {"the workflow is cancelled because {text}", &Steps::Cancel},
      {"the workflow is cancelled at once because {text}", &Steps::CancelAtOnce},
      {"the workflow migrates to the definition:", &Steps::Migrate},  // of a new version
      {"{number} {word} pass", &Steps::Pass},
      {"{number} {word} passes", &Steps::Pass},
      {"the engine is down for {number} {word}", &Steps::BeDown},
      {"the engine crashes and recovers", &Steps::Crash},
      {"the event is published:", &Steps::SendOne},
      {"the events are published:", &Steps::SendMany},  // a table of attributes
      {"the workflow is published", &Steps::PublishSchedule},
      {"the workflow is published in the time zone {text}", &Steps::PublishScheduleIn},
      {"the workflow is published without catching up", &Steps::PublishWithoutCatchUp},
      {"the workflow is published without overlap", &Steps::PublishWithoutOverlap},
  };
  return sentences;
}

// ---- What there is ----

Result<void> Steps::Define(const Step& step, const Parameters&) {
  if (!step.doc) return Mismatch("this step needs a doc string");
  compiled_ = world_.Compile(dsl::WholeExample(*step.doc));
  return {};
}

Result<void> Steps::DefinePublished(const Step& step, const Parameters&) {
  if (!step.doc) return Mismatch("this step needs a doc string");
  const dsl::CompileResult compiled = world_.Compile(*step.doc);
  if (!compiled.program)
    return Mismatch("the definition is refused: " + dsl::ToText(compiled.diagnostics.front()));
  world_.Publish(compiled.program);
  return {};
}

Result<void> Steps::SetInput(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(input_, DocOf(step));
  return {};
}

Result<void> Steps::SetSecret(const Step&, const Parameters& parameters) {
  world_.SetSecret(parameters[0], Json(parameters[1]));
  return {};
}

Result<void> Steps::SetSecretValue(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(Json value, DocOf(step));
  world_.SetSecret(parameters[0], std::move(value));
  return {};
}

Result<void> Steps::SetTime(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Timestamp time, Timestamp::Parse(parameters[0]));
  world_.SetTime(time);
  return {};
}

Result<void> Steps::SetResource(const Step& step, const Parameters& parameters) {
  if (!step.doc) return Mismatch("this step needs a doc string");
  world_.SetResource(parameters[0], *step.doc);
  return {};
}

Result<void> Steps::SetAnswers(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const std::vector<Json> rows, ObjectsOf(step.table));
  std::vector<StubAnswer> answers;
  for (const Json& row : rows) answers.push_back(AnswerOf(row));
  world_.stub().Answer(parameters[0], std::move(answers));
  return {};
}

// ---- What happens ----

Result<std::shared_ptr<const dsl::Program>> Steps::Program() const {
  if (!compiled_) return Mismatch("there is no definition yet");
  if (!compiled_->program)
    return Mismatch("the definition is refused: " + dsl::ToText(compiled_->diagnostics.front()));
  return compiled_->program;
}

Result<void> Steps::Execute(const Step& step, const Parameters& parameters) {
  RETURN_IF_ERROR(Start(step, parameters));
  world_.RunToEnd(*current_);
  return {};
}

Result<void> Steps::Start(const Step&, const Parameters&) {
  ASSIGN_OR_RETURN(const auto program, Program());
  current_ = world_.Start(program, input_);
  return {};
}

Result<void> Steps::RunOn(const Step&, const Parameters&) {
  world_.RunToEnd(*current_);
  return {};
}

// As the server has it unless it is told otherwise.
constexpr std::chrono::seconds kGrace{30};

Result<void> Steps::CancelAtOnce(const Step&, const Parameters& parameters) {
  world_.Cancel(*current_, parameters[0], std::chrono::seconds(0));
  return {};
}

Result<void> Steps::Cancel(const Step&, const Parameters& parameters) {
  world_.Cancel(*current_, parameters[0], kGrace);
  return {};
}

// The document's head is that of the workflow, with a version that has not been there yet.
Result<engine::Migration> Steps::MigrateTo(const Step& step) {
  if (!step.doc) return Mismatch("this step needs a doc string");
  const engine::ExecutionRecord& record = Current().record;
  const std::string head = "document: {dsl: '1.0.3', namespace: " + record.name_space +
                           ", name: " + record.workflow + ", version: '" + std::to_string(++versions_) +
                           ".0.0'}\n";
  const dsl::CompileResult compiled = world_.Compile(head + *step.doc);
  if (!compiled.program)
    return Mismatch("the definition is refused: " + dsl::ToText(compiled.diagnostics.front()));
  return world_.Migrate(*current_, compiled.program);
}

Result<void> Steps::Migrate(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const engine::Migration migration, MigrateTo(step));
  if (migration.done) return {};
  if (migration.plan.obstacles.empty()) return Mismatch("it has not migrated");
  const engine::Obstacle& first = migration.plan.obstacles.front();
  return Mismatch("it has not migrated: " + first.task + " " + first.why);
}

Result<void> Steps::Pass(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const std::int64_t duration, DurationOf(parameters[0], parameters[1]));
  world_.Pass(duration);
  return {};
}

Result<void> Steps::BeDown(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const std::int64_t duration, DurationOf(parameters[0], parameters[1]));
  world_.BeDown(duration);
  return {};
}

Result<void> Steps::Crash(const Step&, const Parameters&) {
  world_.BeDown(0);
  return {};
}

Result<void> Steps::SendOne(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(Json attributes, DocOf(step));
  return world_.Send(std::move(attributes));
}

Result<void> Steps::SendMany(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(std::vector<Json> events, ObjectsOf(step.table));
  for (Json& event : events) RETURN_IF_ERROR(world_.Send(std::move(event)));
  return {};
}

Result<void> Steps::PublishWith(ScheduleSettings settings) {
  ASSIGN_OR_RETURN(const auto program, Program());
  if (!program->schedule) return Mismatch("the definition has no schedule");
  world_.Install(program, std::move(settings));
  return {};
}

Result<void> Steps::PublishSchedule(const Step&, const Parameters&) { return PublishWith({}); }
Result<void> Steps::PublishScheduleIn(const Step&, const Parameters& parameters) {
  return PublishWith({.zone = parameters[0]});
}
Result<void> Steps::PublishWithoutCatchUp(const Step&, const Parameters&) {
  return PublishWith(
      {.policy = {.overlap = workflow::Overlap::kAllow, .catch_up = workflow::CatchUp::kNone}});
}
Result<void> Steps::PublishWithoutOverlap(const Step&, const Parameters&) {
  return PublishWith({.policy = {.overlap = workflow::Overlap::kSkip}});
}

}  // namespace elevaite::conformance
