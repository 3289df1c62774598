/** Tests of the built files without a browser. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { inflateRawSync } from "node:zlib";
import { DIST } from "./browser.mjs";

const FILE = join(DIST, "licenses.txt");
const skip = existsSync(FILE) ? false : "the page is not built: run 'make web'";

describe("licenses.txt", { skip }, () => {
  const parts = skip ? [] : readFileSync(FILE, "utf8").split(`\n${"-".repeat(40)}\n\n`);

  function textOf(name) {
    const part = parts.find((it) => it.split("\n")[0].split(" (")[0] === name);
    assert.ok(part, `no license of ${name}`);
    return part;
  }

  it("has the license of each crate in the core", () => {
    // What cargo lists as linked, without the package itself.
    const tree = ["tree", "--locked", "--features", "wasm", "--target", "wasm32-unknown-unknown"];
    const form = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    const output = execFileSync("cargo", [...tree, ...form], {
      cwd: resolve(import.meta.dirname, "../.."),
      encoding: "utf8",
    });
    const crates = new Set(output.trim().split("\n").slice(1));
    assert.ok(crates.size > 1);
    for (const crate of crates) {
      const [name, version] = crate.split(" ");
      const text = textOf(`${name} ${version.slice(1)}`);
      assert.match(text, /Permission is hereby granted/, crate);
    }
    const names = parts.filter((it) => it.split("\n")[0].endsWith(" (a crate)"));
    assert.equal(names.length, crates.size);
  });

  it("has the licenses of the parts of Rust in the core", () => {
    const text = parts.find((it) => it.startsWith("The standard library of Rust\n"));
    assert.ok(text);
    // What the linker takes: the allocator, maps, the mathematical functions, the tables of Unicode.
    for (const name of ["dlmalloc", "hashbrown", "rustc-demangle", "compiler_builtins", "musl"]) {
      assert.match(text, new RegExp(`\\b${name}\\b`));
    }
    assert.match(text, /Sun Microsystems/);
    assert.match(text, /UNICODE LICENSE V3/);
    assert.match(text, /Permission is hereby granted/);
  });

  it("has the license of the packages in the page", () => {
    for (const name of ["preact", "@codemirror/state"]) {
      assert.match(textOf(name), /Permission is hereby granted/);
    }
  });
});

describe("the core", { skip }, () => {
  it("does not contain the folders of the computer that has built it", () => {
    const assets = join(DIST, "assets");
    const name = readdirSync(assets).find((it) => it.endsWith(".bin"));
    const text = inflateRawSync(readFileSync(join(assets, name))).toString("latin1");
    // The messages of a crate name its files.
    assert.match(text, /serde_json-[\d.]+\/src\//);
    for (const folder of [process.cwd(), ".cargo"]) {
      assert.ok(!text.includes(folder), `it contains ${folder}`);
    }
  });
});
