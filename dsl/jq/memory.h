// What an evaluation keeps between two steps: environments, continuation frames and paths. All are
// reference-counted (one thread, so plainly) and freed without recursion; a frame that nobody else holds
// gives its values away instead of copying. What is taken from the system is charged to the budget of bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "dsl/jq/code.h"
#include "dsl/jq/context.h"

namespace elevaite::jq {

struct Env;

struct Closure {
  const Node* node;
  Env* env;  // owned by the Env that holds the closure
};

// The variables and parameters of one activation of a level. The arrays follow the struct in memory.
struct Env {
  std::uint32_t refs;
  std::uint32_t closures;
  std::uint32_t slots;
  std::uint16_t level;
  Env* parent;
  Env* next_live;
  Env* previous_live;

  Closure* closure_array() { return reinterpret_cast<Closure*>(this + 1); }
  Json* slot_array() { return reinterpret_cast<Json*>(closure_array() + closures); }
  Json& slot(std::uint32_t i) { return slot_array()[i]; }
};

// One key of a path and the value it leads to; the parent is the path before it.
struct PathNode {
  std::uint32_t refs = 1;
  std::uint32_t length = 0;
  PathNode* parent = nullptr;
  Json key;
  Json value;
};

enum class FrameKind : std::uint8_t {
  kPipe,         // go on with node
  kBind,         // store into the slot, restore the input, go on with node->b
  kIf,           // choose a branch for the input
  kIterate,      // the target of a[] is there
  kIndexKey,     // the key is there, next the target
  kIndexTarget,  // the target is there; value: key
  kGather,       // argument number `n` is there
  kTryEnd,       // the body of a try gave a value; n: place of the handler
  kAlternative,  // left side of //; n: 1 when a true value came
  kCollect,      // value: the array so far
  kFoldInit,     // reduce/foreach: the accumulator's start
  kFoldItem,     // an item
  kStep,         // the new accumulator
  kFirst,        // n: choices to keep
  kLimit,        // n: choices to keep, m: left
  kSkip,         // m: left
  kLast,         // value, path: the latest
  kPathEnd,      // path(f): f gave a value
  kUpdatePath,   // the path of the next place to update
  kUpdateValue,  // its new value; link: the kUpdatePath frame
};

struct Frame {
  std::uint32_t refs = 1;
  FrameKind kind = FrameKind::kPipe;
  const Node* node = nullptr;
  Env* env = nullptr;
  Frame* next = nullptr;  // the continuation
  Frame* link = nullptr;  // kGather: the frame of the argument before; kUpdateValue: the update
  PathNode* path = nullptr;
  Json value;
  Json value2;
  std::uint64_t n = 0;
  std::uint64_t m = 0;
};

// A pool of one type: chunks that grow, a free list, and a walk over what is alive.
template <class T>
class Pool {
 public:
  explicit Pool(Context& context) : context_(context) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  T* Take() {
    if (free_ == nullptr) Grow();
    Cell* cell = free_;
    free_ = cell->next_free;
    cell->live = true;
    return new (cell->bytes) T();
  }
  void Give(T* object) {
    object->~T();
    Cell* cell = reinterpret_cast<Cell*>(object);
    cell->live = false;
    cell->next_free = free_;
    free_ = cell;
  }
  template <class Visitor>
  void Visit(Visitor&& visit) const {
    for (const auto& chunk : chunks_) {
      for (std::size_t i = 0; i < chunk.size; ++i) {
        const Cell& cell = chunk.cells[i];
        if (cell.live) visit(*reinterpret_cast<const T*>(cell.bytes));
      }
    }
  }
  std::size_t bytes() const { return cells_ * sizeof(Cell); }

