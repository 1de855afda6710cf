#include "tests/conformance/suite.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace elevaite::conformance {

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Result<std::vector<Feature>> ReadFeatures(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".feature") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Feature> features;
  for (const auto& file : files) {
    ASSIGN_OR_RETURN(Feature feature, ReadFeature(ReadText(file.string()), file.filename().string()));
    features.push_back(std::move(feature));
  }
  return features;
}

std::string RenderPage(const std::vector<Feature>& own) {
  std::size_t total = 0;
  std::string table;
  std::string names;
  for (const Feature& feature : own) {
    total += feature.scenarios.size();
    table += "| [" + feature.name + "](../../tests/conformance/features/" + feature.file + ") | " +
             std::to_string(feature.scenarios.size()) + " |\n";
    names += "\n## " + feature.name + "\n";
    for (const Scenario& scenario : feature.scenarios) {
      names += "- " + scenario.name;
      for (const std::string& tag : scenario.tags) names += " `" + tag + "`";
      names += "\n";
    }
  }
  return "# Conformance\n\n"
         "What the language means is written down as scenarios in Gherkin, in the words of the "
         "specification's own kit, and run by\n"
         "`tests/conformance` against the real compiler, engine and connectors on a simulated clock. Each "
         "scenario runs twice: as\n"
         "it is, and with a crash and a recovery of the engine after every commit. The tags in "
         "[semantics.md](semantics.md) name the\n"
         "scenarios that back its sentences.\n\n"
         "`OWS_CTK=folder conformance_test` runs the kit's 21 scenarios from that folder as well. This page "
         "is printed by\n"
         "`conformance_test --counts`; a test compares it.\n\n"
         "| topic | scenarios |\n|---|---:|\n" +
         table + "| **all** | **" + std::to_string(total) + "** |\n" + names;
}

std::vector<std::string> TagsIn(std::string_view page) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  std::vector<std::string> tags;
  for (std::size_t open = page.find('['); open != std::string_view::npos; open = page.find('[', open + 1)) {
    const std::size_t close = page.find(']', open);
    if (close == std::string_view::npos) break;
    const std::string_view inside = page.substr(open + 1, close - open - 1);
    const bool is_link = close + 1 < page.size() && page[close + 1] == '(';
    if (!inside.empty() && !is_link && inside.find('-') != std::string_view::npos &&
        std::ranges::all_of(inside, is_part))
      tags.emplace_back(inside);
  }
  return tags;
}

}  // namespace elevaite::conformance
