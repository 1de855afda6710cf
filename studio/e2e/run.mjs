// The Studio's browser tests:  ELEVAITE_URL=http://127.0.0.1:8000 npm run e2e [part of a test's name]
// Without ELEVAITE_URL they run against the development stand-in, on the built dist/.
import { publishFixtures } from "./support/fixtures.mjs";
import { startMock } from "./support/mock-server.mjs";
import { runTests } from "./support/suite.mjs";
import "./main_job.mjs";
import "./executions.mjs";
import "./shell.mjs";
import "./writing.mjs";
import "./editing.mjs";
import "./forms.mjs";
import "./insight.mjs";
import "./webhooks.mjs";
import "./notifications.mjs";
import "./schedules.mjs";
import "./inbox.mjs";
import "./operations.mjs";
import "./repair.mjs";
import "./versions.mjs";
import "./queue.mjs";
import "./hosts.mjs";

const mock = process.env.ELEVAITE_URL === undefined ? await startMock() : null;
const base = (process.env.ELEVAITE_URL ?? mock.url).replace(/\/$/, "");
await publishFixtures(base);
const { passed, failed, skipped } = await runTests(base, { only: process.argv[2], real: mock === null });
mock?.close();
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} left for the real server`}`);
process.exit(failed === 0 ? 0 : 1);
