// Prints every skipped test (its name says why), and last the line "N passed, N failed, N skipped".

import { readFileSync } from "node:fs";

const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tests = testResults.flatMap((file) =>
  file.assertionResults.map((test) => ({ ...test, file: file.name })),
);
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
for (const { fullName, file } of skipped) console.log(`skipped: ${file}: ${fullName}`);

const count = (status) => tests.filter((test) => test.status === status).length;
// a file that fails outside its tests (it does not load, say) has failed too
const broken = testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
for (const { name, message } of broken) console.log(`failed: ${name}: ${message}`);
console.log(
  `${count("passed")} passed, ${count("failed") + broken.length} failed, ${skipped.length} skipped`,
);
