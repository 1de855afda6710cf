import type { Json } from "../api/types";
import type { Webhook } from "../api/webhooks";
import { shellText } from "./snippets";

/** A request that the webhook lets in, for a shell with curl and openssl. */
export function webhookCurl(origin: string, webhook: Pick<Webhook, "url" | "methods" | "authentication">, input: Json): string {
  const method = webhook.methods.includes("POST") ? "POST" : (webhook.methods[0] ?? "POST");
  const url = shellText(origin + webhook.url);
  const { lines, arguments: more } = signed(webhook.authentication);
  const request = [`curl -X ${method} ${url}`, ...(method === "GET" ? [] : ["-H 'content-type: application/json'"]), ...more];
  if (lines.length === 0 && method !== "GET") return [...request, `-d ${shellText(JSON.stringify(bodyOf(input)))}`].join(" \\\n  ");
  const body = method === "GET" ? "" : JSON.stringify(bodyOf(input));
  const sent = method === "GET" ? [] : ['-d "$BODY"'];
  return [...lines.map((line) => line.replace("<body>", shellText(body))), [...request, ...sent].join(" \\\n  ")].join("\n");
}

interface Signed {
  lines: string[];
  arguments: string[];
}

const SECRET = "SECRET='the value of the secret'";
const BODY = "BODY=<body>";
const TIME = "TIME=$(date +%s)";

/** The digest of what `content` prints. */
function digest(content: string, algorithm: string, encoding: string, key = '-hmac "$SECRET"'): string {
  const made = `printf %s "${content}" | openssl dgst -${algorithm} ${key}`;
  return encoding === "base64" ? `SIGNATURE=$(${made} -binary | openssl base64 -A)` : `SIGNATURE=$(${made} -r | cut -d' ' -f1)`;
}

function signed(authentication: Webhook["authentication"]): Signed {
  const { header = "", algorithm = "sha256", encoding = "hex", prefix = "", content = "{body}" } = authentication;
  switch (authentication.type) {
    case "none":
      return { lines: [], arguments: [] };
    case "basic":
      return { lines: ["LOGIN='user:password'", BODY], arguments: ['-u "$LOGIN"'] };
    case "header":
      return { lines: [SECRET, BODY], arguments: [`-H "${header}: $SECRET"`] };
    case "github":
      return { lines: [SECRET, BODY, digest("$BODY", "sha256", "hex")], arguments: ['-H "x-hub-signature-256: sha256=$SIGNATURE"'] };
    case "stripe":
      return { lines: [SECRET, BODY, TIME, digest("$TIME.$BODY", "sha256", "hex")], arguments: ['-H "stripe-signature: t=$TIME,v1=$SIGNATURE"'] };
    case "slack":
      return {
        lines: [SECRET, BODY, TIME, digest("v0:$TIME:$BODY", "sha256", "hex")],
        arguments: ['-H "x-slack-request-timestamp: $TIME"', '-H "x-slack-signature: v0=$SIGNATURE"'],
      };
    case "standard":
      return {
        lines: [
          SECRET,
          BODY,
          TIME,
          'ID="msg_$TIME"',
          `KEY=$(printf %s "\${SECRET#whsec_}" | openssl base64 -A -d | od -An -v -tx1 | tr -d ' \\n')`,
          digest("$ID.$TIME.$BODY", "sha256", "base64", '-mac HMAC -macopt "hexkey:$KEY"'),
        ],
        arguments: ['-H "webhook-id: $ID"', '-H "webhook-timestamp: $TIME"', '-H "webhook-signature: v1,$SIGNATURE"'],
      };
    case "hmac": {
      const time = authentication.timestamp_header ?? "";
      const said = content.replace("{timestamp}", "$TIME").replace("{body}", "$BODY");
      return {
        lines: [SECRET, BODY, ...(time === "" ? [] : [TIME]), digest(said, algorithm, encoding)],
        arguments: [...(time === "" ? [] : [`-H "${time}: $TIME"`]), `-H "${header}: ${prefix}$SIGNATURE"`],
      };
    }
  }
}

/** A workflow made for a webhook has a sample input of a whole request; what one posts is its body. */
function bodyOf(input: Json): Json {
  const request = input !== null && typeof input === "object" && !Array.isArray(input) ? input : {};
  return request.body ?? input;
}
