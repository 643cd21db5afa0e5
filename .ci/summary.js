// Prints every skipped test (its name says why), and last the line "N passed, N failed, N skipped" of the tests and of
// matrices, each of which ends with such a line.

import { readFileSync } from "node:fs";

const [testsFile, ...matrixFiles] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(testsFile, "utf8"));
const tests = testResults.flatMap((file) =>
  file.assertionResults.map((test) => ({ ...test, file: file.name })),
);
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
for (const { fullName, file } of skipped) console.log(`skipped: ${file}: ${fullName}`);

// a file that fails outside its tests (it does not load, say) has failed too
const broken = testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((test) => test.status === "failed"),
);
for (const { name, message } of broken) console.log(`failed: ${name}: ${message}`);

const count = (status) => tests.filter((test) => test.status === status).length;
const sums = [count("passed"), count("failed") + broken.length, skipped.length];
for (const file of matrixFiles) {
  const line = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(readFileSync(file, "utf8"));
  // one that did not come to its end has failed
  const counts = line ? line.slice(1).map(Number) : [0, 1, 0];
  counts.forEach((each, i) => {
    sums[i] += each;
  });
}
const [passed, failed, absent] = sums;
console.log(`${passed} passed, ${failed} failed, ${absent} skipped`);
