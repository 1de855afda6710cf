#include "services/workflow/rehearsal/test_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "dsl/error_types.h"
#include "dsl/expression.h"
#include "dsl/reader.h"
#include "dsl/suggest.h"
#include "engine/machine/cloud_event.h"
#include "engine/machine/errors.h"
#include "foundation/time_zone.h"
#include "services/workflow/rehearsal/test_vocabulary.h"

namespace elevaite::rehearsal {
namespace {

using dsl::Code;
using dsl::Quote;
using Place = dsl::Reader::Place;
using Field = dsl::Reader::Field;

bool GivesForTask(const yaml::Node& answer) { return answer.Find("gives") != nullptr; }

class CaseReader {
 public:
  CaseReader(const KnownNames& known, dsl::Diagnostics& diagnostics) : known_(known), reader_(diagnostics) {}

  std::vector<Case> Cases(const Place& root);

 private:
  Case ReadCase(const Place& place);
  Given ReadGiven(const Place& place);
  When ReadWhen(const Place& place);
  Expected ReadExpected(const Place& place);
  Mock ReadMock(const Place& place);
  Answer ReadAnswer(const Place& place);
  Json ReadError(const Place& place, bool is_whole);
  SentEvent ReadEvent(const Place& place);
  ExpectedCall ReadCall(const Place& place);

  // Items of a list, each read by `read`; one too many is said.
  template <class T>
  std::vector<T> List(const Place& place, std::string_view what, std::size_t most,
                      T (CaseReader::*read)(const Place&));
  bool IsObject(const Place& place, const dsl::vocabulary::Object& object);
  std::string TextAt(const Place& owner, std::string_view key);
  std::int64_t DurationAt(const Place& owner, std::string_view key);
  Timestamp Time(const Place& place);
  std::optional<jq::Program> Filter(const Place& place, std::string_view what);
  std::string TaskName(const Place& place);
  std::string Name(const Place& place, std::string_view what, const std::vector<std::string>& known);
  void ReadCalled(const Place& place, std::string& task, std::string& call);

  const KnownNames& known_;
  dsl::Reader reader_;
};

bool CaseReader::IsObject(const Place& place, const dsl::vocabulary::Object& object) {
  if (!reader_.IsMapping(place, object.title)) return false;
  reader_.CheckKeys(place, object);
  return true;
}

template <class T>
std::vector<T> CaseReader::List(const Place& place, std::string_view what, std::size_t most,
                                T (CaseReader::*read)(const Place&)) {
  std::vector<T> items;
  if (!reader_.IsList(place, what, "begin each with `- `")) return items;
  const std::size_t count = place.node.items().size();
  if (count > most) {
    reader_.Add(Code::kNumberRange, place,
                fmt::format("{} has {} items; at most {} are allowed", what, count, most));
    return items;
  }
  for (std::size_t i = 0; i < count && !reader_.diagnostics().Full(); ++i)
    items.push_back((this->*read)(dsl::Reader::Item(place, i)));
  return items;
}

std::vector<Case> CaseReader::Cases(const Place& root) {
  std::vector<Case> cases = List(root, "a test file", kCasesMax, &CaseReader::ReadCase);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].name.empty() || names.insert(cases[i].name).second) continue;
    reader_.Add(Code::kValueNotAllowed, *dsl::Reader::Member(dsl::Reader::Item(root, i), "name"),
                fmt::format("two cases are called {}", Quote(cases[i].name)), "give each a name of its own");
  }
  if (cases.empty() && root.node.IsSequence())
    reader_.Add(Code::kEmpty, root, "a test file must have a case");
  return cases;
}

Case CaseReader::ReadCase(const Place& place) {
  Case one{.line = place.range().begin.line};
  if (!IsObject(place, vocabulary::kCase)) return one;
  one.name = TextAt(place, "name");
  const Field given = dsl::Reader::Member(place, "given");
  if (given) one.given = ReadGiven(*given);
  if (const Field when = dsl::Reader::Member(place, "when")) one.when = ReadWhen(*when);
  if (const Field expected = dsl::Reader::Member(place, "expect")) one.expect = ReadExpected(*expected);
  const Field input = given && given->node.IsMapping() ? dsl::Reader::Member(*given, "input") : std::nullopt;
  if (input && one.when.passes_us)
    reader_.Add(Code::kExclusiveKeys, *input, "`input` beside `passes` means nothing",
                "the schedule gives the input");
  const Field starts = one.expect.starts ? dsl::Reader::Member(place, "expect") : std::nullopt;
  if (starts && !one.when.passes_us)
    reader_.Add(Code::kMissingKey, *starts, "`starts` is about a schedule, and no time passes",
                "say for how long, for example when: {passes: P7D}");
  return one;
}