 private:
  struct Cell {
    alignas(T) unsigned char bytes[sizeof(T)];  // first: a T* is a Cell*
    Cell* next_free = nullptr;
    bool live = false;
  };
  struct Chunk {
    std::unique_ptr<Cell[]> cells;
    std::size_t size;
  };
  void Grow() {
    const std::size_t size = chunks_.empty() ? 8 : std::min<std::size_t>(cells_, 4096);
    chunks_.push_back({std::unique_ptr<Cell[]>(new Cell[size]), size});
    cells_ += size;
    context_.ChargeStack(size * sizeof(Cell));
    for (std::size_t i = size; i-- > 0;) {
      Cell& cell = chunks_.back().cells[i];
      cell.next_free = free_;
      free_ = &cell;
    }
  }
  Context& context_;
  std::vector<Chunk> chunks_;
  Cell* free_ = nullptr;
  std::size_t cells_ = 0;
};

// A stack of small chunks: it grows without moving (or doubling) what it holds. Chunks stay for the next
// push.
template <class T>
class Stack {
 public:
  explicit Stack(Context& context) : context_(context) {}
  ~Stack() { CHECK(size_ == 0); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  T& Push(T item) {
    if (size_ == chunks_.size() * kChunk) {
      chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
      context_.ChargeStack(sizeof(Chunk));
    }
    return *new (Place(size_++)) T(std::move(item));
  }
  T Pop() {
    T& item = back();
    T popped = std::move(item);
    item.~T();
    --size_;
    return popped;
  }
  T& back() { return *Place(size_ - 1); }
  T& operator[](std::size_t i) { return *Place(i); }
  const T& operator[](std::size_t i) const { return *Place(i); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr std::size_t kChunk = 8;
  struct Chunk {
    alignas(T) unsigned char bytes[kChunk * sizeof(T)];
  };
  T* Place(std::size_t i) const { return reinterpret_cast<T*>(chunks_[i / kChunk]->bytes) + i % kChunk; }
  Context& context_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

class Memory {
 public:
  explicit Memory(Context& context) : context_(context), frames_(context), paths_(context) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  // Takes over nothing: adds references of its own to what it is given.
  Env* NewEnv(std::uint16_t level, std::uint32_t closures, std::uint32_t slots, Env* parent);
  Frame* NewFrame(FrameKind kind, const Node* node, Env* env, Frame* next);
  PathNode* NewPath(PathNode* parent, Json key, Json value);

  template <class T>
  static T* Hold(T* object) {
    if (object != nullptr) ++object->refs;
    return object;
  }
  void Drop(Env* env) {
    if (env != nullptr && --env->refs == 0) Free(env, nullptr, nullptr);
  }
  void Drop(Frame* frame) {
    if (frame != nullptr && --frame->refs == 0) Free(nullptr, frame, nullptr);
  }
  void Drop(PathNode* path) {
    if (path != nullptr && --path->refs == 0) Free(nullptr, nullptr, path);
  }
  // Bytes taken from the system for frames, paths and environments.
  std::size_t bytes() const { return frames_.bytes() + paths_.bytes() + env_bytes_; }
  template <class Visitor>
  void VisitValues(Visitor&& visit) const {
    frames_.Visit([&](const Frame& frame) {
      visit(frame.value);
      visit(frame.value2);
    });
    paths_.Visit([&](const PathNode& path) {
      visit(path.key);
      visit(path.value);
    });
    for (Env* env = live_; env != nullptr; env = env->next_live) {
      for (std::uint32_t i = 0; i < env->slots; ++i) visit(env->slot(i));
    }
  }

 private:
  static constexpr std::uint32_t kSmallCells = 8;
  void Free(Env* env, Frame* frame, PathNode* path);
  void FreeEnv(Env* env);

  Context& context_;
  Pool<Frame> frames_;
  Pool<PathNode> paths_;
  Env* live_ = nullptr;
  Env* free_envs_[kSmallCells + 1] = {};  // by closures + slots, chained by next_live
  std::size_t env_bytes_ = 0;
  std::vector<Env*> dead_envs_;
  std::vector<Frame*> dead_frames_;
  std::vector<PathNode*> dead_paths_;
  bool freeing_ = false;
};

}  // namespace elevaite::jq
