// Sends webhooks that the vendors' own packages have signed, once as they are and once with another body; prints
// the statuses.
import { sign } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";

const body = JSON.stringify({ id: "evt_1", text: "ünïcode" });
const signed = {
  github: async (secret) => ({ "x-hub-signature-256": await sign(secret, body) }),
  stripe: (secret) => ({ "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload: body, secret }) }),
  standard: (secret) => {
    const at = new Date();
    return {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
    };
  },
};

const answers = {};
for (const [kind, { url, secret }] of Object.entries(JSON.parse(process.argv[2]))) {
  const headers = { "content-type": "application/json", ...(await signed[kind](secret)) };
  const post = async (text) => (await fetch(url, { method: "POST", headers, body: text })).status;
  answers[kind] = { right: await post(body), changed: await post(body + " ") };
}
console.log(JSON.stringify(answers));
