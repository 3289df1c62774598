/** Tests of the poster of the documents. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { it } from "node:test";
import { launch, skip as noBrowser } from "./browser.mjs";
import { drawPoster } from "./poster.mjs";

const CORE = resolve(import.meta.dirname, "../../dist/lumen.wasm");
const skip = noBrowser || (existsSync(CORE) ? false : "the core is not built: run 'make wasm'");

it("draws a small film in which the effects move and the palettes do not", { skip }, async () => {
  const browser = await launch();
  const { page, errors, bytes, close } = await drawPoster(browser);
  assert.ok(bytes.length < 1_500_000, `${bytes.length} bytes`);
  const rows = await page.evaluate(async (text) => {
    const data = Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: "image/gif" });
    await decoder.completed;
    const frames = [];
    for (const frameIndex of [0, 7, 22, 41]) {
      const { image } = await decoder.decode({ frameIndex });
      const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      frames.push({ width: canvas.width, height: canvas.height, data: [...data] });
    }
    const [{ width, height, data: first }, ...others] = frames;
    // For each row of the picture: whether it moves.
    return Array.from({ length: height }, (_, y) => {
      const from = 4 * width * y;
      const row = (of) => of.slice(from, from + 4 * width).join();
      return others.some((it) => row(it.data) !== row(first));
    });
  }, bytes.toString("base64"));
  const moving = rows.map((it, y) => (it ? y : -1)).filter((y) => y >= 0);
  const strips = moving.filter((y, index) => y !== moving[index - 1] + 1);
  // All eight rows of effects, in the upper two thirds.
  assert.equal(strips.length, 8);
  assert.ok(Math.max(...moving) < (rows.length * 2) / 3);
  assert.deepEqual(errors, []);
  await browser.close();
  await close();
});
