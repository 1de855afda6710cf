import { expect, test } from "vitest";
import { cronSentence, ordinal } from "./cron_text";

const cases: [string, string | null][] = [
  ["30 2 * * *", "At 02:30"],
  ["30 2 * * MON-FRI", "At 02:30 on Monday to Friday"],
  ["0 9,17 * * 1-5", "At 09:00 and 17:00 on Monday to Friday"],
  ["0,30 9 * * *", "At 09:00 and 09:30"],
  ["15 0 9 * * *", "At 09:00:15"],
  ["*/15 * * * *", "Every 15 minutes"],
  ["*/15 9-17 * * MON-FRI", "Every 15 minutes from 09:00 to 17:59 on Monday to Friday"],
  ["* * * * * *", "Every second"],
  ["*/10 * * * * *", "Every 10 seconds"],
  ["* * * * *", "Every minute"],
  ["0 * * * *", "Every hour"],
  ["5 */2 * * *", "Every 2 hours at minute 5"],
  ["0 0 1 * *", "At 00:00 on the 1st of the month"],
  ["0 0 1,15 1,7 *", "At 00:00 on the 1st and 15th of the month in January and July"],
  ["0 18 L * ?", "At 18:00 on the last day of the month"],
  ["0 18 LW * *", "At 18:00 on the last workday of the month"],
  ["0 0 L-3 * *", "At 00:00 on the 3 days before the last of the month"],
  ["0 9 * * FRI#2", "At 09:00 on the second Friday of the month"],
  ["0 9 * * 5L", "At 09:00 on the last Friday of the month"],
  ["0 0 13 * FRI", "At 00:00 on the 13th of the month or on Friday"],
  ["0 0 * * 7", "At 00:00 on Sunday"],
  ["0 0 * * 6,0", "At 00:00 on Saturday and Sunday"],
  ["@daily", "At 00:00"],
  ["7-59/13 * * * *", null],
  ["0 0", null],
  ["", null],
];

test.each(cases)("%s reads %s", (expression, sentence) => {
  expect(cronSentence(expression)).toBe(sentence);
});

test("ordinals", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 31].map(ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "31st"]);
});
