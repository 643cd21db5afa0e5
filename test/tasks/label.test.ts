// Labels at any step of a stream: at the last step of a batch they are the batch's.

import { describe, expect, test } from "vitest";
import { tasks } from "../../src/tasks/task.ts";
import { drawBatch } from "./drawn-batch.ts";

const ofBits = ["parity", "dms"] as const;

describe.each(ofBits)("%s", (task) => {
  const label = tasks[task].label!;

  test.each([
    [64, 41, [2, 3, 4, 5, 10, 11, 40, 41]],
    [1, 9, [2, 9]],
    [7, 12, [12, 2, 5]],
  ])("labels of %d sequences of %d steps are those that the core draws, N = %j", async (batch, steps, N) => {
    const { sequences, labels } = await drawBatch(task, { batch, steps, N });
    expect(sequences.map((bits) => N.map((n) => label((k) => bits.at(-1 - k)!, n)))).toEqual(labels);
  });

  test("a label of N asks for N bits and no more", () => {
    const asked: number[] = [];
    label((n) => {
      asked.push(n);
      return 1;
    }, 6);
    expect([Math.min(...asked), Math.max(...asked)]).toEqual([0, 5]);
  });
});
