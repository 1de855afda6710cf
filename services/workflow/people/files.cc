#include "services/workflow/people/files.h"

#include <algorithm>
#include <utility>

#include "foundation/json_pointer.h"

namespace elevaite::people {
namespace {

constexpr std::pair<std::string_view, std::string_view> kBeginnings[] = {
    {"%PDF-", "application/pdf"},   {std::string_view("\x89PNG\r\n\x1a\n", 8), "image/png"},
    {"\xff\xd8\xff", "image/jpeg"}, {"GIF87a", "image/gif"},
    {"GIF89a", "image/gif"},        {std::string_view("PK\x03\x04", 4), "application/zip"}};

bool Accepts(const FileField& field, std::string_view type) {
  if (field.accept.empty()) return true;
  return std::ranges::any_of(field.accept, [type](const std::string& accepted) {
    if (accepted.ends_with("/*")) return type.starts_with(accepted.substr(0, accepted.size() - 1));
    return accepted == type;
  });
}

class Putting {
 public:
  Putting(const std::vector<TaskFile>& files, std::string_view base_url, std::vector<FieldError>& errors)
      : files_(files), base_url_(base_url), errors_(errors) {}

  Json One(const FileField& field, const Json& id, std::string place) {
    const auto found =
        std::ranges::find_if(files_, [&](const TaskFile& file) { return Json(file.id.ToString()) == id; });
    if (found == files_.end()) {
      errors_.push_back({std::move(place), "no file with this id was sent for this task"});
      return id;
    }
    if (!Accepts(field, found->type))
      errors_.push_back({std::move(place), "a file of type " + found->type + " is not taken here"});
    return ToJson(*found, base_url_);
  }

  Json All(const FileField& field, const Json& ids, const std::string& place) {
    std::vector<Json> list;
    for (const Json& id : ids.AsArray())
      list.push_back(One(field, id, place + "/" + std::to_string(list.size())));
    return Json::Array(std::move(list));
  }

 private:
  const std::vector<TaskFile>& files_;
  std::string_view base_url_;
  std::vector<FieldError>& errors_;
};

}  // namespace

std::string_view TypeOf(std::string_view bytes) {
  for (const auto& [beginning, type] : kBeginnings) {
    if (bytes.starts_with(beginning)) return type;
  }
  if (bytes.starts_with("RIFF") && bytes.substr(std::min<std::size_t>(8, bytes.size())).starts_with("WEBP"))
    return "image/webp";
  const bool is_text =
      bytes.find('\0') == std::string_view::npos && FindInvalidUtf8(bytes) == std::string_view::npos;
  return is_text ? "text/plain" : "application/octet-stream";
}

std::string CleanFileName(std::string_view name) {
  name.remove_prefix(std::min(name.find_last_of("/\\") + 1, name.size()));
  std::string clean;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '"') clean.push_back(c);
  }
  while (clean.size() > TaskFile::kNameBytesMax || FindInvalidUtf8(clean) != std::string_view::npos)
    clean.pop_back();
  return clean.find_first_not_of(". ") == std::string::npos ? "file" : clean;
}

Json ToJson(const TaskFile& file, std::string_view base_url) {
  return Json::Object({{"id", file.id.ToString()},
                       {"name", file.name},
                       {"type", file.type},
                       {"bytes", file.bytes},
                       {"sha256", file.digest},
                       {"href", std::string(base_url) + "/v1/tasks/" + file.task.ToString() + "/files/" +
                                    file.id.ToString()}});
}

std::vector<FieldError> PutFiles(const Question& question, const std::vector<TaskFile>& files,
                                 std::string_view base_url, Answer& answer) {
  std::vector<FieldError> errors;
  if (!answer.values.IsObject()) return errors;
  Putting putting(files, base_url, errors);
  for (const FileField& field : FileFields(question.form)) {
    const Json* value = answer.values.Find(field.name);
    if (value == nullptr) continue;
    std::string place = "/values";
    AppendToken(place, field.name);
    if (field.is_list != value->IsArray()) {
      errors.push_back({std::move(place), "it must be what sending the file has given"});
      continue;
    }
    Json put = field.is_list ? putting.All(field, *value, place) : putting.One(field, *value, place);
    answer.values = Json::WithMember(std::move(answer.values), field.name, std::move(put));
  }
  return errors;
}

}  // namespace elevaite::people
