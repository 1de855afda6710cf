#include "engine/simulation/reference.h"

#include <algorithm>
#include <deque>
#include <expected>
#include <optional>
#include <set>
#include <utility>

#include "engine/simulation/expressions.h"
#include "engine/simulation/generator.h"
#include "engine/simulation/services.h"

namespace elevaite::simulation {
namespace {

using Variables = std::map<std::string, Json>;
template <class T>
using OrError = std::expected<T, Json>;  // the error is {type, status}

Json ErrorOf(std::string_view type, std::int64_t status) {
  return Json::Object(
      {{"type", "https://open-workflow-specification.org/spec/1.0.0/errors/" + std::string(type)},
       {"status", status}});
}

// Where the flow goes, as the document names it.
struct Ended {
  Json output;
  std::string then;  // "continue", "exit", "end", a task's name, or:
};
// A task inside has ended the workflow: what is around it does nothing more.
constexpr std::string_view kEndNow = "(ended)";

class Walk {
 public:
  Walk(const std::vector<Workflow>& workflows, const Workflow& workflow, Expected& expected)
      : workflows_(workflows), workflow_(workflow), expected_(expected) {}

  OrError<Json> Run(const Json& input) {
    if (workflow_.is_timed) expected_.is_timed = true;
    Json data = input;
    const Json& document = workflow_.document;
    if (const Json* from = document["input"].Find("from")) {
      auto made = Evaluate(*from, data, {});
      if (!made) return made;
      data = *std::move(made);
    }
    auto ended = List(document["do"], std::move(data), {}, "/do");
    if (!ended) return std::unexpected(std::move(ended).error());
    if (const Json* as = document["output"].Find("as")) return Evaluate(*as, ended->output, {});
    return std::move(ended->output);
  }

 private:
  // ---- Expressions ----

  // A field that is an expression, also without `${ }`.
  OrError<Json> Evaluate(const Json& what, const Json& input, const Variables& variables) {
    return Answered(EvaluateField(what, input, WithCommon(variables)));
  }
  // Data with expressions in it.
  OrError<Json> Fill(const Json& what, const Json& input, const Variables& variables) {
    return Answered(EvaluateData(what, input, WithCommon(variables)));
  }
  Variables WithCommon(Variables variables) const {
    variables["context"] = *context_;
    variables["workflow"] = Json::Object({{"id", "me"}});
    return variables;
  }
  static OrError<Json> Answered(std::optional<Json> value) {
    if (!value) return std::unexpected(ErrorOf("expression", 400));
    return *std::move(value);
  }
  OrError<bool> Test(const Json& what, const Json& input, const Variables& variables) {
    auto value = Evaluate(what, input, variables);
    if (!value) return std::unexpected(std::move(value).error());
    return !value->IsNull() && value->BoolOr(true);
  }

  // ---- Lists ----

  OrError<Ended> List(const Json& tasks, Json data, const Variables& variables, const std::string& at) {
    const auto items = tasks.AsArray();
    for (std::size_t position = 0; position < items.size();) {
      const Json::Member& named = items[position].AsObject().front();
      const std::string name(named.key.AsString());
      auto ended = Task(named.value, data, variables, at + "/" + name);
      if (!ended) return ended;
      data = std::move(ended->output);
      if (ended->then == "end" || ended->then == kEndNow) return Ended{std::move(data), std::string(kEndNow)};
      if (ended->then == "exit") return Ended{std::move(data), "exit"};
      position = ended->then == "continue" ? position + 1 : PositionOf(items, ended->then);
    }
    return Ended{std::move(data), "continue"};
  }

  static std::size_t PositionOf(std::span<const Json> items, const std::string& name) {
    const auto found = std::ranges::find_if(
        items, [&](const Json& item) { return item.AsObject().front().key.AsString() == name; });
    return static_cast<std::size_t>(found - items.begin());
  }

