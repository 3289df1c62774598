/** Tests of the poster of the documents. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { it } from "node:test";
import { launch, skip as noBrowser } from "./browser.mjs";
import { drawPoster, openModules } from "./poster.mjs";

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

it("ends a fade to black in black", { skip }, async () => {
  const browser = await launch();
  const { page, close } = await openModules(browser);
  const levels = await page.evaluate(async () => {
    const { GifWriter, Histogram } = await import("/src/export/gif.ts");
    const frame = (red) => new Uint8ClampedArray(64).map((_, at) => [red, 0, 0, 255][at % 4]);
    const frames = [200, 40, 15, 0, 0].map(frame);
    const histogram = new Histogram();
    for (const it of frames) histogram.add(it);
    const writer = new GifWriter(4, 4, histogram.palette(), 0);
    for (const it of frames) writer.add(it, 5);
    const decoder = new ImageDecoder({
      data: await writer.finish().arrayBuffer(),
      type: "image/gif",
    });
    await decoder.completed;
    const levels = [];
    for (let frameIndex = 0; frameIndex < frames.length; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      const context = new OffscreenCanvas(4, 4).getContext("2d");
      context.drawImage(image, 0, 0);
      levels.push(context.getImageData(0, 0, 1, 1).data[0]);
    }
    return levels;
  });
  await browser.close();
  await close();
  assert.ok(levels[0] > 190);
  assert.ok(levels.at(-1) <= 4, `the last frame has level ${levels.at(-1)}`);
});
