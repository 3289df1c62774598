/** The lights of a printer: what they show, their pixels, and commands for them. */

import type { Core } from "../core.ts";
import { choosePlaces } from "../scene/printer.ts";
import type { Light } from "../scene/stage.ts";
import { Signal } from "../store.ts";
import { RequestError, type Moonraker } from "./moonraker.ts";
import { LocalRenderer, type KlipperConfig, type ShownGroup } from "./renderer.ts";

/** At most 20 requests for pixels a second; 4 while nothing moves, or all moves can be rendered here. */
const MOVING_MS = 50;
const STILL_MS = 250;
const STATUS_MS = 1000;
/** The clock of a page may drift by this per answer. */
const DRIFT_S = 0.0005;

export interface GroupStatus extends ShownGroup {
  source: string;
  pixels: number;
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

/** The answer of `lumen/preview`: the pixels of groups, or of parts of them. */
interface PreviewAnswer {
  /** The time of the engine, and that of the frames. */
  now: number;
  drawn: number;
  groups: { name: string; pixels: number; first: number; rgbw: string }[];
  /** The first pixel of the next answer. */
  next: number | null;
}

/** The pixels of a group: red, green, blue and white. */
interface GroupPixels {
  name: string;
  rgbw: Uint8Array;
}

/** From a sum of bytes of an LED to a byte of the screen. */
const TO_SCREEN = new Uint8Array(511).map((_, sum) => {
  const light = Math.min(1, sum / 255);
  const level = light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * level);
});
/** The color of a white LED. */
const WHITE = [1, 0.92, 0.78] as const;

/** Converts the levels of RGBW LEDs to colors of a screen. */
export function screenPixels(bytes: Uint8Array): Uint8Array {
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
  readonly #loadCore: () => Promise<Core>;
  #timer = 0;
  #frame = 0;
  #local: LocalRenderer | undefined;
  /** The clock of the printer's engine minus that of the page, and the delay of the answer. */
  #clock = { offset: 0, delay: Infinity };
  /** Requests of the last picture. */
  #requests = 1;

  constructor(moonraker: Moonraker, loadCore: () => Promise<Core>) {
    this.moonraker = moonraker;
    this.#loadCore = loadCore;
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

  /** Whether a group is rendered here between two answers. */
  isLocal(name: string): boolean {
    return this.#local?.matches(name) === true;
  }

  async #start(): Promise<void> {
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
    void this.#startLocal();
  }

  /** Prepares to render here, with the config that Klipper has loaded. */
  async #startLocal(): Promise<void> {
    this.#local = undefined;
    this.#clock = { offset: 0, delay: Infinity };
    try {
      const params = { objects: { configfile: ["config"] } };
      const answer = (await this.moonraker.call("printer.objects.query", params)) as {
        status?: { configfile?: { config?: KlipperConfig } };
      };
      const config = answer.status?.configfile?.config;
      if (config) this.#local = await LocalRenderer.create(this.#loadCore, config);
    } catch {
      // The answers of the printer are enough.
    }
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
    const status = (await this.moonraker.call("printer.lumen.status")) as LiveStatus;
    this.status.set(status);
    this.#local?.follow(this.#now(), status.brightness, status.groups);
  }

  /** The time of the printer's engine. */
  #now(): number {
    return Math.max(0, performance.now() / 1000 + this.#clock.offset);
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
      this.#draw();
    } catch (error) {
      this.#fail(error);
    }
    const isStill = this.status.value?.moving === false;
    const isLocal = this.lights.length > 0 && this.lights.every((it) => this.isLocal(it.name));
    const pause = isStill || isLocal ? STILL_MS : MOVING_MS;
    this.#next(Math.max(0, this.#requests * pause - (performance.now() - begun)));
  }

  /** Returns the pixels of all groups. */
  async #pixels(): Promise<GroupPixels[]> {
    const groups: GroupPixels[] = [];
    this.#requests = 0;
    for (let first: number | null = 0; first !== null;) {
      const asked = performance.now();
      const answer = (await this.moonraker.call("printer.lumen.preview", {
        first,
      })) as PreviewAnswer;
      this.#requests++;
      this.#setClock(answer.now, asked);
      const parts = answer.groups.map((it) => ({ ...it, rgbw: bytes(it.rgbw) }));
      this.#local?.compare(answer.drawn, parts);
      for (const { name, pixels, first, rgbw } of parts) {
        if (first === 0) groups.push({ name, rgbw: new Uint8Array(4 * pixels) });
        const group = groups[groups.length - 1];
        if (group?.name === name) group.rgbw.set(rgbw, 4 * first);
      }
      first = answer.next;
    }
    return groups;
  }

  /** Notes the time of the engine. The answer with the shortest delay is the most exact. */
  #setClock(now: number, asked: number): void {
    const received = performance.now();
    const offset = now - (asked + received) / 2000;
    const delay = (received - asked) / 1000;
    const { offset: before, delay: best } = this.#clock;
    if (best < Infinity && Math.abs(offset - before) > 1 + delay) {
      // Klipper has restarted.
      void this.#startLocal();
    } else if (delay <= best + DRIFT_S) {
      this.#clock = { offset, delay };
    } else {
      this.#clock.delay += DRIFT_S;
    }
  }

  #take(frames: readonly GroupPixels[]): void {
    const counts = frames.map(({ name, rgbw }) => ({ name, count: rgbw.length / 4 }));
    const places = choosePlaces(counts, {});
    const groups = this.status.value?.groups;
    this.lights = counts.map(({ name, count }, index) => ({
      name,
      count,
      place: places.get(name) ?? "top",
      pixels: screenPixels(frames[index]?.rgbw ?? new Uint8Array()),
      effect: groups?.[name]?.effect ?? "",
      isCovered: false,
    }));
  }

  /** Draws now, and again with each frame of the screen while lights move that are rendered here. */
  #draw(): void {
    window.cancelAnimationFrame(this.#frame);
    const local = this.lights.filter((it) => this.isLocal(it.name));
    if (local.length > 0 && this.status.value?.moving) {
      this.#local?.render(this.#now());
      for (const light of local) {
        const levels = this.#local?.levels(light.name);
        if (levels?.length === 4 * light.count) light.pixels = screenPixels(levels);
      }
      if (this.#isSeen) this.#frame = window.requestAnimationFrame(() => this.#draw());
    }
    this.onPixels();
  }

  #fail(error: unknown): void {
    if (!(error instanceof RequestError)) throw error;
    const isMissing = /Method not found|404/.test(error.message);
    this.problem.set(
      isMissing ? "This printer has no Lumen, or Klipper has not started." : error.message,
    );
  }
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
