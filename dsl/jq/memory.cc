#include "dsl/jq/memory.h"

#include <utility>

namespace elevaite::jq {

Env* Memory::NewEnv(std::uint16_t level, std::uint32_t closures, std::uint32_t slots, Env* parent) {
  const std::uint32_t cells = closures + slots;
  Env* env = nullptr;
  if (cells <= kSmallCells && free_envs_[cells] != nullptr) {
    env = std::exchange(free_envs_[cells], free_envs_[cells]->next_live);
  } else {
    const std::size_t size = sizeof(Env) + cells * sizeof(Json);
    env = static_cast<Env*>(::operator new(size));
    env_bytes_ += size;
    context_.ChargeStack(size);
  }
  static_assert(sizeof(Closure) == sizeof(Json) && sizeof(Env) % alignof(Json) == 0);
  *env = Env{1, closures, slots, level, Hold(parent), live_, nullptr};
  if (live_ != nullptr) live_->previous_live = env;
  live_ = env;
  for (std::uint32_t i = 0; i < closures; ++i) env->closure_array()[i] = {nullptr, nullptr};
  for (std::uint32_t i = 0; i < slots; ++i) new (&env->slot(i)) Json();
  return env;
}

Frame* Memory::NewFrame(FrameKind kind, const Node* node, Env* env, Frame* next) {
  Frame* frame = frames_.Take();
  frame->kind = kind;
  frame->node = node;
  frame->env = Hold(env);
  frame->next = Hold(next);
  return frame;
}

PathNode* Memory::NewPath(PathNode* parent, Json key, Json value) {
  PathNode* path = paths_.Take();
  path->length = parent == nullptr ? 0 : parent->length + 1;
  path->parent = Hold(parent);
  path->key = std::move(key);
  path->value = std::move(value);
  return path;
}

void Memory::FreeEnv(Env* env) {
  for (std::uint32_t i = 0; i < env->slots; ++i) env->slot(i).~Json();
  if (env->next_live != nullptr) env->next_live->previous_live = env->previous_live;
  (env->previous_live != nullptr ? env->previous_live->next_live : live_) = env->next_live;
  const std::uint32_t cells = env->closures + env->slots;
  if (cells <= kSmallCells) {
    env->next_live = free_envs_[cells];
    free_envs_[cells] = env;
  } else {
    env_bytes_ -= sizeof(Env) + cells * sizeof(Json);
    ::operator delete(env);
  }
}

// Frees one object and all that lose their last reference by it, without recursion.
void Memory::Free(Env* env, Frame* frame, PathNode* path) {
  if (env != nullptr) dead_envs_.push_back(env);
  if (frame != nullptr) dead_frames_.push_back(frame);
  if (path != nullptr) dead_paths_.push_back(path);
  if (freeing_) return;
  freeing_ = true;
  while (!dead_frames_.empty() || !dead_envs_.empty() || !dead_paths_.empty()) {
    if (!dead_frames_.empty()) {
      Frame* one = dead_frames_.back();
      dead_frames_.pop_back();
      Drop(one->env);
      Drop(one->next);
      Drop(one->link);
      Drop(one->path);
      frames_.Give(one);
    } else if (!dead_paths_.empty()) {
      PathNode* one = dead_paths_.back();
      dead_paths_.pop_back();
      Drop(one->parent);
      paths_.Give(one);
    } else {
      Env* one = dead_envs_.back();
      dead_envs_.pop_back();
      Drop(one->parent);
      for (std::uint32_t i = 0; i < one->closures; ++i) Drop(one->closure_array()[i].env);
      FreeEnv(one);
    }
  }
  freeing_ = false;
}

Memory::~Memory() {
  while (live_ != nullptr) FreeEnv(live_);
  for (Env*& list : free_envs_) {
    while (list != nullptr) ::operator delete(std::exchange(list, list->next_live));
  }
  // What frames and paths still hold are values only; the pools free the cells.
  std::vector<Frame*> frames;
  frames_.Visit([&](const Frame& frame) { frames.push_back(const_cast<Frame*>(&frame)); });
  for (Frame* frame : frames) frames_.Give(frame);
  std::vector<PathNode*> paths;
  paths_.Visit([&](const PathNode& path) { paths.push_back(const_cast<PathNode*>(&path)); });
  for (PathNode* path : paths) paths_.Give(path);
}

}  // namespace elevaite::jq
