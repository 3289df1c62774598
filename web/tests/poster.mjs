/** Runs the modules of the pages for the poster of the documents, since no page has it. */

import { resolve } from "node:path";
import { createServer } from "vite";
import { open } from "./browser.mjs";

/** Opens a page that can import the modules. */
export async function openModules(browser) {
  const root = resolve(import.meta.dirname, "..");
  const server = await createServer({ root, logLevel: "error", server: { hmr: false } });
  await server.listen();
  const { page, errors } = await open(browser, server.resolvedUrls.local[0]);
  return { page, errors, close: () => server.close() };
}

export async function drawPoster(browser) {
  const { page, errors, close } = await openModules(browser);
  const picture = await page.evaluate(async () => {
    const { poster } = await import("/src/export/poster.ts");
    const { loadCore } = await import("/src/load.ts");
    const blob = await poster(loadCore);
    const reader = new FileReader();
    reader.readAsDataURL(blob);
    await new Promise((done) => reader.addEventListener("load", done));
    return reader.result.replace(/^.*,/, "");
  });
  const bytes = Buffer.from(picture, "base64");
  return { page, errors, bytes, close };
}
