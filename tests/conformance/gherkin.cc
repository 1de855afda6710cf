#include "tests/conformance/gherkin.h"

#include <algorithm>
#include <array>
#include <utility>

namespace elevaite::conformance {
namespace {

constexpr std::array<std::string_view, 6> kKeywords{"Given ", "When ", "Then ", "And ", "But ", "* "};

std::string_view Trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// An outline, before its rows are put in.
struct Outline {
  Scenario scenario;
  std::vector<std::vector<Row>> examples;  // the first row of each names the columns
  bool is_outline = false;
};

std::string Filled(std::string text, const Row& names, const Row& values) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string placeholder = "<" + names[i] + ">";
    for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos; at += values[i].size())
      text.replace(at, placeholder.size(), values[i]);
  }
  return text;
}

Scenario Filled(const Scenario& outline, const Row& names, const Row& values) {
  Scenario scenario = outline;
  scenario.name = Filled(scenario.name, names, values);
  for (Step& step : scenario.steps) {
    step.text = Filled(step.text, names, values);
    if (step.doc) step.doc = Filled(*step.doc, names, values);
    for (Row& row : step.table) {
      for (std::string& cell : row) cell = Filled(cell, names, values);
    }
  }
  return scenario;
}

class Reader {
 public:
  Reader(std::string_view text, std::string file) : lines_(Lines(text)) { feature_.file = std::move(file); }

  Result<Feature> Read() {
    while (next_ < lines_.size()) RETURN_IF_ERROR(ReadLine());
    RETURN_IF_ERROR(CloseOutline());
    if (feature_.name.empty()) return Refuse("no `Feature:` in this file");
    return std::move(feature_);
  }

 private:
  Result<void> ReadLine() {
    const std::string_view line = Trim(lines_[next_++]);
    if (line.empty() || line.starts_with('#')) return {};
    if (line.starts_with('@')) return ReadTags(line);
    if (line.starts_with("\"\"\"") || line.starts_with("```")) return ReadDocString(line);
    if (line.starts_with('|')) return ReadRow(line);
    if (auto name = After(line, {"Feature:"})) return BeginFeature(*name);
    if (After(line, {"Background:"})) return BeginBackground();
    if (auto name = After(line, {"Scenario Outline:", "Scenario Template:"}))
      return BeginScenario(*name, true);
    if (auto name = After(line, {"Scenario:", "Example:"})) return BeginScenario(*name, false);
    if (After(line, {"Examples:", "Scenarios:"})) return BeginExamples();
    if (ReadStep(line)) return {};
    if (steps_ == nullptr && !feature_.name.empty()) return {};  // the feature's description
    return Refuse("a step begins with Given, When, Then, And, But or *: '" + std::string(line) + "'");
  }

  static std::optional<std::string_view> After(std::string_view line,
                                               std::initializer_list<std::string_view> keywords) {
    for (const std::string_view keyword : keywords) {
      if (line.starts_with(keyword)) return Trim(line.substr(keyword.size()));
    }
    return std::nullopt;
  }

  Result<void> ReadTags(std::string_view line) {
    while (!line.empty()) {
      const std::string_view tag = line.substr(0, line.find_first_of(" \t"));
      if (!tag.starts_with('@') || tag.size() < 2) return Refuse("a tag is written @name");
      tags_.emplace_back(tag.substr(1));
      line = Trim(line.substr(tag.size()));
    }
    return {};
  }

  Result<void> BeginFeature(std::string_view name) {
    if (!feature_.name.empty()) return Refuse("a second `Feature:` in this file");
    if (name.empty()) return Refuse("the feature has no name");
    feature_.name = name;
    feature_tags_ = std::exchange(tags_, {});
    return {};
  }

  Result<void> BeginBackground() {
    if (!feature_.scenarios.empty() || outline_)
      return Refuse("`Background:` stands before the first scenario");
    steps_ = &background_;
    in_examples_ = false;
    return {};
  }

  Result<void> BeginScenario(std::string_view name, bool is_outline) {
    if (feature_.name.empty()) return Refuse("a scenario stands after `Feature:`");
    if (name.empty()) return Refuse("the scenario has no name");
    RETURN_IF_ERROR(CloseOutline());
    outline_.emplace();
    outline_->is_outline = is_outline;
    outline_->scenario = {.name = std::string(name),
                          .line = static_cast<int>(next_),
                          .tags = feature_tags_,
                          .steps = background_};
    std::ranges::move(std::exchange(tags_, {}), std::back_inserter(outline_->scenario.tags));
    steps_ = &outline_->scenario.steps;
    in_examples_ = false;
    return {};
  }

