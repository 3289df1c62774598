/**
 * The answers of Lumen, checked: the page can be older or newer than the Lumen of the printer, and
 * what answers can be another program.
 */

import { RequestError } from "./moonraker.ts";
import type { GroupPart, ShownGroup } from "./renderer.ts";

/** Limits of a printer's config, as in src/limits.rs: pixels of a group, and of all groups. */
const GROUP_PIXELS = 50_000;
const ALL_PIXELS = 12_500_000;

export interface GroupStatus extends ShownGroup {
  source: string;
}

export interface StripStatus {
  health: string;
  error: string | null;
}

/** The answer of `lumen/status`, as far as the page reads it. */
export interface LiveStatus {
  state: string;
  states: string[];
  forced: string | null;
  moving: boolean;
  brightness: number;
  groups: Record<string, GroupStatus>;
  strips: Record<string, StripStatus>;
}

export interface EffectEntry {
  name: string;
  help: string;
}

/** Pixels of a group, and how many it has in all. */
export interface PreviewPart extends GroupPart {
  pixels: number;
}

/** The answer of `lumen/preview`: the pixels of groups, or of parts of them. */
export interface PreviewAnswer {
  /** The time of the engine, and that of the frames. */
  now: number;
  drawn: number;
  groups: PreviewPart[];
  /** The first pixel of the next answer. */
  next: number | null;
}

/** Reads the status. Fails with a RequestError if it is none. */
export function readStatus(answer: unknown): LiveStatus {
  const it = fields(answer);
  return {
    state: text(it["state"]),
    states: list(it["states"]).map(text),
    forced: optional(it["forced"], text),
    moving: it["moving"] === true,
    brightness: number(it["brightness"], 1),
    groups: entries(it["groups"], (group) => ({
      effect: text(group["effect"]),
      source: text(group["source"]),
      brightness: number(group["brightness"], 1),
      run: optional(group["run"], (value) => {
        const run = fields(value);
        return { start: number(run["start"]), seed: text(run["seed"]) };
      }),
    })),
    strips: entries(it["strips"], (strip) => ({
      health: text(strip["health"]),
      error: optional(strip["error"], text),
    })),
  };
}

/** Reads the list of effects. Fails with a RequestError if it is none. */
export function readEffects(answer: unknown): EffectEntry[] {
  return list(fields(answer)["effects"]).map((value) => {
    const it = fields(value);
    return { name: text(it["name"]), help: text(it["help"]) };
  });
}

/** Reads the pixels from `first` on. Fails with a RequestError if they are none. */
export function readPreview(answer: unknown, first: number): PreviewAnswer {
  const it = fields(answer);
  const next = optional(it["next"], (value) => whole(value, ALL_PIXELS));
  if (next !== null && next <= first) throw unexpected();
  return {
    now: number(it["now"]),
    drawn: number(it["drawn"]),
    groups: list(it["groups"]).map(part),
    next,
  };
}

function part(value: unknown): PreviewPart {
  const it = fields(value);
  const pixels = whole(it["pixels"], GROUP_PIXELS);
  const first = whole(it["first"], pixels);
  const rgbw = bytes(text(it["rgbw"]));
  if (rgbw.length % 4 !== 0 || first + rgbw.length / 4 > pixels) throw unexpected();
  return { name: text(it["name"]), pixels, first, rgbw };
}

function unexpected(): RequestError {
  return new RequestError("the answer of the printer is not that of a Lumen of this version");
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected();
  return value as Record<string, unknown>;
}

function entries<T>(value: unknown, read: (it: Record<string, unknown>) => T): Record<string, T> {
  const found = Object.entries(fields(value));
  return Object.fromEntries(found.map(([name, it]) => [name, read(fields(it))]));
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw unexpected();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw unexpected();
  return value;
}

function number(value: unknown, max = Infinity): number {
  if (typeof value !== "number" || !(value >= 0 && value <= max)) throw unexpected();
  return value;
}

function whole(value: unknown, max: number): number {
  const found = number(value, max);
  if (!Number.isInteger(found)) throw unexpected();
  return found;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

function bytes(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    throw unexpected();
  }
}
