// What each page shows when its experiment has finished: where to read it in the page, and the same from Node.

const status = `document.querySelector("[role=status]").textContent`;
const curves = `[...document.querySelectorAll("polyline")].map((curve) => curve.getAttribute("points"))`;
const cells = `[...document.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.textContent))`;
// browsers round what a bar is set to
const bars = `[...document.querySelectorAll("td progress")].map(({ value }) => value.toFixed(9))`;
const bar = `document.querySelector("progress").value`;

/**
 * By the page's folder: `moving`, which changes while it trains; `shown`, what it shows; `expect`, the same from what
 * `trainNetwork` gives with the page's settings.
 */
export const experiments = {
  plain: {
    moving: bar,
    shown: `({ status: ${status}, curves: ${curves} })`,
    async expect(trainNetwork, settings) {
      const { training } = await trainNetwork({ ...settings, seed: 1 });
      const { epoch, loss, accuracy, solved } = training.records.at(-1);
      const verdict = solved ? "Learned" : "Not learned";
      const right = (100 * accuracy[5]).toFixed(1);
      return {
        status: `${verdict} in ${epoch} epochs: ${right} % right, loss ${loss}.`,
        curves: [training.records.map(({ epoch, loss }) => `${epoch},${loss}`).join(" ")],
      };
    },
  },

  "one-file": {
    moving: `document.querySelector("table").textContent`,
    shown: `({ status: ${status}, curves: ${curves}, rows: ${cells}.slice(1) })`,
    async expect(trainNetwork, settings) {
      const runs = [];
      for (const [curriculum, name] of Object.entries({ multi: "all", single: "one" })) {
        const { training } = await trainNetwork({ ...settings, curriculum });
        runs.push({ name, solvedN: training.curriculum.solvedN, records: training.records });
      }
      const last = ({ records }) => records.at(-1);
      return {
        status: `Mean time constants, to the last digit: ${runs.map((run) => last(run).tau.mean).join(" and ")} steps.`,
        curves: runs.map(({ records }) => staircase(records)),
        rows: runs.map((run) => [
          run.name,
          String(last(run).step),
          String(run.solvedN),
          last(run).tau.mean.toFixed(3),
        ]),
      };
    },
  },

  strict: {
    moving: bar,
    shown: `({ status: ${status}, rows: ${cells}.slice(1), bars: ${bars} })`,
    async expect(trainNetwork, settings) {
      const { training } = await trainNetwork({ ...settings, tauLow: 2, tauHigh: 2 });
      const { epoch, loss, accuracy } = training.records.at(-1);
      const { solvedN } = training.curriculum;
      return {
        status: `Learned up to N = ${solvedN} in ${epoch} epochs; the last loss is ${loss}.`,
        rows: Object.entries(accuracy).map(([N, value]) => [N, `${(100 * value).toFixed(1)} %`, ""]),
        bars: Object.values(accuracy).map((value) => Math.max(0, value - 0.5).toFixed(9)),
      };
    },
  },
};

// the largest N solved: at the end of every epoch its value before and after
function staircase(records) {
  let solvedN = 0;
  const points = ["0,0"];
  for (const { epoch, solved, N } of records) {
    points.push(`${epoch},${solvedN}`);
    if (solved) solvedN = N.at(-1);
    points.push(`${epoch},${solvedN}`);
  }
  return points.join(" ");
}
