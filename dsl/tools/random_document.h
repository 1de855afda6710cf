// Random workflow documents for property tests: a value, and a text of it in a random layout with comments
// whose owners are known.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/tools/pointer.h"
#include "dsl/tools/render.h"
#include "foundation/json.h"

namespace elevaite::dsl::tools {

struct RandomDocument {
  Json value;
  std::string text;
  // Each comment ("# c12;") with the pointer of the entry it belongs to.
  std::vector<std::pair<std::string, std::string>> comments;
};

class DocumentGenerator {
 public:
  explicit DocumentGenerator(std::uint32_t seed) : random_(seed) {}

  Json Document() {
    return Json::Object(
        {{"document",
          Json::Object({{"dsl", "1.0.3"}, {"namespace", "t"}, {"name", "random"}, {"version", "1.0.0"}})},
         {"do", Tasks(0)}});
  }

  RandomDocument Yaml() {
    RandomDocument document{.value = Document()};
    style_.step = Below(3) == 0 ? 4 : 2;
    style_.indented_sequences = Below(4) != 0;
    if (Below(3) == 0) out_ += "# head of the file\n\n";
    Mapping(document.value, 0, {}, false);
    // Without a line break at the end a block scalar there would be another text.
    if (Below(6) == 0 && !out_.ends_with("two\n")) out_.pop_back();
    document.text = std::move(out_);
    document.comments = std::move(comments_);
    return document;
  }

  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool OneIn(std::size_t n) { return Below(n) == 0; }

  Json Scalar() {
    static const std::vector<Json> kScalars{"plain",
                                            "",
                                            "it's",
                                            "x: y",
                                            "# no comment",
                                            "123",
                                            "true",
                                            "${ .a }",
                                            "${ {a: .b, c: [1]} }",
                                            "one\ntwo\n",
                                            "one\n  two",
                                            "ü€😀",
                                            "-",
                                            "~",
                                            "a, b",
                                            "tab\there",
                                            "1.0.0",
                                            " blanks ",
                                            "https://example.com/{id}",
                                            0,
                                            -1,
                                            42,
                                            1.5,
                                            true,
                                            false,
                                            Json(),
                                            "\xE2\x80\xA8",
                                            "a #b",
                                            "back\\slash",
                                            "\"quoted\"",
                                            "end:",
                                            "[x]",
                                            "@at"};
    return kScalars[Below(kScalars.size())];
  }

  std::string Name() { return "t" + std::to_string(++names_); }

  Json Task(int depth) {
    std::vector<Json::Member> members;
    if (OneIn(4)) members.emplace_back("if", Scalar());
    switch (Below(depth > 2 ? 4 : 9)) {
      case 0: members.emplace_back("set", Json::Object({{"a", Scalar()}, {"b c", Scalar()}})); break;
      case 1: members.emplace_back("wait", Json::Object({{"seconds", 5}})); break;
      case 2:
        members.emplace_back("call", "http");
        members.emplace_back(
            "with", Json::Object({{"method", "get"}, {"headers", Json::EmptyObject()}, {"body", Scalar()}}));
        break;
      case 3:
        members.emplace_back(
            "switch",
            Json::Array({Json::Object({{"one", Json::Object({{"when", Scalar()}, {"then", Target()}})}}),
                         Json::Object({{"two", Json::Object({{"then", Target()}})}})}));
        break;
      case 4: members.emplace_back("do", Tasks(depth + 1)); break;
      case 5:
        members.emplace_back("for", Json::Object({{"each", "x"}, {"in", ".list"}}));
        members.emplace_back("do", Tasks(depth + 1));
        break;
      case 6:
        members.emplace_back("fork", Json::Object({{"branches", Tasks(depth + 1)}, {"compete", OneIn(2)}}));
        break;
      case 7:
        members.emplace_back("try", Tasks(depth + 1));
        members.emplace_back("catch", Json::Object({{"as", "e"}, {"do", Tasks(depth + 1)}}));
        break;
      default:
        members.emplace_back("listen", Json::Object({{"to", Json::Object({{"any", Json::EmptyArray()}})}}));
        members.emplace_back("foreach", Json::Object({{"item", "i"}, {"do", Tasks(depth + 1)}}));
    }
    if (OneIn(4)) members.emplace_back("then", Target());
    return Json::Object(std::move(members));
  }

