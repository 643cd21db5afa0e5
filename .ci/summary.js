// Prints every skipped test (its name says why), and last the line "N passed, N failed, N skipped" of tests and engines.

import { readFileSync } from "node:fs";

const [testsFile, enginesFile] = process.argv.slice(2);
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
const engines = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(readFileSync(enginesFile, "utf8"));
const [passed, failed, absent] = engines ? engines.slice(1).map(Number) : [0, 1, 0];
console.log(
  `${count("passed") + passed} passed, ${count("failed") + broken.length + failed} failed, ${skipped.length + absent} skipped`,
);
