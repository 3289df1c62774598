/**
 * Renders the lights of a printer here, between two of its answers, with the printer's config.
 *
 * An effect that depends only on the time looks the same here and on the printer. Which groups show
 * such an effect is measured: a second core renders the moment of each answer, and a group counts
 * only while its pixels are the same there.
 */

import { CoreStopped, type Core, type GroupRun, type PixelRange, type Plan } from "../core.ts";

/** The config of a printer, as Klipper's object `configfile` has it. */
export type KlipperConfig = Record<string, Record<string, string>>;

/** What a group shows: its effect, and the run of it. */
export interface ShownGroup {
  effect: string;
  brightness: number;
  run: { start: number; seed: string } | null;
}

/** Pixels of a group: four bytes each, from the pixel `first` on. */
export interface GroupPart {
  name: string;
  first: number;
  rgbw: Uint8Array;
}

/** Levels differ by up to this between two renderings: each dithers by itself. */
const TOLERANCE = 3;

interface Group {
  ranges: { strip: number; first: number; last: number }[];
  /** What was resumed last. */
  key: string;
  /** Whether the cores show it. */
  isResumed: boolean;
  brightness: number;
  /** Whether its pixels were the same as those of the last answer. */
  isSame: boolean;
}

/** Returns the text of a config. Only the names of macros count. */
export function configText(config: KlipperConfig): string {
  const lines: string[] = [];
  for (const [section, options] of Object.entries(config)) {
    lines.push(`[${section}]`);
    const isMacro = /^(gcode_macro|delayed_gcode)\b/.test(section);
    for (const [option, value] of Object.entries(options)) {
      if (isMacro && option.endsWith("gcode")) lines.push(`${option}: M400`);
      else if (!isMacro || !option.startsWith("variable_")) {
        lines.push(`${option}: ${value.trim().replace(/\s*\n\s*/g, "\n  ")}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

export class LocalRenderer {
  /** Renders the present. */
  readonly #core: Core;
  /** Renders the moments of the answers. */
  readonly #reference: Core;
  readonly #groups = new Map<string, Group>();
  /** The frames of strips in the last rendering; many groups may be on one strip. */
  readonly #frames = new Map<number, Uint8Array>();
  #brightness = -1;
  #isRunning = true;

  private constructor(core: Core, reference: Core, plan: Plan) {
    this.#core = core;
    this.#reference = reference;
    const strips = new Map(plan.strips.map((it, index) => [it.name, index]));
    const range = ({ strip, first, last }: PixelRange) => ({
      strip: strips.get(strip) ?? 0,
      first,
      last,
    });
    for (const { name, pixels } of plan.groups) {
      const ranges = pixels.map(range);
      this.#groups.set(name, { ranges, key: "", isResumed: false, brightness: -1, isSame: false });
    }
  }

  /** Returns nothing if the config cannot be used. */
  static async create(
    load: () => Promise<Core>,
    config: KlipperConfig,
  ): Promise<LocalRenderer | undefined> {
    const text = configText(config);
    const [core, reference] = [await load(), await load()];
    const plan = core.load(text).plan;
    reference.load(text);
    return plan && new LocalRenderer(core, reference, plan);
  }

  /** Whether a group looks the same here as on the printer. */
  matches(name: string): boolean {
    return this.#isRunning && this.#groups.get(name)?.isSame === true;
  }

  /** Takes over what the printer shows at a time of its engine. */
  follow(now: number, brightness: number, groups: Record<string, ShownGroup>): void {
    this.#guard(() => {
      if (brightness !== this.#brightness) {
        this.#both((core) => core.command(now, `LUMEN_BRIGHTNESS VALUE=${brightness} FADE=0`));
        this.#brightness = brightness;
      }
      for (const [name, group] of this.#groups) {
        const shown = groups[name];
        if (shown) this.#followGroup(now, name, group, shown);
        else group.isSame = false;
      }
    });
  }

  #followGroup(now: number, name: string, group: Group, shown: ShownGroup): void {
    if (shown.brightness !== group.brightness) {
      const command = `LUMEN_BRIGHTNESS GROUP="${name}" VALUE=${shown.brightness} FADE=0`;
      this.#both((core) => core.command(now, command));
      group.brightness = shown.brightness;
    }
    const key = shown.run ? `${shown.effect}|${shown.run.start}|${shown.run.seed}` : "";
    if (key === group.key) return;
    Object.assign(group, { key, isResumed: false, isSame: false });
    if (!shown.run) return;
    const run: GroupRun = { group: name, effect: shown.effect, ...shown.run };
    try {
      this.#both((core) => core.resume(Math.max(now, run.start), run));
      group.isResumed = true;
    } catch (error) {
      // The config in use may be newer than Klipper's.
      if (error instanceof CoreStopped || !(error instanceof Error)) throw error;
    }
  }

  /** Compares the pixels of an answer, which were drawn at a time of the engine. */
  compare(drawn: number, parts: readonly GroupPart[]): void {
    this.#guard(() => {
      this.#reference.render(drawn);
      const frames = new Map<number, Uint8Array>();
      for (const { name, first, rgbw } of parts) {
        const group = this.#groups.get(name);
        if (!group) continue;
        const expected = this.#levels(this.#reference, frames, group).subarray(4 * first);
        const isSame = group.isResumed && isLike(expected, rgbw);
        group.isSame = isSame && (first === 0 || group.isSame);
      }
    });
  }

  /** Renders the lights at a time of the engine. */
  render(now: number): void {
    this.#frames.clear();
    this.#guard(() => this.#core.render(now));
  }

  /** Returns the levels of a group in the last rendering: four bytes for each pixel. */
  levels(name: string): Uint8Array {
    const group = this.#groups.get(name);
    if (!group) return new Uint8Array();
    return this.#guard(() => this.#levels(this.#core, this.#frames, group)) ?? new Uint8Array();
  }

  #levels(core: Core, frames: Map<number, Uint8Array>, group: Group): Uint8Array {
    const count = group.ranges.reduce((sum, it) => sum + Math.abs(it.last - it.first) + 1, 0);
    const levels = new Uint8Array(4 * count);
    let to = 0;
    for (const { strip, first, last } of group.ranges) {
      const frame = frames.get(strip) ?? core.levels(strip).slice();
      frames.set(strip, frame);
      const step = first <= last ? 1 : -1;
      for (let pixel = first; pixel !== last + step; pixel += step, to += 4) {
        levels.set(frame.subarray(4 * pixel, 4 * pixel + 4), to);
      }
    }
    return levels;
  }

  #both(call: (core: Core) => unknown): void {
    call(this.#core);
    call(this.#reference);
  }

  /** After a fault of the core, the answers of the printer are enough. */
  #guard<T>(call: () => T): T | undefined {
    if (!this.#isRunning) return undefined;
    try {
      return call();
    } catch {
      this.#isRunning = false;
      return undefined;
    }
  }
}

function isLike(expected: Uint8Array, found: Uint8Array): boolean {
  if (expected.length < found.length) return false;
  return found.every((level, index) => Math.abs(level - (expected[index] ?? 0)) <= TOLERANCE);
}
