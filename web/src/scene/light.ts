/**
 * The light of LEDs on a picture: a small grid of linear light, blurred in three sizes.
 *
 * A screen shows a value to the power of 2.2, so light is added before it is converted. The cost
 * does not depend on the number of LEDs.
 */

const LEVELS = 4096;
/** From the root of light to a byte of the screen, with a soft limit for bright light. */
const TO_SCREEN = new Uint8Array(LEVELS + 1).map((_, index) => {
  const light = 8 * (index / LEVELS) ** 2;
  return Math.round(255 * (1 - Math.exp(-light)) ** (1 / 2.2));
});
/** From a byte of the screen to light. */
export const TO_LIGHT = new Float32Array(256).map((_, byte) => (byte / 255) ** 2.2);

export interface Mix {
  narrow: number;
  medium: number;
  wide: number;
  /** Share of the light that comes back from the walls. */
  ambient: number;
}

export class LightGrid {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
  readonly #context: CanvasRenderingContext2D;
  readonly #image: ImageData;
  readonly #light: Float32Array;
  readonly #blurred: Float32Array;
  readonly #scratch: Float32Array;
  readonly #sum: Float32Array;
  /** How much of the light of all LEDs reaches a cell. */
  readonly ambience: Float32Array;
  #all: [number, number, number] = [0, 0, 0];

  constructor(width: number, height: number) {
    this.width = Math.max(8, Math.round(width));
    this.height = Math.max(8, Math.round(height));
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.width;
    this.canvas.height = this.height;
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("this browser has no 2D canvas");
    this.#context = context;
    this.#image = context.createImageData(this.width, this.height);
    const length = this.width * this.height * 3;
    this.#light = new Float32Array(length);
    this.#blurred = new Float32Array(length);
    this.#scratch = new Float32Array(length);
    this.#sum = new Float32Array(length);
    this.ambience = new Float32Array(this.width * this.height);
  }

  clear(): void {
    this.#light.fill(0);
    this.#all = [0, 0, 0];
  }

  /** Adds light at a place in cells; it is spread over four of them. */
  add(x: number, y: number, red: number, green: number, blue: number): void {
    this.#all = [this.#all[0] + red, this.#all[1] + green, this.#all[2] + blue];
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    const shareX = x - 0.5 - left;
    const shareY = y - 0.5 - top;
    for (let dy = 0; dy < 2; dy++) {
      for (let dx = 0; dx < 2; dx++) {
        const column = left + dx;
        const row = top + dy;
        if (column < 0 || row < 0 || column >= this.width || row >= this.height) continue;
        const share = (dx ? shareX : 1 - shareX) * (dy ? shareY : 1 - shareY);
        const at = (row * this.width + column) * 3;
        this.#light[at] = (this.#light[at] ?? 0) + red * share;
        this.#light[at + 1] = (this.#light[at + 1] ?? 0) + green * share;
        this.#light[at + 2] = (this.#light[at + 2] ?? 0) + blue * share;
      }
    }
  }

  /** Blurs the light and draws it on the canvas of the grid. */
  draw(mix: Mix): HTMLCanvasElement {
    const sum = this.#sum;
    const blurred = this.#blurred;
    blurred.set(this.#light);
    sum.fill(0);
    const sizes: [radius: number, share: number][] = [
      [1, mix.narrow],
      [Math.max(2, Math.round(this.width / 45)), mix.medium],
      [Math.max(4, Math.round(this.width / 12)), mix.wide],
    ];
    if (mix.ambient) {
      const [red, green, blue] = this.#all.map((it) => it * mix.ambient) as [
        number,
        number,
        number,
      ];
      this.ambience.forEach((share, cell) => {
        sum[cell * 3] = red * share;
        sum[cell * 3 + 1] = green * share;
        sum[cell * 3 + 2] = blue * share;
      });
    }
    for (const [radius, share] of sizes) {
      if (radius > 1 && !mix.medium && !mix.wide) break;
      // Each size continues from the one before, so the blur is smooth.
      this.#blur(radius);
      this.#blur(radius);
      for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + share * (blurred[at] ?? 0);
    }
    const data = this.#image.data;
    const scale = LEVELS / Math.sqrt(8);
    const byte = (light: number) =>
      TO_SCREEN[Math.min(LEVELS, (Math.sqrt(light) * scale) | 0)] ?? 0;
    for (let cell = 0, at = 0; at < sum.length; cell += 4, at += 3) {
      data[cell] = byte(sum[at] ?? 0);
      data[cell + 1] = byte(sum[at + 1] ?? 0);
      data[cell + 2] = byte(sum[at + 2] ?? 0);
      data[cell + 3] = 255;
    }
    this.#context.putImageData(this.#image, 0, 0);
    return this.canvas;
  }

  #blur(radius: number): void {
    const { width, height } = this;
    for (let row = 0; row < height; row++) {
      boxBlur(this.#blurred, this.#scratch, row * width * 3, 3, width, radius);
    }
    for (let column = 0; column < width; column++) {
      boxBlur(this.#scratch, this.#blurred, column * 3, width * 3, height, radius);
    }
  }
}

/** Averages each cell of a line with its neighbors; beyond the ends it is dark. */
function boxBlur(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const share = 1 / (2 * radius + 1);
  for (let channel = 0; channel < 3; channel++) {
    const first = start + channel;
    let sum = 0;
    for (let index = 0; index < Math.min(radius, count); index++) {
      sum += from[first + index * step] ?? 0;
    }
    for (let index = 0; index < count; index++) {
      if (index + radius < count) sum += from[first + (index + radius) * step] ?? 0;
      if (index - radius - 1 >= 0) sum -= from[first + (index - radius - 1) * step] ?? 0;
      to[first + index * step] = Math.max(0, sum * share);
    }
  }
}
