#include "engine/machine/errors.h"

#include <utility>

namespace elevaite::engine {
namespace {

int DefaultStatus(std::string_view type) {
  if (type == "configuration" || type == "validation" || type == "expression") return 400;
  if (type == "authentication") return 401;
  if (type == "authorization") return 403;
  if (type == "timeout") return 408;
  return 500;
}

}  // namespace

std::string ErrorTypeUri(std::string_view type) {
  return "https://open-workflow-specification.org/spec/1.0.0/errors/" + std::string(type);
}

Json MakeError(std::string_view type, std::string_view title, std::string_view detail, int status) {
  return MakeOwnError(ErrorTypeUri(type), status == 0 ? DefaultStatus(type) : status, title, detail);
}

Json MakeOwnError(std::string_view uri, int status, std::string_view title, std::string_view detail) {
  return Json::Object({{"type", uri}, {"status", status}, {"title", title}, {"detail", detail}});
}

Json WithInstance(Json error, std::string_view reference) {
  if (!error.IsObject() || error.Find("instance") != nullptr) return error;
  return Json::WithMember(std::move(error), "instance", reference);
}

}  // namespace elevaite::engine
