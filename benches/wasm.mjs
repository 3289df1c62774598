// Measures the WebAssembly module in Node: `make bench`, or `node benches/wasm.mjs` after
// `make wasm`.

import { readFileSync } from "node:fs";

const PIXELS = 150;
const FRAMES = 20_000;
const RUNS = 5;

const bytes = readFileSync(new URL("../dist/lumen.wasm", import.meta.url));
const started = performance.now();
const { instance } = await WebAssembly.instantiate(bytes, {});
const core = instance.exports;
console.log(`start: ${(performance.now() - started).toFixed(1)} ms`);

function call(argument, method) {
  const input = new TextEncoder().encode(JSON.stringify(argument));
  // The memory may grow, so it is asked for afterwards.
  const place = core.lumen_input(input.length);
  new Uint8Array(core.memory.buffer, place, input.length).set(input);
  method();
}

/** Measures a call several times; the fastest run is the one that was disturbed least. */
function measure(name, count, run) {
  let best = Infinity;
  for (let round = 0; round < RUNS; round++) {
    const start = performance.now();
    for (let index = 0; index < count; index++) run(round * count + index);
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${name}: ${((best / count) * 1000).toFixed(1)} us`);
}

function config(effect) {
  const text = `[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: ${PIXELS}\non_startup: ${effect}\n`;
  return { first: "printer.cfg", files: { "printer.cfg": text } };
}

for (const effect of ["rainbow", "comet", "fire", "plasma", "fire | comet blend=add"]) {
  call(config(effect), core.lumen_load);
  core.lumen_restart(1);
  measure(`${effect}, a frame of ${PIXELS} pixels`, FRAMES, (index) => core.lumen_render(index / 60));
}
measure(`colors for a screen, ${PIXELS} pixels`, FRAMES, () => core.lumen_pixels(0));
measure("check of a config", 200, () => call(config("rainbow"), core.lumen_check));