  // With the extensions around it, from that of the document on.
  OrError<Ended> Task(const Json& task, const Json& raw, const Variables& variables, const std::string& at,
                      std::size_t extension = 0) {
    const Json& extensions = workflow_.document["use"]["extensions"];
    if (in_extension_ || extension >= extensions.Size()) return TaskAlone(task, raw, variables, at);
    const Json& around = extensions.At(extension).AsObject().front().value;
    const auto wrapped = [&] { return Task(task, raw, variables, at, extension + 1); };
    if (!Extends(around["extend"].AsString(), task)) return wrapped();
    if (const Json* when = around.Find("when")) {
      const auto holds = Test(*when, raw, {});
      if (!holds) return std::unexpected(holds.error());
      if (!*holds) return wrapped();
    }
    if (const Json* before = around.Find("before")) {
      auto first = ListOfExtension(*before, raw);
      if (!first) return first;
      if (first->then == "exit")
        return Ended{std::move(first->output), std::string(task["then"].StringOr("continue"))};
    }
    auto ended = wrapped();
    const Json* after = around.Find("after");
    if (!ended || ended->then == kEndNow || !after) return ended;
    if (auto last = ListOfExtension(*after, ended->output); !last) return last;
    return ended;
  }

  OrError<Ended> ListOfExtension(const Json& list, const Json& data) {
    in_extension_ = true;
    auto ended = List(list, data, {}, "/use/extensions");
    in_extension_ = false;
    return ended;
  }

  static bool Extends(std::string_view kind, const Json& task) {
    if (kind == "all") return true;
    if (kind == "composite") return task.Find("fork") || (task.Find("do") && !task.Find("for"));
    return task.Find(kind) != nullptr;
  }

  OrError<Ended> TaskAlone(const Json& task, const Json& raw, Variables variables, const std::string& at) {
    if (const Json* condition = task.Find("if")) {
      const auto wanted = Test(*condition, raw, variables);
      if (!wanted) return std::unexpected(wanted.error());
      if (!*wanted) return Ended{raw, "continue"};
    }
    Json input = raw;
    if (const Json* from = task["input"].Find("from")) {
      auto made = Evaluate(*from, raw, variables);
      if (!made) return std::unexpected(std::move(made).error());
      input = *std::move(made);
    }
    variables["input"] = input;
    auto ended = Body(task, input, variables, at);
    if (!ended || ended->then == kEndNow) return ended;
    if (ended->then.empty()) ended->then = std::string(task["then"].StringOr("continue"));
    if (const Json* as = task["output"].Find("as")) {
      auto made = Evaluate(*as, ended->output, variables);
      if (!made) return std::unexpected(std::move(made).error());
      ended->output = *std::move(made);
    }
    if (const Json* as = task["export"].Find("as")) {
      variables["output"] = ended->output;
      auto made = Evaluate(*as, ended->output, variables);
      if (!made) return std::unexpected(std::move(made).error());
      *context_ = *std::move(made);
    }
    return ended;
  }

  // The raw output; `then` is empty where the task's own counts.
  OrError<Ended> Body(const Json& task, const Json& input, const Variables& variables,
                      const std::string& at) {
    if (const Json* value = task.Find("set")) return Plain(Fill(*value, input, variables));
    if (const Json* tasks = task.Find("for")) return For(task, *tasks, input, variables, at);
    if (const Json* listen = task.Find("listen")) return Listen(task, (*listen)["to"], input, variables, at);
    if (const Json* tasks = task.Find("do")) return Inner(List(*tasks, input, variables, at + "/do"));
    if (const Json* cases = task.Find("switch")) return Switch(*cases, input, variables);
    if (const Json* fork = task.Find("fork")) return Fork((*fork)["branches"], input, variables, at);
    if (const Json* tasks = task.Find("try")) return Try(*tasks, task["catch"], input, variables, at);
    if (const Json* raise = task.Find("raise")) {
      const Json& error = (*raise)["error"];
      return std::unexpected(Json::Object({{"type", error["type"]}, {"status", error["status"]}}));
    }
    if (const Json* wait = task.Find("wait")) return Wait(task, *wait, input);
    if (task["call"] == Json("flow.saga")) return Saga(task["with"]["steps"], input, variables, at);
    if (task["call"] == Json("slow") && task["metadata"]["elevaite"].Find("timeouts")) {
      const auto request = Fill(task["with"], input, variables);
      return std::unexpected(request ? ErrorOf("timeout", 408) : request.error());
    }
    if (task["call"] == Json("flow.map")) return Map(task["with"], input, variables);
    if (const Json* function = task.Find("call"))
      return Call(std::string(function->AsString()), task["with"], input, variables, at);
    if (const Json* run = task.Find("run")) return RunWorkflow(*run, input, variables);
    return Emit(task["emit"]["event"]["with"], input, variables);
  }

