// Files that are sent with a form: what they are is read from their first bytes, never from what the sender
// says, and they are given out as attachments only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/workflow/people/human_task.h"

namespace elevaite::people {

struct TaskFileTag {
  static constexpr std::string_view kPrefix = "fil_", kName = "file";
};
using TaskFileId = Id<TaskFileTag>;

struct TaskFile {
  static constexpr std::size_t kBytesMax = 10U << 20U;
  static constexpr std::size_t kPerTaskMax = 20;
  static constexpr std::size_t kNameBytesMax = 200;

  TaskFileId id;
  HumanTaskId task;
  std::string name;
  std::string type;
  std::int64_t bytes = 0;
  std::string digest;
  std::int64_t created_us = 0;

  // In the store of objects.
  std::string Key() const { return "human/" + task.ToString() + "/" + id.ToString(); }
};

// application/pdf, image/png, image/jpeg, image/gif, image/webp, application/zip (also office documents),
// text/plain (UTF-8), else application/octet-stream.
std::string_view TypeOf(std::string_view bytes);

// As people see it: without folders and control characters; "file" when nothing is left.
std::string CleanFileName(std::string_view name);

// {id, name, type, bytes, sha256, href}
Json ToJson(const TaskFile& file, std::string_view base_url);

// Puts what the ids in the answer's values stand for in their place. `files`: of the task.
std::vector<FieldError> PutFiles(const Question& question, const std::vector<TaskFile>& files,
                                 std::string_view base_url, Answer& answer);

}  // namespace elevaite::people
