// Wrong configs and commands have the messages that `klipper-lumen check` and the printer write.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { file, newCore } from "./load.mjs";

const read = (name) => readFileSync(file(`tests/fixtures/messages/${name}`), "utf8");
const core = await newCore();

/** Formats problems as `klipper-lumen check` prints them. */
function printed({ problems }, name, firstLine) {
  const errors = problems.filter((it) => it.severity === "error");
  const remarks = problems.filter((it) => it.severity !== "error");
  const place = (it) => (it.line === null ? name : `${name}:${it.line - firstLine}`);
  const lines = [
    ...remarks.map((it) => `${place(it)}: ${it.severity}: ${it.message}`),
    ...errors.map((it) => `${place(it)}: ${it.message}`),
  ];
  const warnings = remarks.filter((it) => it.severity === "warning").length;
  const counted = `${warnings} warning${warnings > 1 ? "s" : ""}`;
  if (errors.length === 0) lines.push(`${name}: ${warnings ? counted : "no problems found"}`);
  else if (errors.at(-1).section !== "") {
    lines.push(`${errors.length} problem${errors.length > 1 ? "s" : ""}`);
  }
  return lines.join("\n");
}

const base = read("printer.cfg.in");
for (const part of read("checked.txt").split(/^== /m).slice(1)) {
  const name = part.slice(0, part.indexOf("\n"));
  test(`${name} has the messages of the check`, () => {
    const checked = core.check(base + read(name));
    const expected = part.slice(name.length + 1).trimEnd();
    assert.equal(printed(checked, name, base.split("\n").length - 1), expected);
    assert.equal(
      checked.plan === undefined,
      checked.problems.some((it) => it.severity === "error"),
    );
  });
}

test("commands have the answers of the printer", () => {
  // The same config as for commands.txt, in tests/python/messages.py.
  const source = readFileSync(file("tests/python/messages.py"), "utf8");
  const config = source.match(/LIGHTS = """([^]*?)"""/)[1];
  assert.ok(core.load(config).plan);
  const names = core.tables().commands.map((it) => it.name);
  let count = 0;
  for (const [, line, answer] of read("commands.txt").matchAll(/^(\S.*)\n {3}(.*)$/gm)) {
    const name = line.split(" ")[0].toUpperCase();
    if (!names.includes(name)) continue;
    const message = core.command(0, line);
    assert.equal(message ? `// ${name}: ${message}` : "(no answer)", answer, line);
    count++;
  }
  assert.ok(count > 20, `${count} commands`);
});

test("the suggested word is a field of its own", () => {
  const [problem] = core.check("[lumen]\nbrightnes: 1\n").problems;
  assert.deepEqual(problem, {
    file: "printer.cfg",
    line: 2,
    section: "lumen",
    option: "brightnes",
    message: "Option 'brightnes' is not valid in section 'lumen' (did you mean 'brightness'?)",
    suggestion: "brightness",
    severity: "error",
  });
});

test("a config with an error leaves what runs", () => {
  const config = "[lumen]\n[lumen_group case]\ndriver: memory\non_startup: solid red\n";
  assert.ok(core.load(config).plan);
  core.restart(1);
  assert.equal(core.load(config.replace("red", "rde")).plan, undefined);
  core.render(1);
  assert.deepEqual([...core.pixels(0)], [255, 0, 0]);
});