  static OrError<Ended> Plain(OrError<Json> value) {
    if (!value) return std::unexpected(std::move(value).error());
    return Ended{*std::move(value), ""};
  }
  // Of a list inside the task: an end of the workflow goes through as it is.
  static OrError<Ended> Inner(OrError<Ended> ended) {
    if (ended && ended->then != kEndNow) ended->then.clear();
    return ended;
  }

  // ---- Control ----

  OrError<Ended> Switch(const Json& cases, const Json& input, const Variables& variables) {
    std::string otherwise;
    for (const Json& one : cases.AsArray()) {
      const Json& body = one.AsObject().front().value;
      const std::string then(body["then"].AsString());
      const Json* when = body.Find("when");
      if (!when) {
        if (otherwise.empty()) otherwise = then;
        continue;
      }
      const auto holds = Test(*when, input, variables);
      if (!holds) return std::unexpected(holds.error());
      if (*holds) return Ended{input, then};
    }
    return Ended{input, otherwise};
  }

  OrError<Ended> For(const Json& task, const Json& loop, const Json& input, Variables variables,
                     const std::string& at) {
    const auto items = Evaluate(loop["in"], input, variables);
    if (!items) return std::unexpected(items.error());
    Json data = input;
    for (std::size_t round = 0; round < items->Size(); ++round) {
      variables[std::string(loop["each"].AsString())] = items->At(round);
      variables[std::string(loop["at"].AsString())] = round;
      if (const Json* condition = task.Find("while")) {
        const auto holds = Test(*condition, data, variables);
        if (!holds) return std::unexpected(holds.error());
        if (!*holds) break;
      }
      auto ended = Inner(List(task["do"], data, variables, at + "/do"));
      if (!ended || ended->then == kEndNow) return ended;
      data = std::move(ended->output);
    }
    return Ended{std::move(data), ""};
  }

  // One branch after the other; the first error counts. Whether the others would have got so far that they
  // leave something behind is a matter of time.
  OrError<Ended> Fork(const Json& branches, const Json& input, const Variables& variables,
                      const std::string& at) {
    const Json before = *context_;
    const auto calls_before = calls_;
    std::vector<Json> outputs;
    std::vector<std::optional<Json>> written;
    std::vector<Json> errors;
    for (const Json& branch : branches.AsArray()) {
      const Json::Member& named = branch.AsObject().front();
      Json copy = before;
      Json* const outer = std::exchange(context_, &copy);
      auto ended = Task(named.value, input, variables, at + "/" + std::string(named.key.AsString()));
      context_ = outer;
      if (!ended) {
        errors.push_back(ended.error());
        continue;
      }
      outputs.push_back(std::move(ended->output));
      written.push_back(copy.SameAs(before) ? std::nullopt : std::optional(std::move(copy)));
    }
    if (!errors.empty()) {
      unsure_.insert(at);
      // The bodies of functions stand outside of the fork.
      for (const auto& [place, calls] : calls_) {
        const auto earlier = calls_before.find(place);
        if (earlier == calls_before.end() || earlier->second != calls) unsure_.insert(place);
      }
      for (const Json& error : errors) expected_.is_timed |= !(error == errors.front());
      return std::unexpected(errors.front());
    }
    Join(before, written);
    return Ended{Json::Array(std::move(outputs)), ""};
  }

  void Join(const Json& before, const std::vector<std::optional<Json>>& written) {
    for (const std::optional<Json>& copy : written) {
      if (!copy) continue;
      if (!context_->IsObject() || !copy->IsObject()) {
        *context_ = *copy;
        continue;
      }
      for (const auto& [key, value] : copy->AsObject()) {
        const Json* old = before.Find(key.AsString());
        if (!old || !(*old == value)) *context_ = Json::WithMember(*context_, key, value);
      }
    }
  }