 private:
  std::string Target() {
    if (OneIn(4)) return OneIn(2) ? "end" : "continue";
    return "t" + std::to_string(static_cast<std::size_t>(names_) + Below(3));
  }

  Json Tasks(int depth) {
    std::vector<Json> items;
    for (std::size_t count = Below(4) + (depth == 0 ? 1 : 0); count > 0; --count) {
      const std::string name = Name();
      items.push_back(Json::Object({{std::string_view(name), Task(depth)}}));
    }
    return Json::Array(std::move(items));
  }

  std::string Comment(const std::string& owner) {
    std::string text = "# c" + std::to_string(comments_.size()) + ";";
    comments_.emplace_back(text, owner);
    return text;
  }

  static std::string Spaces(std::size_t count) { return std::string(count, ' '); }

  // What stands before an entry on lines of its own.
  void Above(std::size_t indent, const std::string& owner) {
    if (OneIn(8)) out_ += "\n";
    if (OneIn(6)) out_ += Spaces(indent) + Comment(owner) + "\n";
  }

  void Mapping(const Json& value, std::size_t indent, const Tokens& path, bool on_line) {
    for (const auto& [key, member] : value.AsObject()) {
      Tokens child = path;
      child.emplace_back(key.AsString());
      const std::string pointer = PointerOf(child);
      if (!on_line) {
        Above(indent, pointer);
        out_ += Spaces(indent);
      }
      on_line = false;
      out_ += TextScalar(key.AsString(), false, OneIn(10) ? Quotes::kSingle : Quotes::kNone) + ":";
      Value(member, indent, child, pointer);
    }
  }

  void List(const Json& value, std::size_t indent, const Tokens& path) {
    for (std::size_t i = 0; i < value.Size(); ++i) {
      Tokens child = path;
      child.push_back(std::to_string(i));
      const std::string pointer = PointerOf(child);
      Above(indent, pointer);
      out_ += Spaces(indent) + "-";
      const Json& item = value.At(i);
      if (item.IsObject() && item.Size() > 0 && !OneIn(6)) {
        out_ += " ";
        Mapping(item, indent + 2, child, true);
      } else {
        Value(item, indent, child, pointer);
      }
    }
  }

  void Value(const Json& value, std::size_t indent, const Tokens& path, const std::string& owner) {
    const bool block = (value.IsObject() || value.IsArray()) && value.Size() > 0 && !OneIn(7);
    if (block) {
      if (OneIn(8)) out_ += " " + Comment(owner);
      out_ += "\n";
      const bool is_item = !path.empty() && IndexOf(path.back()).has_value();
      const std::size_t deeper =
          indent + (value.IsObject() || style_.indented_sequences || is_item ? style_.step : 0);
      if (value.IsObject()) {
        Mapping(value, deeper, path, false);
      } else {
        List(value, deeper, path);
      }
      if (OneIn(12) && deeper > indent) out_ += Spaces(deeper) + Comment(owner) + "\n";
      return;
    }
    if (value.IsObject() || value.IsArray()) {
      out_ += " " + FlowText(value, OneIn(5));
    } else if (NeedsBlock(value, style_) && OneIn(2)) {
      out_ += MemberValue(value, indent, style_);
      return;
    } else {
      out_ += " " + tools::Scalar(value, false, static_cast<Quotes>(OneIn(5) ? '"' : OneIn(4) ? '\'' : 0));
    }
    if (OneIn(8)) out_ += " " + Comment(owner);
    out_ += "\n";
  }

  std::mt19937 random_;
  Style style_;
  std::string out_;
  std::vector<std::pair<std::string, std::string>> comments_;
  int names_ = 0;
};

}  // namespace elevaite::dsl::tools
