/** The licenses of what the pages contain: packages of npm, and crates in the WebAssembly module. */

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const TARGET = "wasm32-unknown-unknown";

/** The part of NOTICE on the standard library of Rust, which cargo does not list. */
function standardLibrary(): string {
  const parts = readFileSync(resolve(ROOT, "NOTICE"), "utf8").split(`\n${"-".repeat(40)}\n\n`);
  const part = parts.find((it) => it.startsWith("The standard library of Rust\n"));
  if (!part) throw new Error("NOTICE has no part on the standard library of Rust");
  return part;
}

interface CargoPackage {
  id: string;
  name: string;
  version: string;
  manifest_path: string;
  targets: { kind: string[] }[];
}

interface CargoMetadata {
  packages: CargoPackage[];
  resolve: {
    root: string;
    nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[];
  };
}

/** Returns a name and the license of each package whose modules are in the pages. */
export function packageLicenses(modules: readonly string[]): string[] {
  const folders = modules.map(
    (it) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(it.replace(/^\0/, ""))?.[0],
  );
  return [...new Set(folders)].sort().flatMap((folder) => {
    if (!folder) return [];
    return [license(folder.replace(/^.*node_modules\//, ""), folder)];
  });
}

/** Returns a name and the license of each crate that the WebAssembly module links. */
export function crateLicenses(): string[] {
  const options = ["--locked", "--format-version", "1", "--features", "wasm"];
  const output = execFileSync("cargo", ["metadata", ...options, "--filter-platform", TARGET], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  const { packages, resolve: graph } = JSON.parse(output) as CargoMetadata;
  const byId = new Map(packages.map((it) => [it.id, it]));
  const nodes = new Map(graph.nodes.map((it) => [it.id, it]));
  const linked = new Set<string>();
  const waiting = [graph.root];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const isMacro = byId.get(id)?.targets.some((it) => it.kind.includes("proc-macro"));
    if (linked.has(id) || isMacro) continue;
    linked.add(id);
    // Other kinds are for tests and build scripts.
    const deps = nodes.get(id)?.deps.filter((it) => it.dep_kinds.some((of) => of.kind === null));
    waiting.push(...(deps ?? []).map((it) => it.pkg));
  }
  linked.delete(graph.root);
  const crates = packages.filter((it) => linked.has(it.id));
  crates.sort((a, b) => a.name.localeCompare(b.name));
  const texts = crates.map((it) =>
    license(`${it.name} ${it.version} (a crate)`, dirname(it.manifest_path)),
  );
  return [...texts, standardLibrary()];
}

/** A package with several licenses gives a choice; the MIT license is compatible with the GPL. */
function license(title: string, folder: string): string {
  const files = readdirSync(folder).filter((it) => /^licen[cs]e/i.test(it));
  const file = files.find((it) => /mit/i.test(it)) ?? files.sort()[0];
  if (!file) throw new Error(`${basename(folder)} has no license file`);
  return `${title}\n\n${readFileSync(resolve(folder, file), "utf8").trim()}\n`;
}
