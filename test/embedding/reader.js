// What a reader does with a page: starts the experiment, stops it, starts it again, waits; or meets an error.

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { until } from "../engines/browsers.js";

const buttonText = `document.querySelector("button").textContent`;
const statusText = `document.querySelector("[role=status]").textContent`;

/**
 * Stop an experiment that has begun, then let it run to its end, and compare what it shows with what is expected.
 *
 * @returns of every claim what is wrong, if anything, and details.
 */
export async function* runExperiment(page, { moving, shown, expected }) {
  const initially = await page.evaluate(moving);
  await page.click("button");
  const moves = async () => (await page.evaluate(moving)) !== initially;
  await until(async () => (await moves()) || (await rests(page)));
  if (!(await moves())) {
    throw new Error(`it does not begin and says "${await page.evaluate(statusText)}"`);
  }
  const stopping = performance.now();
  await page.click("button");
  await until(() => rests(page));
  const took = Math.round(performance.now() - stopping);
  yield { claim: "stops", problem: await findMotion(page, moving), detail: `within ${took} ms` };

  const began = performance.now();
  await page.click("button");
  await until(() => rests(page));
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const got = await page.evaluate(shown);
  const problem = isDeepStrictEqual(got, expected)
    ? ""
    : `got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`;
  yield { claim: "numbers", problem, detail: `${seconds} s: ${got.status}` };

  const complaints = await page.complaints();
  yield { claim: "console", problem: complaints.join("; "), detail: "no errors, no warnings" };
}

/** Start an experiment that cannot run, and look for the reason that the page gives. */
export async function* meetError(page, { claim, prepare, message }) {
  if (prepare) await page.evaluate(prepare);
  await page.click("button");
  await until(() => rests(page));
  const status = await page.evaluate(statusText);
  yield { claim, problem: message.test(status) ? "" : `it says "${status}"`, detail: status };
}

async function rests(page) {
  return (await page.evaluate(buttonText)) === "Start";
}

async function findMotion(page, moving) {
  const status = await page.evaluate(statusText);
  if (status !== "Stopped.") return `it says "${status}"`;
  const before = await page.evaluate(moving);
  await sleep(500);
  return before === (await page.evaluate(moving)) ? "" : "it went on";
}
