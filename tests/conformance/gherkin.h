// Gherkin: reads .feature files, the language of the specification's conformance kit.
//
//   Feature: Retries
//     Background:
//       Given the secret 'token' is 'abc'
//     @retry-count
//     Scenario: A count of 0 is no retry
//       Given a workflow with definition:
//       """yaml
//       document: ...
//       """
//       When the workflow is executed
//       Then the workflow should fault
//
// Understood: Feature with a description, Background, Scenario (or Example), Scenario Outline with Examples,
// the step keywords Given, When, Then, And, But and *, doc strings (""" or ```) with a media type, data
// tables, tags, comments. Not: Rule, other natural languages. Source: cucumber.io/docs/gherkin/reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.h"

namespace elevaite::conformance {

using Row = std::vector<std::string>;

struct Step {
  std::string text;  // without the keyword, and without one that the kit writes twice ("And given ...")
  int line = 0;
  std::optional<std::string> doc;  // indentation of the opening quotes taken off
  std::string media_type;          // of `doc`: "yaml"; may be empty
  std::vector<Row> table;
};

struct Scenario {
  std::string name;  // of an outline's: with the values of its row, as in its steps
  int line = 0;
  std::vector<std::string> tags;  // without @; those of the feature first
  std::vector<Step> steps;        // those of the background first
};

struct Feature {
  std::string file;  // as in errors
  std::string name;
  std::vector<Scenario> scenarios;
};

// kInvalidArgument: "retry.feature:12: ..." with what was expected.
Result<Feature> ReadFeature(std::string_view text, std::string file);

}  // namespace elevaite::conformance
