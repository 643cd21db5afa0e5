// What docs/embedding.md tells in its text, against what there is: the sizes of the pages, and their last digits.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { documentText } from "./pages.js";

const loaded = [
  ["plain/tauscope/index.js"],
  ["one-file/experiment.html"],
  ["strict/tauscope/external.js", "strict/tauscope/core.wasm", "strict/tauscope/worker.js"],
];

// the sizes told may be off by this share, so that not every change of the library is one of the document
const TOLERANCE = 0.1;

/** The text's claims, with what is wrong, if anything; the pages lie below `folder` and end with these texts. */
export function checkDocument(folder, statuses) {
  const text = documentText();
  const told = [...text.matchAll(/(\d+) kB, (\d+) kB \|$/gm)].map((row) => row.slice(1).map(Number));
  const sizes = loaded.map((paths) => measureFiles(paths.map((path) => readFileSync(join(folder, path)))));
  const agree = sizes
    .flat()
    .every((size, i) => Math.abs((told.flat()[i] ?? Number.NaN) / size - 1) < TOLERANCE);

  const numbers = statuses.flatMap((status) => status.match(/\d+\.\d{6,}/g));
  const missing = numbers.filter((number) => !text.includes(number));
  const kilobytes = (pages) => pages.map((sizes) => sizes.join("/")).join(", ");
  const compared = `${kilobytes(sizes)} kB, told are ${kilobytes(told)}`;
  return [
    { claim: "sizes", problem: agree ? "" : compared, detail: compared },
    { claim: "digits", problem: missing.join(", "), detail: numbers.join(", ") },
  ];
}

// kB as they are, and compressed
function measureFiles(files) {
  const sum = (sizes) => Math.round(sizes.reduce((total, size) => total + size, 0) / 1000);
  return [sum(files.map((file) => file.length)), sum(files.map((file) => gzipSync(file).length))];
}
