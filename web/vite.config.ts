import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { deflateRawSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { crateLicenses, packageLicenses } from "./licenses.ts";

const root = import.meta.dirname;
/** Written by `make wasm`. */
const CORE = resolve(root, process.env["LUMEN_WASM"] ?? "../dist/lumen.wasm");
const LOOKS = resolve(root, "../docs/led_effect.md");
const MACROS = resolve(root, "../docs/lumen_macros.cfg");

/** The core, deflated: few servers compress a file of this type. */
function core(): Plugin {
  const id = "virtual:lumen-core";
  let isBuild = false;
  return {
    name: "lumen-core",
    configResolved: (config) => {
      isBuild = config.command === "build";
    },
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      if (!existsSync(CORE)) throw new Error(`${CORE} is missing: run 'make wasm'`);
      this.addWatchFile(CORE);
      const packed = deflateRawSync(readFileSync(CORE), { level: 9 });
      if (!isBuild) {
        return `export default "data:application/octet-stream;base64,${packed.toString("base64")}"`;
      }
      const file = this.emitFile({ type: "asset", name: "lumen.bin", source: packed });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

/** The named looks and the macros of the documents, so that they exist once. */
function documents(): Plugin {
  const id = "virtual:lumen-documents";
  return {
    name: "lumen-documents",
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      this.addWatchFile(LOOKS);
      this.addWatchFile(MACROS);
      const looks = looksOf(readFileSync(LOOKS, "utf8"));
      const macros = readFileSync(MACROS, "utf8");
      return `export const looks = ${JSON.stringify(looks)};
export const macros = ${JSON.stringify(macros)};`;
    },
  };
}

/** The licenses of the packages and crates in the pages, as a file beside them. */
function licenses(): Plugin {
  return {
    name: "lumen-licenses",
    apply: "build",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((it) =>
        it.type === "chunk" ? Object.keys(it.modules) : [],
      );
      const texts = [...packageLicenses(modules), ...crateLicenses()];
      const head = "The pages of Lumen contain these packages and crates.\n";
      const source = [head, ...texts].join("\n----------------------------------------\n\n");
      this.emitFile({ type: "asset", fileName: "licenses.txt", source });
    },
  };
}

function looksOf(text: string) {
  const looks: { name: string; help: string; config: string }[] = [];
  const chapter = text.slice(text.indexOf("\n## Looks"));
  for (const part of chapter.split("\n### ").slice(1)) {
    const name = part.slice(0, part.indexOf("\n")).trim();
    const help = part.slice(part.indexOf("\n"), part.indexOf("\nled_effect:")).trim();
    const block = /\nLumen:\n\n```\n([\s\S]*?)\n```/.exec(part)?.[1];
    if (block?.startsWith(`[lumen_effect ${name}]`)) {
      looks.push({ name, help: help.replace(/\s+/g, " "), config: block });
    }
  }
  return looks;
}

export default defineConfig({
  root,
  // The page works in any folder of a web server.
  base: "./",
  plugins: [core(), documents(), licenses()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: [resolve(root, "index.html"), resolve(root, "live.html")] },
  },
});
