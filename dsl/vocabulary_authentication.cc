// The vocabulary of authentication policies: inline, named, or from a secret.
#include "dsl/vocabulary_table.h"

namespace elevaite::dsl::vocabulary {
namespace {

constexpr std::string_view kSchemes[] = {"basic", "bearer", "digest", "oauth2", "oidc"};
constexpr std::string_view kGrants[] = {"authorization_code", "client_credentials", "password",
                                        "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"};
constexpr std::string_view kClientAuthentications[] = {"client_secret_basic", "client_secret_post",
                                                       "client_secret_jwt", "private_key_jwt", "none"};
constexpr std::string_view kEncodings[] = {"application/x-www-form-urlencoded", "application/json"};

constexpr KeyGroup kOneScheme[] = {kSchemes};

constexpr Value kSecretName{.forms = kReference, .reference = "secrets"};
constexpr Value kComputedUri{.forms = kUri | kComputed};

#define SCHEMES                                                                                              \
  {"basic", ObjectOf("basic"), "A user's name and password.", "{use: shopLogin}"},                           \
      {"bearer", ObjectOf("bearer"), "A token.", "{token: '${ $secrets.shopKey }'}"},                        \
      {"digest", ObjectOf("digest"), "A user's name and password, never sent as such.", "{use: shopLogin}"}, \
      {"oauth2", ObjectOf("oauth2"), "A token that an OAuth 2 server gives.", "{use: shopOauth}"},           \
      {"oidc", ObjectOf("oidc"), "A token that an OpenID Connect server gives.", "{use: shopOidc}"},

constexpr Key kAuthentication[] = {{"use", Value{.forms = kReference, .reference = "authentications"},
                                    "A policy under `use.authentications`.", "shop"},
                                   SCHEMES};
constexpr Key kPolicy[] = {SCHEMES};
#undef SCHEMES

constexpr Key kLogin[] = {
    {"use", kSecretName, "The secret that holds all of this.", "shopLogin"},
    {"username", kComputedText, "The user's name.", "'${ $secrets.login.username }'", true},
    {"password", kComputedText, "The password.", "'${ $secrets.login.password }'", true, true},
};
constexpr Key kBearer[] = {
    {"use", kSecretName, "The secret that holds all of this.", "shopToken"},
    {"token", kComputedText, "The token.", "'${ $secrets.shopKey }'", true, true},
};

#define OAUTH2                                                                                                \
  {"use", kSecretName, "The secret that holds all of this.", "shopOauth"},                                    \
      {"authority", kComputedUri, "The address of the server that gives tokens.",                             \
       "https://login.example.com", true},                                                                    \
      {"grant", Value{.forms = kEnum | kComputed, .values = kGrants}, "How the token is asked for.",          \
       "client_credentials", true},                                                                           \
      {"client", ObjectOf("oauth2.client"), "The client that asks.",                                          \
       "{id: shop, secret: '${ $secrets.shopKey }'}"},                                                        \
      {"request", ObjectOf("oauth2.request"), "How the request is written.",                                  \
       "{encoding: application/json}"},                                                                       \
      {"issuers", kTextList, "Issuers whose tokens are accepted.", "['https://login.example.com']"},          \
      {"scopes", kTextList, "Scopes to ask for.", "[orders.read]"},                                           \
      {"audiences", kTextList, "Audiences to ask for.", "['https://api.example.com']"},                       \
      {"username", kComputedText, "With the grant password: the user's name.",                                \
       "'${ $secrets.login.username }'"},                                                                     \
      {"password", kComputedText, "With the grant password: the password.", "'${ $secrets.login.password }'", \
       false,      true},                                                                                     \
      {"subject", ObjectOf("oauth2.token"), "With token exchange: on whose behalf.",                          \
       "{token: '${ $secrets.userToken }', type: 'urn:ietf:params:oauth:token-type:jwt'}"},                   \
      {"actor", ObjectOf("oauth2.token"), "With token exchange: who acts.",                                   \
       "{token: '${ $secrets.ownToken }', type: 'urn:ietf:params:oauth:token-type:jwt'}"},

constexpr Key kOauth2[] = {OAUTH2{"endpoints", ObjectOf("oauth2.endpoints"),
                                  "Paths at the authority, where they differ from the usual.",
                                  "{token: /oauth2/token}"}};
constexpr Key kOidc[] = {OAUTH2};
#undef OAUTH2

constexpr Key kClient[] = {
    {"id", kComputedText, "The client's id.", "shop"},
    {"secret", kComputedText, "The client's secret.", "'${ $secrets.shopKey }'", false, true},
    {"assertion", kComputedText, "A signed JWT in place of a secret.", "'${ $secrets.assertion }'", false,
     true},
    {"authentication", Value{.forms = kEnum | kComputed, .values = kClientAuthentications},
     "How the client authenticates; client_secret_post unless given.", "client_secret_basic"},
};
constexpr Key kRequest[] = {
    {"encoding", Value{.forms = kEnum | kComputed, .values = kEncodings}, "The media type of the request.",
     "application/x-www-form-urlencoded"},
};
constexpr Key kToken[] = {
    {"token", kComputedText, "The token.", "'${ $secrets.userToken }'", true, true},
    {"type", kComputedText, "Its type, a URI.", "'urn:ietf:params:oauth:token-type:jwt'", true},
};
constexpr Key kEndpoints[] = {
    {"token", kComputedUri, "Where tokens are asked for; /oauth2/token unless given.", "/oauth2/token"},
    {"revocation", kComputedUri, "Where tokens are revoked; /oauth2/revoke unless given.", "/oauth2/revoke"},
    {"introspection", kComputedUri, "Where tokens are looked at; /oauth2/introspect unless given.",
     "/oauth2/introspect"},
};

constexpr Object kObjects[] = {
    {"authentication",
     "`authentication`",
     "How to authenticate: by name, or inline.",
     kAuthentication,
     Openness::kIgnored,
     {},
     kOneScheme,
     "use"},
    {"policy",
     "an authentication policy",
     "How to authenticate.",
     kPolicy,
     Openness::kIgnored,
     {},
     kOneScheme},
    {"basic", "`basic`", "Basic authentication (RFC 7617).", kLogin, Openness::kClosed, {}, {}, "use"},
    {"bearer", "`bearer`", "A bearer token (RFC 6750).", kBearer, Openness::kClosed, {}, {}, "use"},
    {"digest", "`digest`", "Digest authentication (RFC 7616).", kLogin, Openness::kClosed, {}, {}, "use"},
    {"oauth2", "`oauth2`", "OAuth 2 (RFC 6749).", kOauth2, Openness::kClosed, {}, {}, "use"},
    {"oidc", "`oidc`", "OpenID Connect.", kOidc, Openness::kClosed, {}, {}, "use"},
    {"oauth2.client", "`client`", "The client that asks for a token.", kClient},
    {"oauth2.request", "`request`", "How a token is asked for.", kRequest, Openness::kIgnored},
    {"oauth2.token", "a token", "A security token.", kToken},
    {"oauth2.endpoints", "`endpoints`", "Paths at the authority.", kEndpoints, Openness::kIgnored},
};

}  // namespace

std::span<const Object> AuthenticationObjects() { return kObjects; }

}  // namespace elevaite::dsl::vocabulary
