// Whatever comes in, the module answers with an error and goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreStopped, bytes, newCore } from "./load.mjs";

const CONFIG = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 3\non_idle: rainbow\n";
const MEGABYTE = 1024 * 1024;

async function running() {
  const core = await newCore();
  assert.ok(core.load(CONFIG).plan);
  core.event(0, { event: "ready" });
  return core;
}

/** Fails if the core no longer works. */
function works(core) {
  core.render(1);
  assert.equal(core.bytes(0).length, 9);
}

function refused(call) {
  assert.throws(call, (error) => error instanceof Error && !(error instanceof CoreStopped));
}

const TEXTS = {
  "random letters": Array.from({ length: MEGABYTE }, (_, it) =>
    String.fromCharCode(32 + ((it * 7919) % 1000)),
  ).join(""),
  brackets: "[".repeat(MEGABYTE),
  "one line": `[lumen]\nstates: ${"a,".repeat(MEGABYTE / 2)}`,
  "one group": `[lumen]\n${"[lumen_group case]\ndriver: memory\n".repeat(30_000)}`,
  "many sections": Array.from({ length: 60_000 }, (_, it) => `[lumen_group ${it}]\n`).join(""),
  "many options": `[lumen]\n${Array.from({ length: 90_000 }, (_, it) => `o${it}: 1\n`).join("")}`,
  includes: "[include *.cfg]\n[include printer.cfg]\n".repeat(20_000),
  "many pixels": "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 999999999\n",
  "a deep stack": `[lumen]\n[lumen_group case]\ndriver: memory\non_idle: ${"solid red | ".repeat(9_000)}`,
  references: `[lumen]\nstates: ${"${lumen:states}".repeat(3_000)}\n`,
  nothing: "",
  "a null byte": "[lumen]\0\n",
  "a lone surrogate": "[lumen]\nstates: \ud800\n",
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`a config of ${name} is checked`, async () => {
    const core = await running();
    const { problems } = core.check(text);
    assert.ok(problems.length <= 100, `${problems.length} problems`);
    core.load(text);
    works(await running());
    core.command(0, `LUMEN_SET GROUP=case EFFECT="${text}"`);
    assert.notEqual(core.command(0, text), "");
    core.status();
    core.render(2);
  });
}

test("a text above the limit is refused", async () => {
  const core = await running();
  refused(() => core.check("a".repeat(64 * MEGABYTE)));
  works(core);
});

test("invalid times are refused", async () => {
  const core = await running();
  for (const time of [NaN, Infinity, -Infinity, -1]) {
    refused(() => core.render(time));
    refused(() => core.event(time, { event: "ready" }));
    refused(() => core.sample(time, {}));
    assert.match(core.command(time, "LUMEN_WAKE"), /^the time must be/);
  }
  works(core);
  assert.ok(core.render(Number.MAX_VALUE) > 0);
  core.restart(NaN);
  core.restart(-1);
  core.restart(Infinity);
  works(core);
});

test("unknown strips are refused", async () => {
  const core = await running();
  for (const strip of [1, -1, 0.5, 2 ** 31, 2 ** 32, 1e300, NaN, "0"]) {
    refused(() => core.pixels(strip));
    refused(() => core.bytes(strip));
  }
  works(core);
});

test("invalid events and samples are refused", async () => {
  const core = await running();
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
  for (const value of [
    deep,
    { event: deep },
    1,
    null,
    "ready",
    [],
    { event: "x" },
    { evnt: "ready" },
  ]) {
    refused(() => core.event(0, value));
  }
  refused(() => core.event(0, { event: "begin", operation: -1, state: "homing" }));
  refused(() => core.event(0, { event: "begin", operation: 1, state: "homng" }));
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, it) => [`s${it}`, {}]));
  core.sample(0, { sources: many, position: [1e300, -1e300, 0], progress: 1e300, velocity: 1e300 });
  for (const value of [deep, { sources: deep }, { progress: "half" }, { positon: [] }, 3]) {
    refused(() => core.sample(0, value));
  }
  works(core);
});

test("invalid configs are refused", async () => {
  const core = await running();
  for (const config of [{}, { first: "a", files: { a: 1 } }, { first: "a", files: [] }]) {
    refused(() => core.check(config));
  }
  const { problems } = core.check({ first: "missing.cfg", files: {} });
  assert.match(problems[0].message, /^cannot open missing.cfg/);
  works(core);
});

test("bytes that are no text are refused", async () => {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const core = instance.exports;
  const call = (input, method) => {
    const place = core.lumen_input(input.length);
    new Uint8Array(core.memory.buffer, place, input.length).set(input);
    method();
    const answer = new Uint8Array(
      core.memory.buffer,
      core.lumen_output(),
      core.lumen_output_length(),
    );
    return JSON.parse(new TextDecoder().decode(answer));
  };
  for (const input of [[], [0xff, 0xfe], [0x22, 0xc3, 0x22], Array(9).fill(0)]) {
    for (const method of [core.lumen_check, core.lumen_load]) {
      assert.ok("error" in call(input, method), `${input}`);
    }
    assert.ok("error" in call(input, () => core.lumen_event(0)));
    assert.ok("error" in call(input, () => core.lumen_command(0)));
  }
  assert.equal(core.lumen_input(2 ** 31), 0);
});

test("a core that has stopped says so, and a new one works", async () => {
  const core = await running();
  // A module whose functions all trap: its types, functions, memory, exports and code.
  const trap = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const section = (id, content) => trap.push(id, content.length, ...content);
  const name = (text) => [text.length, ...Buffer.from(text)];
  section(1, [1, 0x60, 0, 0]);
  section(3, [1, 0]);
  section(5, [1, 0, 1]);
  section(7, [
    3,
    ...name("memory"),
    2,
    0,
    ...name("lumen_tables"),
    0,
    0,
    ...name("lumen_render"),
    0,
    0,
  ]);
  section(10, [1, 3, 0, 0, 0x0b]);
  const stopped = await core.constructor.load(new Uint8Array(trap));
  assert.equal(stopped.hasStopped, false);
  assert.throws(() => stopped.tables(), CoreStopped);
  assert.throws(() => stopped.render(0), CoreStopped);
  assert.equal(stopped.hasStopped, true);
  works(core);
});

test("runs that cannot be shown are refused", async () => {
  const core = await running();
  const run = { group: "case", effect: "comet", start: 0, seed: "1" };
  const wrong = [{ group: "cas" }, { group: 1 }, { effect: "come" }, { effect: "comet speed=x" }];
  wrong.push({ seed: "" }, { seed: "-1" }, { seed: 1 }, { seed: "18446744073709551616" });
  wrong.push({ start: null }, { start: "0" }, { start: NaN }, { start: Infinity });
  for (const part of wrong) refused(() => core.resume(1, { ...run, ...part }));
  for (const part of Object.keys(run)) refused(() => core.resume(1, { ...run, [part]: undefined }));
  for (const time of [NaN, Infinity, -1]) refused(() => core.resume(time, run));
  for (const start of [-1, 5, 1e300, Number.MAX_VALUE]) core.resume(1, { ...run, start });
  core.resume(1, { ...run, seed: "18446744073709551615" });
  works(core);
});
