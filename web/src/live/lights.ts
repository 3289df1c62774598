/** The lights of a printer: what they show, their pixels, and commands for them. */

import type { Core } from "../core.ts";
import { choosePlaces } from "../scene/printer.ts";
import type { Light } from "../scene/stage.ts";
import { Signal } from "../store.ts";
import {
  readEffects,
  readPreview,
  readStatus,
  type EffectEntry,
  type LiveStatus,
} from "./answers.ts";
import { RequestError, type Moonraker } from "./moonraker.ts";
import { LocalRenderer, type KlipperConfig } from "./renderer.ts";

/** At most 20 requests for pixels a second; 4 while nothing moves, or all moves can be rendered here. */
const MOVING_MS = 50;
const STILL_MS = 250;
const STATUS_MS = 1000;
/** So many requests of one picture follow each other at once. */
const BURST = 20;
/** The lights move here for so long without an answer. */
const FRESH_MS = 2000;
/** The clock of a page may drift by this per answer. */
const DRIFT_S = 0.0005;

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
  /** Whether the effects were read, and the config to render here. */
  #isPrepared = false;
  #preparations = 0;
  #connections = 0;
  /** The clock of the printer's engine minus that of the page, and the delay of the answer. */
  #clock = { offset: 0, delay: Infinity };
  /** When the last picture was begun and received, in milliseconds, and the requests that it took. */
  #begun = -Infinity;
  #received = -Infinity;
  #requests = 0;
  #isAsking = false;
  #hasFailed = false;
  /** What the printer shows, as a text, and whether it differs from what the last picture showed. */
  #shown = "";
  #hasChanged = false;

  constructor(moonraker: Moonraker, loadCore: () => Promise<Core>) {
    this.moonraker = moonraker;
    this.#loadCore = loadCore;
    moonraker.isConnected.subscribe((isConnected) => {
      if (isConnected) {
        void this.#start();
      } else {
        window.cancelAnimationFrame(this.#frame);
        this.problem.set("Not connected to Moonraker.");
      }
    });
    document.addEventListener("visibilitychange", () => this.#next());
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
    this.#next();
  }

  /** Whether a group is rendered here between two answers. */
  isLocal(name: string): boolean {
    return this.#local?.matches(name) === true;
  }

  async #start(): Promise<void> {
    const connection = ++this.#connections;
    this.#isPrepared = false;
    try {
      await this.moonraker.call("server.connection.identify", {
        client_name: "lumen-live",
        version: "1",
        type: "web",
        url: window.location.origin,
      });
    } catch (error) {
      this.#fail(error);
    }
    this.#next();
    while (this.moonraker.isConnected.value && connection === this.#connections) {
      if (this.#isSeen) await this.#watchStatus();
      await pause(STATUS_MS);
    }
  }

  async #watchStatus(): Promise<void> {
    try {
      await this.#readStatus();
      if (!this.#hasFailed) this.problem.set("");
      if (!this.#isPrepared) void this.#prepare();
    } catch (error) {
      // Klipper may come back with another config.
      this.#isPrepared = false;
      this.#fail(error);
    }
  }

  /** Reads what stays the same until Klipper restarts: the effects, and the config to render here. */
  async #prepare(): Promise<void> {
    const preparation = ++this.#preparations;
    this.#isPrepared = true;
    this.#local = undefined;
    this.#clock = { offset: 0, delay: Infinity };
    try {
      this.effects.set(readEffects(await this.moonraker.call("printer.lumen.effects")));
    } catch (error) {
      this.#isPrepared = false;
      this.#fail(error);
    }
    try {
      const params = { objects: { configfile: ["config"] } };
      const answer = (await this.moonraker.call("printer.objects.query", params)) as {
        status?: { configfile?: { config?: KlipperConfig } };
      };
      const config = answer.status?.configfile?.config;
      const local = config && (await LocalRenderer.create(this.#loadCore, config));
      if (preparation === this.#preparations) this.#local = local;
    } catch {
      // The answers of the printer are enough.
    }
  }

  async #readStatus(): Promise<void> {
    const status = readStatus(await this.moonraker.call("printer.lumen.status"));
    this.status.set(status);
    if (this.#clock.delay < Infinity) {
      this.#local?.follow(this.#now(), status.brightness, status.groups);
    }
    const shown = JSON.stringify([status.state, status.brightness, status.groups]);
    if (shown !== this.#shown) this.#hasChanged = true;
    this.#shown = shown;
    // The next picture may be due earlier now.
    this.#next();
  }

  /** The time of the printer's engine. */
  #now(): number {
    return Math.max(0, performance.now() / 1000 + this.#clock.offset);
  }

  get #isSeen(): boolean {
    return this.isVisible && !document.hidden;
  }

  /** The milliseconds from the begin of a picture to the next one. */
  get #period(): number {
    const fastest = this.#requests * MOVING_MS;
    if (this.#hasFailed) return Math.max(fastest, STATUS_MS);
    if (this.#hasChanged) return fastest;
    const isStill = this.status.value?.moving === false;
    const isLocal = this.lights.length > 0 && this.lights.every((it) => this.isLocal(it.name));
    return isStill || isLocal ? this.#requests * STILL_MS : fastest;
  }

  /** Asks for the next picture when it is due. */
  #next(): void {
    window.clearTimeout(this.#timer);
    const wait = Math.max(0, this.#begun + this.#period - performance.now());
    this.#timer = window.setTimeout(() => void this.#readPixels(), wait);
  }

  async #readPixels(): Promise<void> {
    if (this.#isAsking || !this.#isSeen || !this.moonraker.isConnected.value) return;
    this.#isAsking = true;
    this.#begun = performance.now();
    this.#hasChanged = false;
    try {
      const groups = await this.#pixels();
      this.#hasFailed = false;
      this.#received = performance.now();
      if (groups) this.#take(groups);
      this.#draw();
    } catch (error) {
      this.#hasFailed = true;
      this.#fail(error);
    } finally {
      this.#isAsking = false;
      this.#next();
    }
  }

  /** Returns the pixels of all groups; nothing if the groups have changed between two answers. */
  async #pixels(): Promise<GroupPixels[] | undefined> {
    const groups: GroupPixels[] = [];
    this.#requests = 0;
    for (let from: number | null = 0; from !== null;) {
      if (this.#requests >= BURST) await pause(MOVING_MS);
      const asked = performance.now();
      this.#requests++;
      const sent = await this.moonraker.call("printer.lumen.preview", { first: from });
      const answer = readPreview(sent, from);
      this.#setClock(answer.now, asked);
      this.#local?.compare(answer.drawn, answer.groups);
      for (const { name, pixels, first, rgbw } of answer.groups) {
        if (first === 0) groups.push({ name, rgbw: new Uint8Array(4 * pixels) });
        const group = groups[groups.length - 1];
        if (group?.name !== name || group.rgbw.length !== 4 * pixels) return undefined;
        group.rgbw.set(rgbw, 4 * first);
      }
      from = answer.next;
    }
    return groups;
  }

  /** Notes the time of the engine. The answer with the shortest delay is the most exact. */
  #setClock(now: number, asked: number): void {
    const received = performance.now();
    const offset = now - (asked + received) / 2000;
    const delay = (received - asked) / 1000;
    const { offset: before, delay: best } = this.#clock;
    if (best < Infinity && Math.abs(offset - before) > 1 + delay + best) {
      // Klipper has restarted.
      void this.#prepare();
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
    const isFresh = performance.now() - this.#received < FRESH_MS + this.#period;
    if (local.length > 0 && isFresh && this.status.value?.moving) {
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
    if (!(error instanceof RequestError)) {
      window.reportError(error);
      return;
    }
    const isMissing = /Method not found|404/.test(error.message);
    this.problem.set(
      isMissing ? "This printer has no Lumen, or Klipper has not started." : error.message,
    );
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => window.setTimeout(done, milliseconds));
}
