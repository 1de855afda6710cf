#include "net/router.h"

#include <algorithm>
#include <map>
#include <vector>

namespace elevaite::net {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;  // {name}
  std::unique_ptr<Node> rest;       // {name...}
  // The name may differ from method to method at the same place, so it is kept with the route.
  struct Endpoint {
    Route route;
    std::vector<std::string> names;  // of the parameters, in order
  };
  std::vector<std::unique_ptr<Endpoint>> endpoints;

  const Endpoint* For(Method method) const {
    for (const auto& endpoint : endpoints) {
      if (endpoint->route.method == method) return endpoint.get();
    }
    return nullptr;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::Add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  CHECK(pattern.starts_with('/'));
  Node* node = root_.get();
  std::vector<std::string> names;
  std::string_view left = pattern.substr(1);
  bool ended = false;
  while (!ended) {
    const auto slash = left.find('/');
    const std::string_view segment = left.substr(0, slash);
    ended = slash == std::string_view::npos;
    if (!ended) left.remove_prefix(slash + 1);
    std::unique_ptr<Node>* next = nullptr;
    if (segment.starts_with('{') && segment.ends_with('}')) {
      std::string_view name = segment.substr(1, segment.size() - 2);
      const bool rest = name.ends_with("...");
      if (rest) name.remove_suffix(3);
      CHECK(!name.empty() && (!rest || ended));
      names.emplace_back(name);
      next = rest ? &node->rest : &node->parameter;
    } else {
      CHECK(segment.find_first_of("{}") == std::string_view::npos);
      next = &node->literals[std::string(segment)];
    }
    if (*next == nullptr) *next = std::make_unique<Node>();
    node = next->get();
  }
  CHECK(node->For(method) == nullptr);
  if (decorator_) handler = decorator_(method, pattern, std::move(handler));
  auto endpoint = std::make_unique<Node::Endpoint>();
  endpoint->route = {method, std::string(pattern), std::move(handler), options};
  endpoint->names = std::move(names);
  node->endpoints.push_back(std::move(endpoint));
}

void Router::SetFallback(Handler handler, RouteOptions options) {
  fallback_ = std::make_unique<Route>(Route{Method::kGet, "*", std::move(handler), options});
}

namespace {

// Depth-first with literal before parameter before rest. The depth is that of the longest pattern, so
// recursion is bounded.
template <class Node>
const Node* Walk(const Node* node, const std::vector<std::string_view>& segments, std::size_t index,
                 std::vector<std::size_t>& taken) {
  if (index == segments.size()) return node->endpoints.empty() ? nullptr : node;
  const std::string_view segment = segments[index];
  if (const auto literal = node->literals.find(segment); literal != node->literals.end()) {
    if (const Node* found = Walk(literal->second.get(), segments, index + 1, taken)) return found;
  }
  if (node->parameter && !segment.empty()) {
    taken.push_back(index);
    if (const Node* found = Walk(node->parameter.get(), segments, index + 1, taken)) return found;
    taken.pop_back();
  }
  if (node->rest && !segment.empty()) {
    taken.push_back(index);
    return node->rest.get();
  }
  return nullptr;
}

std::string AllowOf(std::vector<Method> methods) {
  const auto has = [&](Method method) { return std::ranges::find(methods, method) != methods.end(); };
  if (has(Method::kGet) && !has(Method::kHead)) methods.push_back(Method::kHead);
  methods.push_back(Method::kOptions);
  std::ranges::sort(methods);
  std::string allow;
  for (const Method method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += NameOf(method);
  }
  return allow;
}

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
unsigned HexOf(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); }

}  // namespace

Router::Match Router::Find(Request& request) const {
  static thread_local std::vector<std::size_t> taken;
  taken.clear();
  const Node* node = Walk(root_.get(), request.segments, 0, taken);
  if (node == nullptr) {
    if (fallback_) request.route = fallback_->pattern;
    return {fallback_.get(), {}};
  }
  const Node::Endpoint* endpoint = node->For(request.method);
  if (endpoint == nullptr && request.method == Method::kHead) endpoint = node->For(Method::kGet);
  if (endpoint == nullptr) {
    std::vector<Method> methods;
    for (const auto& other : node->endpoints) methods.push_back(other->route.method);
    request.route = node->endpoints.front()->route.pattern;
    return {nullptr, AllowOf(std::move(methods))};
  }
  request.route = endpoint->route.pattern;
  const bool has_rest = endpoint->route.pattern.ends_with("...}");
  for (std::size_t i = 0; i < endpoint->names.size(); ++i) {
    const bool is_rest = has_rest && i + 1 == endpoint->names.size();
    request.path_parameters.emplace_back(endpoint->names[i], is_rest ? std::string::npos : taken[i]);
    if (!is_rest) continue;
    for (std::size_t s = taken[i]; s < request.segments.size(); ++s) {
      if (s != taken[i]) request.rest += '/';
      request.rest += request.segments[s];
    }
  }
  return {&endpoint->route, {}};
}

Result<> SplitTarget(Request& request) {
  const auto bad = [](const char* why) { return Fail(ErrorCode::kInvalidArgument, why); };
  const std::string_view target = request.target;
  if (!target.starts_with('/')) return bad("the request target is not a path");
  const std::string_view raw = target.substr(0, target.find('?'));
  request.segments.clear();
  request.path.clear();
  request.path.reserve(raw.size());  // decoding never grows, so the views into it stay valid
  bool check_utf8 = false;
  std::size_t start = 1;
  const auto end_segment = [&]() -> bool {
    const std::string_view segment = std::string_view(request.path).substr(start);
    request.segments.push_back(segment);
    start = request.path.size() + 1;
    return segment != "." && segment != "..";
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '/') {
      if (i != 0 && !end_segment()) return bad("the path has a '.' or '..' segment");
      request.path.push_back('/');
      continue;
    }
    if (c == '%') {
      if (i + 2 >= raw.size() || !IsHex(raw[i + 1]) || !IsHex(raw[i + 2]))
        return bad("the path has a bad % escape");
      c = static_cast<char>(HexOf(raw[i + 1]) * 16 + HexOf(raw[i + 2]));
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') return bad("the path has a character that is not allowed");
    check_utf8 |= byte >= 0x80;
    request.path.push_back(c);
  }
  if (!end_segment()) return bad("the path has a '.' or '..' segment");
  if (check_utf8 && FindInvalidUtf8(request.path) != std::string_view::npos)
    return bad("the path is not valid UTF-8");
  if (raw.size() != target.size()) {
    if (auto query = request.Query(); !query) return Fail(std::move(query).error());
  }
  return {};
}

}  // namespace elevaite::net
