// Loads the wrapper web/src/core.ts and the module that `make wasm` builds.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const wrapper = new URL("web/src/core.ts", root);

export const file = (path) => new URL(path, root);
export const bytes = readFileSync(file("dist/lumen.wasm"));

// Node strips types since 22.18; before, TypeScript from web/node_modules does.
async function load() {
  if (process.features.typescript) return import(wrapper.href);
  const require = createRequire(fileURLToPath(new URL("web/package.json", root)));
  const typescript = require("typescript");
  const compiled = typescript.transpileModule(readFileSync(wrapper, "utf8"), {
    compilerOptions: { target: "ES2022", module: "ESNext" },
  });
  const text = Buffer.from(compiled.outputText).toString("base64");
  return import(`data:text/javascript;base64,${text}`);
}

const { Core, CoreStopped } = await load();

export { CoreStopped };
export const newCore = () => Core.load(bytes);