  Result<void> BeginExamples() {
    if (!outline_ || !outline_->is_outline) return Refuse("`Examples:` belong to a `Scenario Outline:`");
    outline_->examples.emplace_back();
    in_examples_ = true;
    return {};
  }

  bool ReadStep(std::string_view line) {
    const auto keyword = std::ranges::find_if(kKeywords, [&](auto one) { return line.starts_with(one); });
    if (keyword == kKeywords.end() || steps_ == nullptr || in_examples_) return false;
    line = Trim(line.substr(keyword->size()));
    for (const std::string_view again : {"given ", "when ", "then "}) {
      if (line.starts_with(again)) line = Trim(line.substr(again.size()));
    }
    steps_->push_back({.text = std::string(line), .line = static_cast<int>(next_)});
    return true;
  }

  Result<void> ReadDocString(std::string_view opening) {
    if (steps_ == nullptr || steps_->empty() || in_examples_) return Refuse("a doc string belongs to a step");
    Step& step = steps_->back();
    if (step.doc) return Refuse("this step has a doc string already");
    const std::string_view quotes = opening.substr(0, 3);
    const std::size_t indent = lines_[next_ - 1].find(quotes);
    step.media_type = Trim(opening.substr(3));
    step.doc.emplace();
    for (; next_ < lines_.size(); ++next_) {
      std::string_view line = lines_[next_];
      if (Trim(line).starts_with(quotes)) {
        ++next_;
        return {};
      }
      if (line.ends_with('\r')) line.remove_suffix(1);
      line.remove_prefix(std::min({indent, line.size(), line.find_first_not_of(' ')}));
      *step.doc += std::string(line) + "\n";
    }
    return Refuse("the doc string of line " + std::to_string(step.line + 1) + " is not closed");
  }

  // Cells are divided by |; \| and \\ stand for themselves.
  Result<void> ReadRow(std::string_view line) {
    std::vector<Row>* table = nullptr;
    if (in_examples_)
      table = &outline_->examples.back();
    else if (steps_ != nullptr && !steps_->empty())
      table = &steps_->back().table;
    if (table == nullptr) return Refuse("a table belongs to a step or to `Examples:`");
    if (line.size() < 2 || !line.ends_with('|')) return Refuse("a row ends with |");
    Row row;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '|' || line[i + 1] == '\\')) {
        cell += line[++i];
      } else if (line[i] == '|') {
        row.emplace_back(Trim(cell));
        cell.clear();
      } else {
        cell += line[i];
      }
    }
    if (!table->empty() && table->front().size() != row.size())
      return Refuse("this row has " + std::to_string(row.size()) + " cells, the first has " +
                    std::to_string(table->front().size()));
    table->push_back(std::move(row));
    return {};
  }

  // The scenarios of what was read since the last `Scenario`.
  Result<void> CloseOutline() {
    if (!outline_) return {};
    Outline done = *std::exchange(outline_, std::nullopt);
    steps_ = nullptr;
    if (!done.is_outline) {
      feature_.scenarios.push_back(std::move(done.scenario));
      return {};
    }
    std::size_t rows = 0;
    for (const std::vector<Row>& table : done.examples) {
      for (std::size_t i = 1; i < table.size(); ++i, ++rows)
        feature_.scenarios.push_back(Filled(done.scenario, table.front(), table[i]));
    }
    return rows > 0 ? Result<void>() : Refuse("the outline '" + done.scenario.name + "' has no examples");
  }

  Error Refusal(std::string message) const {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = feature_.file + ":" + std::to_string(next_) + ": " + std::move(message)};
  }
  std::unexpected<Error> Refuse(std::string message) const {
    return std::unexpected(Refusal(std::move(message)));
  }

  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
  Feature feature_;
  std::vector<std::string> feature_tags_;
  std::vector<std::string> tags_;  // seen, and not yet given to what follows
  std::vector<Step> background_;
  std::optional<Outline> outline_;
  std::vector<Step>* steps_ = nullptr;  // where the next step goes
  bool in_examples_ = false;
};

}  // namespace

Result<Feature> ReadFeature(std::string_view text, std::string file) {
  return Reader(text, std::move(file)).Read();
}

}  // namespace elevaite::conformance
