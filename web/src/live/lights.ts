/** The lights of a printer: what they show, their pixels, and commands for them. */

import { choosePlaces } from "../scene/printer.ts";
import type { Light } from "../scene/stage.ts";
import { Signal } from "../store.ts";
import { RequestError, type Moonraker } from "./moonraker.ts";

/** At most 20 requests for pixels a second; 4 while nothing moves. */
const MOVING_MS = 50;
const STILL_MS = 250;
const STATUS_MS = 1000;

export interface GroupStatus {
  effect: string;
  source: string;
  pixels: number;
  brightness: number;
}

/** The answer of `lumen/status`, as far as the page reads it. */
export interface LiveStatus {
  state: string;
  states: string[];
  forced: string | null;
  moving: boolean;
  brightness: number;
  groups: Record<string, GroupStatus>;
  strips: Record<
    string,
    { health: string; error: string | null; pixels: number; current_ma: number }
  >;
}

export interface EffectEntry {
  name: string;
  effect: string;
  help: string;
}

/** The answer of `lumen/preview`: the pixels of all groups, or those of one strip. */
interface PreviewAnswer {
  groups?: { name: string; pixels: number; rgbw: string }[];
  rgbw?: string;
}

/** From a sum of bytes of an LED to a byte of the screen. */
const TO_SCREEN = new Uint8Array(511).map((_, sum) => {
  const light = Math.min(1, sum / 255);
  const level = light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * level);
});
/** The color of a white LED. */
const WHITE = [1, 0.92, 0.78] as const;

/** Converts RGBW pixels in base64 to colors of a screen. */
export function screenPixels(rgbw: string): Uint8Array {
  const bytes = Uint8Array.from(atob(rgbw), (char) => char.charCodeAt(0));
  const pixels = new Uint8Array(Math.floor(bytes.length / 4) * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    const white = bytes[from + 3] ?? 0;
    for (let channel = 0; channel < 3; channel++) {
      const sum = (bytes[from + channel] ?? 0) + Math.round(white * (WHITE[channel] ?? 1));
      pixels[to + channel] = TO_SCREEN[sum] ?? 255;
    }
  }
  return pixels;
}

export class LiveLights {
  readonly status = new Signal<LiveStatus | undefined>(undefined);
  readonly effects = new Signal<readonly EffectEntry[]>([]);
  readonly problem = new Signal("Not connected to Moonraker.");
  readonly moonraker: Moonraker;
  /** Called with new pixels. */
  onPixels: () => void = () => {};
  /** Whether the picture is on the screen. */
  isVisible = true;
  lights: Light[] = [];
  #timer = 0;
  /** Whether Lumen answers for one strip at a time only. */
  #isOld = false;

  constructor(moonraker: Moonraker) {
    this.moonraker = moonraker;
    moonraker.isConnected.subscribe((isConnected) => {
      if (isConnected) void this.#start();
      else this.problem.set("Not connected to Moonraker.");
    });
    document.addEventListener("visibilitychange", () => this.#next(0));
  }

  /** Sends a command to the lights and shows what it has changed. */
  async command(name: string, params: Record<string, unknown> = {}): Promise<void> {
    try {
      await this.moonraker.call(`printer.lumen.${name}`, params);
      await this.#readStatus();
    } catch (error) {
      this.#fail(error);
    }
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    this.#next(0);
  }

  async #start(): Promise<void> {
    // Lumen may have been updated.
    this.#isOld = false;
    try {
      await this.moonraker.call("server.connection.identify", {
        client_name: "lumen-live",
        version: "1",
        type: "web",
        url: window.location.origin,
      });
      const { effects } = (await this.moonraker.call("printer.lumen.effects")) as {
        effects: EffectEntry[];
      };
      this.effects.set(effects);
    } catch (error) {
      this.#fail(error);
    }
    this.#next(0);
    void this.#watchStatus();
  }

  async #watchStatus(): Promise<void> {
    while (this.moonraker.isConnected.value) {
      if (this.#isSeen) {
        try {
          await this.#readStatus();
          this.problem.set("");
        } catch (error) {
          this.#fail(error);
        }
      }
      await new Promise((done) => window.setTimeout(done, STATUS_MS));
    }
  }

  async #readStatus(): Promise<void> {
    this.status.set((await this.moonraker.call("printer.lumen.status")) as LiveStatus);
  }

  get #isSeen(): boolean {
    return this.isVisible && !document.hidden;
  }

  /** Asks for the next picture after a time. */
  #next(wait: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#readPixels(), wait);
  }

  async #readPixels(): Promise<void> {
    if (!this.#isSeen || !this.moonraker.isConnected.value) return;
    const begun = performance.now();
    try {
      this.#take(await this.#pixels());
      this.onPixels();
    } catch (error) {
      this.#fail(error);
    }
    const pause = this.status.value?.moving === false ? STILL_MS : MOVING_MS;
    const requests = this.#isOld ? Math.max(1, this.lights.length) : 1;
    this.#next(Math.max(0, requests * pause - (performance.now() - begun)));
  }

  /** Returns the pixels of all groups; of all strips with an older Lumen. */
  async #pixels(): Promise<{ name: string; rgbw: string }[]> {
    if (!this.#isOld) {
      try {
        const answer = (await this.moonraker.call("printer.lumen.preview")) as PreviewAnswer;
        if (answer.groups) return answer.groups;
      } catch (error) {
        if (!(error instanceof RequestError) || !/STRIP/.test(error.message)) throw error;
      }
      this.#isOld = true;
    }
    const strips = Object.keys(this.status.value?.strips ?? {});
    const frames: { name: string; rgbw: string }[] = [];
    for (const strip of strips) {
      const answer = (await this.moonraker.call("printer.lumen.preview", {
        strip,
      })) as PreviewAnswer;
      frames.push({ name: strip, rgbw: answer.rgbw ?? "" });
    }
    return frames;
  }

  #take(frames: readonly { name: string; rgbw: string }[]): void {
    const pixels = frames.map((it) => screenPixels(it.rgbw));
    const counts = frames.map(({ name }, index) => ({
      name,
      count: (pixels[index]?.length ?? 0) / 3,
    }));
    const places = choosePlaces(counts, {});
    const groups = this.status.value?.groups;
    this.lights = counts.map(({ name, count }, index) => ({
      name,
      count,
      place: places.get(name) ?? "top",
      pixels: pixels[index] ?? new Uint8Array(),
      effect: groups?.[name]?.effect ?? "",
      isCovered: false,
    }));
  }

  #fail(error: unknown): void {
    if (!(error instanceof RequestError)) throw error;
    const isMissing = /Method not found|404/.test(error.message);
    this.problem.set(
      isMissing ? "This printer has no Lumen, or Klipper has not started." : error.message,
    );
  }
}