  OrError<Ended> Try(const Json& tasks, const Json& handler, const Json& input, Variables variables,
                     const std::string& at) {
    const std::int64_t retries = handler["retry"]["limit"]["attempt"]["count"].IntOr(0);
    for (std::int64_t retry = 0;; ++retry) {
      auto ended = Inner(List(tasks, input, variables, at + "/try"));
      if (ended) return ended;
      const Json error = ended.error();
      variables[std::string(handler["as"].AsString())] = error;
      const auto catches = Catches(handler, error, input, variables);
      if (!catches) return std::unexpected(error);
      if (retry < retries) continue;
      const Json* rescue = handler.Find("do");
      if (handler.Find("retry") && !rescue) return std::unexpected(error);
      if (!rescue) return Ended{input, ""};
      return Inner(List(*rescue, input, variables, at + "/catch"));
    }
  }

  // Done in order; when one fails, those before it are undone from the last to the first, each with its
  // output.
  OrError<Ended> Saga(const Json& steps, const Json& input, const Variables& variables,
                      const std::string& at) {
    Json data = input;
    std::vector<Json> outputs;
    for (const Json& step : steps.AsArray()) {
      const Json::Member& named = step.AsObject().front();
      const std::string place = at + "/" + std::string(named.key.AsString());
      auto ended = Inner(List(named.value["do"], data, variables, place + "/do"));
      if (!ended) {
        Undo(steps, outputs, variables, at);
        return ended;
      }
      if (ended->then == kEndNow) return ended;
      data = ended->output;
      outputs.push_back(data);
    }
    return Ended{std::move(data), ""};
  }

  // What goes wrong there is told beside the error, whose type and status stay.
  void Undo(const Json& steps, const std::vector<Json>& outputs, const Variables& variables,
            const std::string& at) {
    for (std::size_t i = outputs.size(); i > 0; --i) {
      const Json::Member& named = steps.At(i - 1).AsObject().front();
      const Json* undo = named.value.Find("undo");
      if (undo)
        (void)List(*undo, outputs[i - 1], variables, at + "/" + std::string(named.key.AsString()) + "/undo");
    }
  }

  bool Catches(const Json& handler, const Json& error, const Json& input, const Variables& variables) {
    if (const Json* filter = handler["errors"].Find("with")) {
      for (const auto& [key, value] : filter->AsObject()) {
        if (!(error[key.AsString()] == value)) return false;
      }
    }
    if (const Json* when = handler.Find("when"); when && !Test(*when, input, variables).value_or(false))
      return false;
    const Json* except = handler.Find("exceptWhen");
    return !except || !Test(*except, input, variables).value_or(true);
  }

  static OrError<Ended> Wait(const Json& task, const Json& wait, const Json& input) {
    const Json* timeout = task["timeout"]["after"].Find("milliseconds");
    if (timeout && timeout->AsInt64() < wait["milliseconds"].AsInt64())
      return std::unexpected(ErrorOf("timeout", 408));
    return Ended{input, ""};
  }

  // ---- Calls ----

  OrError<Ended> Call(const std::string& function, const Json& with, const Json& input,
                      const Variables& variables, const std::string& at) {
    auto request = Fill(with, input, variables);
    if (!request) return std::unexpected(std::move(request).error());
    if (const Json* body = workflow_.document["use"]["functions"].Find(function)) {
      return Inner(Task(*body, *request, {}, "/use/functions/" + function));
    }
    if (function == "fragile") MindOrder(at);
    const std::uint32_t call = calls_[at]++;
    if (auto error = FinalErrorOf(function, *request, call))
      return std::unexpected(Json::Object({{"type", (*error)["type"]}, {"status", (*error)["status"]}}));
    return Ended{AnswerTo(*request), ""};
  }

  // What comes now depends on what has been left behind by a branch that was called off.
  void MindOrder(const std::string& at) {
    for (const std::string& place : unsure_) expected_.is_timed |= at.starts_with(place);
  }

  OrError<Ended> RunWorkflow(const Json& run, const Json& input, const Variables& variables) {
    const Json& wanted = run["workflow"];
    auto given = Fill(wanted["input"], input, variables);
    if (!given) return std::unexpected(std::move(given).error());
    if (!run["await"].BoolOr(true)) return Ended{input, ""};
    return Plain(RunChild(wanted["name"], *given));
  }

  OrError<Json> RunChild(const Json& name, const Json& input) {
    const auto child =
        std::ranges::find_if(workflows_, [&](const Workflow& one) { return one.name == name.AsString(); });
    Expected inner;
    auto output = Walk(workflows_, *child, inner).Run(input);
    expected_.is_timed |= inner.is_timed;
    expected_.is_stuck |= inner.is_stuck;
    return output;
  }