// ---- given ----

Given CaseReader::ReadGiven(const Place& place) {
  Given given;
  if (!IsObject(place, vocabulary::kGiven)) return given;
  if (const Field input = dsl::Reader::Member(place, "input")) given.input = input->node.value();
  if (const Field at = dsl::Reader::Member(place, "at")) given.at = Time(*at);
  if (const Field zone = dsl::Reader::Member(place, "zone")) {
    given.zone = reader_.Text(*zone, "`zone`").value_or("UTC");
    if (const auto loaded = TimeZone::Load(given.zone); !loaded)
      reader_.Add(Code::kValueNotAllowed, *zone, loaded.error().message,
                  "write a zone such as Europe/Zurich");
  }
  if (dsl::Reader::Member(place, "baseUrl")) given.base_url = TextAt(place, "baseUrl");
  const Field secrets = dsl::Reader::Member(place, "secrets");
  if (secrets && reader_.IsMapping(*secrets, "`secrets`")) {
    for (const yaml::Member& secret : secrets->node.members())
      given.secrets[std::string(secret.key)] = secret.value.value();
  }
  if (const Field mocks = dsl::Reader::Member(place, "mocks"))
    given.mocks = List(*mocks, "`mocks`", kMocksMax, &CaseReader::ReadMock);
  return given;
}

Mock CaseReader::ReadMock(const Place& place) {
  Mock mock;
  if (!IsObject(place, vocabulary::kMock)) return mock;
  ReadCalled(place, mock.task, mock.call);
  mock.workflow = TextAt(place, "workflow");
  if (const Field when = dsl::Reader::Member(place, "when")) mock.when = Filter(*when, "`when`");
  if (const Field answers = dsl::Reader::Member(place, "answers")) {
    mock.answers = List(*answers, "`answers`", kMocksMax, &CaseReader::ReadAnswer);
    mock.is_of_task = std::ranges::any_of(answers->node.items(), &GivesForTask);
    if (const Field delay = dsl::Reader::Member(place, "delay"))
      reader_.Add(Code::kExclusiveKeys, *delay, "`delay` beside `answers` means nothing",
                  "write it into the answer that takes so long");
  } else {
    mock.answers = {ReadAnswer(place)};
    mock.is_repeated = true;
    mock.is_of_task = GivesForTask(place.node);
  }
  return mock;
}

// Of a mock, whose keys have been looked at already, or an item of its `answers`.
Answer CaseReader::ReadAnswer(const Place& place) {
  Answer answer;
  const bool is_mock =
      place.node.IsMapping() && std::ranges::any_of(vocabulary::kWho, [&](std::string_view key) {
        return place.node.Find(key) != nullptr;
      });
  if (!is_mock && !IsObject(place, vocabulary::kAnswer)) return answer;
  for (const std::string_view key : {"output", "gives"})
    if (const Field output = dsl::Reader::Member(place, key)) answer.output = output->node.value();
  if (const Field error = dsl::Reader::Member(place, "error")) answer.error = ReadError(*error, true);
  answer.delay_us = DurationAt(place, "delay");
  return answer;
}

