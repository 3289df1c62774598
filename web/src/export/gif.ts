/** Writes animated GIFs: one palette for all frames, ordered dithering, and changed areas only. */

const COLORS = 256;
/** The last color of the palette means: as in the frame before. */
const TRANSPARENT = COLORS - 1;
/** Half of the usual distance between two colors of the palette. */
const DITHER = 4;
/** Square of the distance of colors up to which a moving pixel stays as it is: that saves bytes. */
const STAYS = 500;
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];

/** Counts of colors with five bits for each channel. */
export class Histogram {
  readonly counts = new Uint32Array(32768);

  add(pixels: Uint8ClampedArray): void {
    for (let at = 0; at < pixels.length; at += 4) {
      const key = key15(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
      this.counts[key] = (this.counts[key] ?? 0) + 1;
    }
  }

  /** Returns the colors by median cut: three bytes each. */
  palette(): Uint8Array {
    const colors: number[] = [];
    this.counts.forEach((count, key) => {
      if (count) colors.push(key);
    });
    let boxes = [colors];
    while (boxes.length < TRANSPARENT) {
      let best = -1;
      let bestScore = 0;
      boxes.forEach((box, index) => {
        const score = box.length > 1 ? this.#spread(box).score : 0;
        if (score > bestScore) [best, bestScore] = [index, score];
      });
      const box = boxes[best];
      if (!box) break;
      boxes = [...boxes.slice(0, best), ...boxes.slice(best + 1), ...this.#split(box)];
    }
    const palette = new Uint8Array(COLORS * 3);
    boxes.forEach((box, index) => palette.set(this.#mean(box), index * 3));
    return palette;
  }

  #spread(box: readonly number[]): { channel: number; score: number } {
    let channel = 0;
    let widest = -1;
    let count = 0;
    for (let shift = 0; shift < 3; shift++) {
      let low = 31;
      let high = 0;
      for (const key of box) {
        const value = (key >> (10 - 5 * shift)) & 31;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      if (high - low > widest) [channel, widest] = [shift, high - low];
    }
    for (const key of box) count += this.counts[key] ?? 0;
    // Rare bright colors matter as much as the dark background.
    return { channel, score: widest * count ** 0.3 };
  }

  #split(box: readonly number[]): [number[], number[]] {
    const { channel } = this.#spread(box);
    const value = (key: number) => (key >> (10 - 5 * channel)) & 31;
    const sorted = [...box].sort((a, b) => value(a) - value(b));
    const weight = (key: number) => (this.counts[key] ?? 0) ** 0.5;
    const half = sorted.reduce((sum, key) => sum + weight(key), 0) / 2;
    let sum = 0;
    let at = 0;
    while (at < sorted.length - 1 && (at === 0 || sum < half)) sum += weight(sorted[at++] ?? 0);
    return [sorted.slice(0, at), sorted.slice(at)];
  }

  #mean(box: readonly number[]): [number, number, number] {
    let [red, green, blue, total] = [0, 0, 0, 0];
    for (const key of box) {
      const count = this.counts[key] ?? 0;
      red += ((key >> 10) & 31) * count;
      green += ((key >> 5) & 31) * count;
      blue += (key & 31) * count;
      total += count;
    }
    const byte = (sum: number) => Math.round((sum / Math.max(1, total)) * (255 / 31));
    return [byte(red), byte(green), byte(blue)];
  }
}

function key15(red: number, green: number, blue: number): number {
  return ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
}

export class GifWriter {
  readonly #width: number;
  readonly #height: number;
  readonly #palette: Uint8Array;
  readonly #dither: number;
  readonly #nearest = new Int16Array(32768).fill(-1);
  readonly #bytes = new Bytes();
  #previous: Uint8Array | undefined;
  /** The pixels of the frame before. */
  #pixels: Uint32Array | undefined;

  constructor(width: number, height: number, palette: Uint8Array, dither = DITHER) {
    this.#dither = dither;
    this.#width = width;
    this.#height = height;
    this.#palette = palette;
    const { pushText, push, push16 } = this.#bytes.methods();
    pushText("GIF89a");
    push16(width);
    push16(height);
    push(0xf7, 0, 0, ...palette);
    // Repeats for ever.
    push(0x21, 0xff, 11);
    pushText("NETSCAPE2.0");
    push(3, 1, 0, 0, 0);
  }

  /** Adds a frame that shows for some hundredths of a second. */
  add(pixels: Uint8ClampedArray, hundredths: number): void {
    const indexed = this.#index(pixels);
    const { push, push16 } = this.#bytes.methods();
    push(0x21, 0xf9, 4, this.#previous ? 0x05 : 0x04);
    push16(hundredths);
    push(TRANSPARENT, 0, 0x2c);
    push16(0);
    push16(0);
    push16(this.#width);
    push16(this.#height);
    push(0);
    this.#bytes.pushBlocks(lzw(this.#changed(indexed)));
    this.#previous = indexed;
  }

  finish(): Blob {
    this.#bytes.methods().push(0x3b);
    return new Blob([this.#bytes.all()], { type: "image/gif" });
  }

  #changed(indexed: Uint8Array): Uint8Array {
    const previous = this.#previous;
    if (!previous) return indexed;
    return indexed.map((color, at) => (color === previous[at] ? TRANSPARENT : color));
  }

  #index(pixels: Uint8ClampedArray): Uint8Array {
    const indexed = new Uint8Array(this.#width * this.#height);
    const colors = new Uint32Array(pixels.slice().buffer);
    for (let y = 0, at = 0; y < this.#height; y++) {
      for (let x = 0; x < this.#width; x++, at++) {
        const shift = (((BAYER[(y & 3) * 4 + (x & 3)] ?? 0) - 7.5) / 7.5) * this.#dither;
        const part = (offset: number) =>
          Math.min(255, Math.max(0, (pixels[at * 4 + offset] ?? 0) + shift));
        const before = this.#previous?.[at];
        // A pixel at rest gets its own color, or a fade to black would end in gray.
        const stays =
          before !== undefined &&
          colors[at] !== this.#pixels?.[at] &&
          this.#distance(
            before,
            pixels[at * 4] ?? 0,
            pixels[at * 4 + 1] ?? 0,
            pixels[at * 4 + 2] ?? 0,
          ) < STAYS;
        indexed[at] = stays ? before : this.#find(part(0), part(1), part(2));
      }
    }
    this.#pixels = colors;
    return indexed;
  }

  #distance(color: number, red: number, green: number, blue: number): number {
    const dr = (this.#palette[color * 3] ?? 0) - red;
    const dg = (this.#palette[color * 3 + 1] ?? 0) - green;
    const db = (this.#palette[color * 3 + 2] ?? 0) - blue;
    return 2 * dr * dr + 4 * dg * dg + 3 * db * db;
  }

  #find(red: number, green: number, blue: number): number {
    const key = key15(red, green, blue);
    const known = this.#nearest[key] ?? -1;
    if (known >= 0) return known;
    let best = 0;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let color = 0; color < TRANSPARENT; color++) {
      const distance = this.#distance(color, red, green, blue);
      if (distance < bestDistance) [best, bestDistance] = [color, distance];
    }
    this.#nearest[key] = best;
    return best;
  }
}

/** Compresses a frame as GIF requires, with codes of 9 to 12 bits. */
function lzw(indexed: Uint8Array): Uint8Array {
  const clear = COLORS;
  const end = COLORS + 1;
  const out = new Bytes();
  const { push } = out.methods();
  let [bits, held, size, next] = [0, 0, 9, COLORS + 2];
  let codes = new Map<number, number>();
  const emit = (code: number) => {
    bits |= code << held;
    held += size;
    while (held >= 8) {
      push(bits & 255);
      bits >>>= 8;
      held -= 8;
    }
  };
  emit(clear);
  let prefix = indexed[0] ?? 0;
  for (let at = 1; at < indexed.length; at++) {
    const color = indexed[at] ?? 0;
    const key = (prefix << 8) | color;
    const code = codes.get(key);
    if (code !== undefined) {
      prefix = code;
      continue;
    }
    emit(prefix);
    if (next === 4096) {
      emit(clear);
      codes = new Map();
      [size, next] = [9, COLORS + 2];
    } else {
      if (next === 1 << size) size++;
      codes.set(key, next++);
    }
    prefix = color;
  }
  emit(prefix);
  emit(end);
  if (held > 0) push(bits & 255);
  return out.all();
}

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(65536);
  #length = 0;

  methods() {
    return {
      push: (...bytes: number[]) => this.#append(bytes),
      push16: (value: number) => this.#append([value & 255, value >> 8]),
      pushText: (text: string) => this.#append([...text].map((it) => it.charCodeAt(0))),
    };
  }

  /** Appends data in the blocks of a GIF, each with its length. */
  pushBlocks(data: Uint8Array): void {
    this.#append([8]);
    for (let at = 0; at < data.length; at += 255) {
      const block = data.subarray(at, at + 255);
      this.#append([block.length]);
      this.#append(block);
    }
    this.#append([0]);
  }

  all(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #append(bytes: ArrayLike<number>): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(2 * needed);
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }
}