  // One item after the other. Which of several errors comes first is a matter of time.
  OrError<Ended> Map(const Json& with, const Json& input, const Variables& variables) {
    auto request = Fill(with, input, variables);
    if (!request) return std::unexpected(std::move(request).error());
    std::vector<Json> results;
    std::vector<Json> errors;
    const bool collects = (*request)["onError"] == Json("collect");
    for (const Json& item : (*request)["items"].AsArray()) {
      auto output = RunChild((*request)["workflow"]["name"], item);
      if (!output) errors.push_back(output.error());
      Json result = output ? *std::move(output) : std::move(output).error();
      if (collects) result = Json::Object({{output ? "output" : "error", std::move(result)}});
      results.push_back(std::move(result));
    }
    if (collects || errors.empty()) return Ended{Json::Array(std::move(results)), ""};
    for (const Json& error : errors) expected_.is_timed |= !(error == errors.front());
    return std::unexpected(errors.front());
  }

  // ---- Events ----

  OrError<Ended> Emit(const Json& attributes, const Json& input, const Variables& variables) {
    auto event = Fill(attributes, input, variables);
    if (!event) return std::unexpected(std::move(event).error());
    sent_[std::string((*event)["type"].AsString())].push_back((*event)["data"]);
    return Ended{*std::move(event), ""};
  }

  // The data of the event of that type that is next: one that the workflow itself has sent, or one of those
  // from outside, which are all alike.
  Json Take(const Json& filter, const std::string& at) {
    const std::string type(filter["with"]["type"].AsString());
    if (IsSignal(type)) {
      ++expected_.signals[type];
      return SignalData(type);
    }
    MindOrder(at);
    std::deque<Json>& sent = sent_[type];
    if (sent.empty()) {
      expected_.is_stuck = true;
      return {};
    }
    Json data = std::move(sent.front());
    sent.pop_front();
    return data;
  }

  OrError<Ended> Listen(const Json& task, const Json& to, const Json&, const Variables& variables,
                        const std::string& at) {
    std::vector<Json> read;
    if (const Json* filter = to.Find("one")) {
      if ((*filter)["with"]["type"] == Json(kNeverSent)) return std::unexpected(ErrorOf("timeout", 408));
      read.push_back(Take(*filter, at));
    } else if (const Json* filters = to.Find("all")) {
      for (const Json& one : filters->AsArray()) read.push_back(Take(one, at));
    } else {
      do read.push_back(Take(to["any"].At(0), at));
      while (!Test(to["until"], Json::Array(read), variables).value_or(true));
    }
    const Json* each = task.Find("foreach");
    if (!each) return Ended{Json::Array(std::move(read)), ""};
    return Rounds(*each, read, variables, at);
  }

  OrError<Ended> Rounds(const Json& each, const std::vector<Json>& read, Variables variables,
                        const std::string& at) {
    std::vector<Json> outputs;
    for (std::size_t round = 0; round < read.size(); ++round) {
      variables[std::string(each["item"].AsString())] = read[round];
      variables[std::string(each["at"].AsString())] = round;
      auto ended = List(each["do"], read[round], variables, at + "/foreach");
      if (!ended) return ended;
      outputs.push_back(std::move(ended->output));
    }
    return Ended{Json::Array(std::move(outputs)), ""};
  }

  const std::vector<Workflow>& workflows_;
  const Workflow& workflow_;
  Expected& expected_;
  Json initial_context_;
  Json* context_ = &initial_context_;             // of the branch we are in
  std::map<std::string, std::uint32_t> calls_;    // by place, made so far
  std::map<std::string, std::deque<Json>> sent_;  // by type, and not taken
  bool in_extension_ = false;
  std::set<std::string> unsure_;  // forks that faulted, and what was called in them
};

}  // namespace

Expected RunReference(const std::vector<Workflow>& workflows, const Workflow& workflow, const Json& input) {
  Expected expected;
  auto output = Walk(workflows, workflow, expected).Run(input);
  if (output) {
    expected.output = *std::move(output);
  } else {
    expected.phase = engine::Phase::kFaulted;
    expected.error = std::move(output).error();
  }
  return expected;
}

}  // namespace elevaite::simulation