// An error object, or the part of one that is expected. Types may be written by their short names.
Json CaseReader::ReadError(const Place& place, bool is_whole) {
  if (!IsObject(place, is_whole ? vocabulary::kError : vocabulary::kExpectedError))
    return Json::EmptyObject();
  Json error = place.node.value();
  if (const Field status = dsl::Reader::Member(place, "status"))
    reader_.Integer(*status, "`status`", 0, 65'535);
  const Field type = dsl::Reader::Member(place, "type");
  const auto name = type ? reader_.Text(*type, "`type`") : std::nullopt;
  if (!name) return error;
  const dsl::ErrorType* known = dsl::FindErrorType(*name);
  if (known == nullptr && name->find(':') == std::string::npos) {
    static constexpr std::string_view kTypes[] = {"configuration",  "validation",    "expression",
                                                  "authentication", "authorization", "timeout",
                                                  "communication",  "runtime"};
    reader_.OneOf(*type, "`type` without a scheme", kTypes);
    return error;
  }
  error =
      Json::WithMember(std::move(error), "type",
                       known != nullptr ? engine::ErrorTypeUri(known->name) : dsl::NormalizeErrorType(*name));
  if (!is_whole) return error;
  if (error.Find("status") == nullptr)
    error = Json::WithMember(std::move(error), "status", known != nullptr ? known->status : 500);
  if (error.Find("title") == nullptr && known != nullptr)
    error = Json::WithMember(std::move(error), "title", known->title);
  return error;
}

// ---- when ----

When CaseReader::ReadWhen(const Place& place) {
  When when;
  if (!IsObject(place, vocabulary::kWhen)) return when;
  if (const Field events = dsl::Reader::Member(place, "events"))
    when.events = List(*events, "`events`", kMocksMax, &CaseReader::ReadEvent);
  if (dsl::Reader::Member(place, "passes")) when.passes_us = DurationAt(place, "passes");
  const Field cancel = dsl::Reader::Member(place, "cancel");
  if (cancel && IsObject(*cancel, vocabulary::kCancel))
    when.cancel = CancelAt{.after_us = DurationAt(*cancel, "after"),
                           .grace_us = DurationAt(*cancel, "grace"),
                           .reason = TextAt(*cancel, "reason")};
  return when;
}

SentEvent CaseReader::ReadEvent(const Place& place) {
  SentEvent event;
  if (!IsObject(place, vocabulary::kEvent)) return event;
  event.attributes = Json::WithoutMember(place.node.value(), "after");
  if (dsl::Reader::Member(place, "after")) event.after_us = DurationAt(place, "after");
  const auto sound = engine::CloudEventOf(event.attributes, {.id = "1", .source = "test"});
  if (!sound && place.node.Find("type") != nullptr)
    reader_.Add(Code::kValueNotAllowed, place, sound.error().message, sound.error().hint);
  return event;
}

// ---- expect ----

Expected CaseReader::ReadExpected(const Place& place) {
  Expected expected;
  if (!IsObject(place, vocabulary::kExpect)) return expected;
  if (const Field status = dsl::Reader::Member(place, "status")) {
    if (const auto name = reader_.OneOf(*status, "`status`", vocabulary::kStatuses))
      expected.status = engine::PhaseFromName(*name);
  }
  if (const Field output = dsl::Reader::Member(place, "output")) expected.output = output->node.value();
  if (const Field contains = dsl::Reader::Member(place, "contains"))
    expected.contains = contains->node.value();
  if (const Field check = dsl::Reader::Member(place, "check")) {
    const std::size_t count = check->node.IsSequence() ? check->node.items().size() : 1;
    for (std::size_t i = 0; i < std::min(count, kMocksMax); ++i) {
      auto filter = Filter(check->node.IsSequence() ? dsl::Reader::Item(*check, i) : *check, "`check`");
      if (filter) expected.checks.push_back(*std::move(filter));
    }
  }
  if (const Field error = dsl::Reader::Member(place, "error")) expected.error = ReadError(*error, false);
  if (const Field ran = dsl::Reader::Member(place, "ran"))
    expected.ran = List(*ran, "`ran`", kMocksMax, &CaseReader::TaskName);
  if (const Field never = dsl::Reader::Member(place, "never"))
    expected.never = List(*never, "`never`", kMocksMax, &CaseReader::TaskName);
  if (const Field calls = dsl::Reader::Member(place, "calls"))
    expected.calls = List(*calls, "`calls`", kMocksMax, &CaseReader::ReadCall);
  if (const Field events = dsl::Reader::Member(place, "events")) {
    expected.events.emplace();
    for (const SentEvent& event : List(*events, "`events`", kMocksMax, &CaseReader::ReadEvent))
      expected.events->push_back(event.attributes);
  }
  if (dsl::Reader::Member(place, "duration")) expected.duration_us = DurationAt(place, "duration");
  if (const Field starts = dsl::Reader::Member(place, "starts"))
    expected.starts = List(*starts, "`starts`", kMocksMax, &CaseReader::Time);
  return expected;
}

ExpectedCall CaseReader::ReadCall(const Place& place) {
  ExpectedCall call;
  if (!IsObject(place, vocabulary::kCall)) return call;
  ReadCalled(place, call.task, call.call);
  if (const Field request = dsl::Reader::Member(place, "request")) call.request = request->node.value();
  return call;
}

// ---- Scalars ----

void CaseReader::ReadCalled(const Place& place, std::string& task, std::string& call) {
  if (const Field named = dsl::Reader::Member(place, "task")) task = TaskName(*named);
  if (const Field named = dsl::Reader::Member(place, "call")) call = Name(*named, "function", known_.calls);
}

std::string CaseReader::TaskName(const Place& place) { return Name(place, "task", known_.tasks); }

std::string CaseReader::Name(const Place& place, std::string_view what,
                             const std::vector<std::string>& known) {
  auto name = reader_.Text(place, fmt::format("the name of a {}", what));
  if (!name) return "";
  if (name->empty()) reader_.Add(Code::kEmpty, place, fmt::format("the name of a {} is empty", what));
  if (known.empty() || name->starts_with('/') || std::ranges::find(known, *name) != known.end()) return *name;
  const auto near = dsl::Nearest(*name, known);
  reader_.Add(Code::kValueNotAllowed, place, fmt::format("there is no {} {}", what, Quote(*name)),
              near ? fmt::format("did you mean `{}`?", *near) : "");
  return *name;
}

std::string CaseReader::TextAt(const Place& owner, std::string_view key) {
  const Field field = dsl::Reader::Member(owner, key);
  return field ? reader_.Text(*field, fmt::format("`{}`", key)).value_or("") : "";
}

std::int64_t CaseReader::DurationAt(const Place& owner, std::string_view key) {
  const Field field = dsl::Reader::Member(owner, key);
  return field ? reader_.DurationLiteral(*field, fmt::format("`{}`", key)).value_or(0) : 0;
}

Timestamp CaseReader::Time(const Place& place) {
  const auto text = reader_.Text(place, "a time", "write it as '2026-03-28T12:00:00Z'");
  if (!text) return {};
  const auto time = Timestamp::Parse(*text);
  if (time) return *time;
  reader_.Add(Code::kValueNotAllowed, place, fmt::format("{} is no time", Quote(*text)),
              "write it as '2026-03-28T12:00:00Z'");
  return {};
}

std::optional<jq::Program> CaseReader::Filter(const Place& place, std::string_view what) {
  const auto text = reader_.Text(place, what, "write a jq expression, such as '.total > 0'");
  if (!text) return std::nullopt;
  const dsl::TextScan scan = dsl::ScanText(*text);
  const bool is_wrapped = scan.kind == dsl::TextKind::kWhole;
  auto program = jq::Program::Compile(is_wrapped ? text->substr(scan.begin, scan.end - scan.begin) : *text);
  if (program) return *std::move(program);
  reader_.Add(Code::kExpressionSyntax, place, fmt::format("{}: {}", what, program.error().message),
              program.error().hint);
  return std::nullopt;
}

}  // namespace

std::expected<bool, jq::EvaluationError> Holds(const jq::Program& filter, const Json& value) {
  const jq::Budget budget{.steps_max = 5'000'000,
                          .bytes_max = 64U << 20U,
                          .outputs_max = 10'000,
                          .time_max = std::chrono::seconds(1)};
  const auto result = jq::EvaluateFirst(filter, value, {}, {.budget = budget});
  if (!result) return std::unexpected(result.error());
  return !result->IsNull() && (!result->IsBool() || result->AsBool());
}

TestFile ReadTestFile(std::string_view text, const KnownNames& known) {
  TestFile file;
  dsl::Diagnostics diagnostics;
  if (const auto document = dsl::Parse(text, kFileLimits, diagnostics))
    file.cases = CaseReader(known, diagnostics).Cases(Place{document->root(), ""});
  file.is_valid = !diagnostics.HasErrors();
  if (!file.is_valid) file.cases.clear();
  file.diagnostics = std::move(diagnostics).Take();
  return file;
}

}  // namespace elevaite::rehearsal
