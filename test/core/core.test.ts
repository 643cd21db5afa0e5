// Memory of the core: addresses and limits.

import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { StateError } from "../../src/core/errors.ts";

test("an address above 2 GiB, which the engine hands out as a negative number, is taken as positive", async () => {
  const core = await Core.load();
  expect(() => core.f32(-(2 ** 31), 0)).toThrow(/^(?!.*-\d)/);
  expect(() => core.i32(-64, 0)).toThrow(/^(?!.*-\d)/);
});

test("what does not fit is refused with the bytes needed, and leaves the memory as it was", async () => {
  const core = await Core.load();
  const before = core.exports.arenaMark();
  expect(() => core.allocate(2 ** 40, "a test")).toThrow(StateError);
  expect(() => core.allocate(2 ** 40, "a test")).toThrow("a test needs 1099511627776 bytes");
  expect(() => core.allocate(2 ** 32 - 64, "a test")).toThrow("needs 4294967232 bytes");
  expect(core.exports.arenaMark()).toBe(before);
});
