/** The poster of the documents: all effects and palettes, as the gallery shows them. */

import type { Core } from "../core.ts";
import { FPS, GalleryRun, LOOP_S, cardsOf, type Card } from "../sim/gallery.ts";
import { GifWriter, Histogram } from "./gif.ts";

const GIF_FPS = 10;
const COLUMNS = 4;
const MARGIN = 16;
const CELL = { width: 216, height: 40 } as const;
const STRIP = { width: 204, height: 11 } as const;
const HEAD = 30;
const WIDTH = 2 * MARGIN + COLUMNS * CELL.width - (CELL.width - STRIP.width);

const CHAPTERS = [
  ["effect", "Effects"],
  ["palette", "Palettes"],
] as const;

interface Cell {
  card: Card;
  index: number;
  x: number;
  y: number;
}

interface Layout {
  cells: Cell[];
  titles: { text: string; y: number }[];
  height: number;
}

function layoutOf(cards: readonly Card[]): Layout {
  const layout: Layout = { cells: [], titles: [], height: MARGIN };
  for (const [kind, text] of CHAPTERS) {
    layout.titles.push({ text, y: layout.height });
    layout.height += HEAD;
    const chapter = cards.map((card, index) => ({ card, index })).filter(isOf(kind));
    chapter.forEach((it, place) => {
      const x = MARGIN + (place % COLUMNS) * CELL.width;
      const y = layout.height + Math.floor(place / COLUMNS) * CELL.height;
      layout.cells.push({ ...it, x, y });
    });
    layout.height += Math.ceil(chapter.length / COLUMNS) * CELL.height + MARGIN / 2;
  }
  return layout;
}

function isOf(kind: Card["kind"]): (it: { card: Card }) => boolean {
  return ({ card }) => card.kind === kind;
}

/** Returns a film of all effects and palettes as a GIF, which repeats. */
export async function poster(load: () => Promise<Core>): Promise<Blob> {
  const core = await load();
  // Palettes stand still, so that one can compare them.
  const cards = cardsOf(core.tables())
    .filter((it) => it.kind !== "look")
    .map((it) => (it.kind === "palette" ? { ...it, line: `${it.line} speed=0` } : it));
  const { cells, titles, height } = layoutOf(cards);
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser has no 2D canvas");
  const target = context;

  target.fillStyle = "#0b0c10";
  target.fillRect(0, 0, WIDTH, height);
  target.textBaseline = "top";
  for (const { text, y } of titles) {
    target.fillStyle = "#f2f3f6";
    target.font = "600 17px system-ui, sans-serif";
    target.fillText(text, MARGIN, y);
  }
  for (const { card, x, y } of cells) {
    target.fillStyle = "#aeb4c0";
    target.font = "12px system-ui, sans-serif";
    target.fillText(card.name, x, y);
  }

  function draw(run: GalleryRun): Uint8ClampedArray {
    for (const { index, x, y } of cells) {
      target.fillStyle = "#0b0c10";
      target.fillRect(x, y + 17, STRIP.width, STRIP.height);
      run.draw(target, index, { x, y: y + 17, ...STRIP });
    }
    for (let step = 0; step < FPS / GIF_FPS; step++) run.next();
    return target.getImageData(0, 0, WIDTH, height).data;
  }

  const count = LOOP_S * GIF_FPS;
  // The colors of all frames make the palette.
  const histogram = new Histogram();
  const first = new GalleryRun(core, cards);
  for (let frame = 0; frame < count; frame++) histogram.add(draw(first));
  // The areas are small and even, so dithering would only show as noise.
  const writer = new GifWriter(WIDTH, height, histogram.palette(), 0);
  const second = new GalleryRun(core, cards);
  for (let frame = 0; frame < count; frame++) writer.add(draw(second), 100 / GIF_FPS);
  return writer.finish();
}
