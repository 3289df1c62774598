/** Draws the lights on a canvas: on the printer, or as rows. */

import { LightGrid, TO_LIGHT, type Mix } from "./light.ts";
import { drawInside, drawMachine, drawRoom } from "./model.ts";
import { Camera, ledPoints, type Place, type Pose, type Projected } from "./printer.ts";

/** The LEDs of a group, with their colors of this moment. */
export interface Light {
  name: string;
  place: Place;
  count: number;
  /** Three bytes for each LED, for a screen. */
  pixels: Uint8Array;
  /** What it shows, for the rows. */
  effect: string;
  /** Whether its LEDs belong to another light too, which the scene shows. */
  isCovered: boolean;
}

export interface View {
  kind: "printer" | "rows";
  hasGlow: boolean;
  /** Light of the room, 0.0 to 1.0. */
  room: number;
}

/** One cell of the grid of light is about this many pixels wide. */
const CELL = 4;

export class Stage {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #room = document.createElement("canvas");
  readonly #model = document.createElement("canvas");
  readonly #lit = document.createElement("canvas");
  #grid = new LightGrid(8, 8);
  #camera = new Camera(8, 8);
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = context(canvas, false);
  }

  /** Sets the size in pixels of the canvas. */
  resize(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    for (const canvas of [this.#canvas, this.#room, this.#model, this.#lit]) {
      canvas.width = width;
      canvas.height = height;
    }
    this.#camera = new Camera(width, height);
    this.#grid = new LightGrid(width / CELL, height / CELL);
    drawRoom(context(this.#room), this.#camera, width, height);
    this.#setAmbience();
  }

  /** The inside of the printer gets most of the light of all LEDs, the room a little. */
  #setAmbience(): void {
    const { width, height, ambience } = this.#grid;
    const mask = document.createElement("canvas");
    mask.width = width;
    mask.height = height;
    const target = context(mask);
    target.filter = `blur(${width / 60}px)`;
    target.scale(width / this.#width, height / this.#height);
    drawInside(target, this.#camera);
    const { data } = target.getImageData(0, 0, width, height);
    ambience.forEach(
      (_, cell) => (ambience[cell] = 0.12 + (0.88 * (data[cell * 4 + 3] ?? 0)) / 255),
    );
  }

  draw(lights: readonly Light[], pose: Pose, view: View): void {
    if (!this.#width || !this.#height) return;
    if (view.kind === "rows") this.#drawRows(lights, view);
    else this.#drawPrinter(lights, pose, view);
  }

  #drawPrinter(lights: readonly Light[], pose: Pose, view: View): void {
    const [width, height] = [this.#width, this.#height];
    const model = context(this.#model);
    model.drawImage(this.#room, 0, 0);
    drawMachine(model, this.#camera, pose);

    const leds: Led[] = [];
    const ranks = new Map<Place, number>();
    for (const light of lights) {
      if (light.isCovered) continue;
      const rank = ranks.get(light.place) ?? 0;
      ranks.set(light.place, rank + 1);
      const points = ledPoints(light.place, light.count, pose, rank);
      points.forEach((point, index) => {
        const at = this.#camera.project(point);
        const gap = light.place === "head" ? 0.05 : spacing(light);
        leds.push(led(at, light.pixels, index, Math.min(0.042, gap * 0.72) * at.scale));
      });
    }
    const target = this.#context;
    target.globalCompositeOperation = "source-over";
    target.fillStyle = "#000";
    target.fillRect(0, 0, width, height);
    target.globalAlpha = 0.07 + 0.7 * view.room;
    target.drawImage(this.#model, 0, 0);
    target.globalAlpha = 1;
    if (view.hasGlow) this.#light(leds, { narrow: 0, medium: 7, wide: 34, ambient: 0.028 }, true);
    this.#dots(leds, true);
  }

  #drawRows(lights: readonly Light[], view: View): void {
    const [width, height] = [this.#width, this.#height];
    const target = this.#context;
    const unit = this.#canvas.width / Math.max(1, this.#canvas.clientWidth || width);
    target.globalCompositeOperation = "source-over";
    target.fillStyle = "#08090c";
    target.fillRect(0, 0, width, height);
    const leds: Led[] = [];
    const margin = 16 * unit;
    const text = 12 * unit;
    const rows = lights.map((it) => {
      const columns = Math.min(it.count, 80);
      return { light: it, columns, lines: Math.ceil(it.count / columns) };
    });
    const inner = width - 2 * margin;
    const fixed = rows.length * 2.4 * text;
    const lines = rows.reduce((sum, it) => sum + it.lines, 0);
    const room = (height - 4.2 * margin - fixed) / Math.max(1, lines);
    // Below the buttons on the picture.
    let y = 3.2 * margin;
    target.font = `${text}px system-ui, sans-serif`;
    target.textBaseline = "top";
    for (const { light, columns, lines } of rows) {
      const pitch = Math.max(2, Math.min(inner / columns, room, 26 * unit));
      target.fillStyle = "#aeb4c0";
      target.fillText(light.name, margin, y, inner / 3);
      target.fillStyle = "#767d8b";
      const nameWidth = Math.min(inner / 3, target.measureText(light.name).width);
      const effect = light.effect.replace(/\s*\n\s*/g, " | ");
      target.fillText(effect, margin + nameWidth + text, y, inner - nameWidth - text);
      y += 1.6 * text;
      for (let index = 0; index < light.count; index++) {
        const column = index % columns;
        const line = Math.floor(index / columns);
        const at = { x: margin + (column + 0.5) * pitch, y: y + (line + 0.5) * pitch, scale: 1 };
        leds.push(led(at, light.pixels, index, 0.74 * pitch));
      }
      y += lines * pitch + 0.8 * text;
    }
    if (view.hasGlow) this.#light(leds, { narrow: 0, medium: 5, wide: 4, ambient: 0 }, false);
    this.#dots(leds, false);
  }

  /** Adds the light of the LEDs: on the surfaces of the model, and as a glow around each. */
  #light(leds: readonly Led[], mix: Mix, isLit: boolean): void {
    const [width, height] = [this.#width, this.#height];
    const grid = this.#grid;
    const scaleX = grid.width / width;
    const scaleY = grid.height / height;
    const target = this.#context;
    const level = 0.5 * (width / 700) ** 2;
    grid.clear();
    for (const { x, y, size, red, green, blue } of leds) {
      const power = level * Math.min(2.2, ((size * size) / (width * width)) * 9000);
      grid.add(x * scaleX, y * scaleY, red * power, green * power, blue * power);
    }
    if (isLit) {
      const surface = context(this.#lit);
      surface.globalCompositeOperation = "source-over";
      surface.drawImage(grid.draw(mix), 0, 0, width, height);
      surface.globalCompositeOperation = "multiply";
      surface.drawImage(this.#model, 0, 0);
      target.globalCompositeOperation = "lighter";
      target.drawImage(this.#lit, 0, 0);
    }
    target.globalCompositeOperation = "lighter";
    target.globalAlpha = 0.8;
    target.drawImage(
      grid.draw({ narrow: 1.2, medium: mix.medium * 0.32, wide: 0, ambient: 0 }),
      0,
      0,
      width,
      height,
    );
    target.globalAlpha = 1;
    target.globalCompositeOperation = "source-over";
  }

  #dots(leds: readonly Led[], isRound: boolean): void {
    const target = this.#context;
    for (const { x, y, size, bytes } of leds) {
      const [red, green, blue] = bytes;
      const brightest = Math.max(red, green, blue);
      // A dark LED is a gray body; the middle of a bright one looks lighter than its color.
      target.fillStyle = brightest < 24 ? "rgb(34, 36, 42)" : `rgb(${red}, ${green}, ${blue})`;
      shape(target, x, y, size, isRound);
      if (brightest >= 24 && brightest < 40) {
        target.fillStyle = `rgb(${red}, ${green}, ${blue})`;
        shape(target, x, y, size, isRound);
      }
      if (brightest > 60 && size > 3) {
        target.globalAlpha = (brightest - 60) / 240;
        target.fillStyle = `rgb(${lighter(red)}, ${lighter(green)}, ${lighter(blue)})`;
        shape(target, x, y, size * 0.55, isRound);
        target.globalAlpha = 1;
      }
    }
  }
}

interface Led extends Projected {
  size: number;
  bytes: readonly [number, number, number];
  red: number;
  green: number;
  blue: number;
}

function led(at: Projected, pixels: Uint8Array, index: number, size: number): Led {
  const red = pixels[index * 3] ?? 0;
  const green = pixels[index * 3 + 1] ?? 0;
  const blue = pixels[index * 3 + 2] ?? 0;
  return {
    ...at,
    size: Math.max(1.5, size),
    bytes: [red, green, blue],
    red: TO_LIGHT[red] ?? 0,
    green: TO_LIGHT[green] ?? 0,
    blue: TO_LIGHT[blue] ?? 0,
  };
}

function lighter(byte: number): number {
  return Math.round(byte + (255 - byte) * 0.75);
}

function shape(
  target: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  isRound: boolean,
) {
  target.beginPath();
  if (isRound) target.arc(x, y, size / 2, 0, 2 * Math.PI);
  else target.roundRect(x - size / 2, y - size / 2, size, size, size * 0.25);
  target.fill();
}

/** Returns about how far the LEDs of a light are apart, in units of the model. */
function spacing(light: Light): number {
  const lengths: Record<Place, number> = {
    top: 5.6,
    front: 1.8,
    base: 1.8,
    left: 1.65,
    right: 1.65,
    back: 1.6,
    bed: 6,
    floor: 5.6,
    head: 0.3,
    door: 1.07,
  };
  return lengths[light.place] / Math.max(1, light.count);
}

function context(canvas: HTMLCanvasElement, alpha = true): CanvasRenderingContext2D {
  const found = canvas.getContext("2d", { alpha });
  if (!found) throw new Error("this browser has no 2D canvas");
  return found;
}
