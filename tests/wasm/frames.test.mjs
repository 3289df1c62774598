// The WebAssembly module renders the golden frames of the Rust tests bit for bit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { file, newCore } from "./load.mjs";

const cases = JSON.parse(readFileSync(file("tests/fixtures/frames.json"), "utf8"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

for (const { name, config, seed, steps } of cases) {
  test(`${name} has the frames of the printer`, async () => {
    const core = await newCore();
    core.load(config);
    core.restart(seed);
    for (const { at, event, sample, command, load, frames, pixels, next } of steps) {
      if (event) core.event(at, event);
      if (sample) core.sample(at, sample);
      if (command) assert.equal(core.command(at, command), "");
      if (load) core.load(load);
      if (!frames) continue;
      assert.equal(core.render(at), next ?? Infinity, `next change after ${at} s`);
      frames.forEach((frame, strip) => {
        assert.equal(hex(core.bytes(strip)), frame, `strip ${strip} at ${at} s`);
      });
      pixels?.forEach((expected, strip) => {
        assert.equal(hex(core.pixels(strip)), expected, `screen of strip ${strip} at ${at} s`);
      });
    }
  });
}
