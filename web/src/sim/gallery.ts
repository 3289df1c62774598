/** All effects, looks and palettes on a printer of their own, which heats up and prints. */

import { looks } from "virtual:lumen-documents";
import type { Core, Tables } from "../core.ts";
import { ENDSTOPS } from "./job.ts";

/** Number of pixels that show a card. */
export const PIXELS = 24;
/** Steps per second. */
export const FPS = 30;
/** The printer of the gallery heats up and prints in this time. */
export const LOOP_S = 8;

export interface Card {
  kind: "effect" | "palette" | "look";
  name: string;
  /** The line of the config. */
  line: string;
  help: string;
  /** The sections that the line needs. */
  sections?: string;
}

export function cardsOf(tables: Tables): Card[] {
  const helps = new Map(tables.effects.map((it) => [it.name, it.help]));
  return [
    ...tables.pictures.map(({ effect, text }): Card => ({
      kind: "effect",
      name: effect,
      line: text,
      help: helps.get(effect) ?? "",
    })),
    ...looks.map(({ name, help, config }): Card => ({
      kind: "look",
      name,
      line: name,
      help,
      sections: config,
    })),
    ...tables.palettes.map(({ name, colors }): Card => ({
      kind: "palette",
      name,
      line: `gradient palette=${name}`,
      help: colors.map((it) => it.color).join(", "),
    })),
  ];
}

/** Returns a config with a group for each card. */
function configOf(cards: readonly Card[]): string {
  const parts = ["[lumen]\nfade: 0\n\n[extruder]\n[heater_bed]\n[printer]\n"];
  const axes = ["x", "y", "z"].map((it) => `[stepper_${it}]\nposition_max: 200\n`);
  parts.push(...axes);
  cards.forEach((card, index) => {
    if (card.sections) parts.push(`${card.sections}\n`);
    parts.push(`[lumen_strip s${index}]\ndriver: memory\ncount: ${PIXELS}\n`);
    parts.push(`[lumen_group g${index}]\nstrip: s${index}\non_idle: ${card.line}\n`);
  });
  return parts.join("\n");
}

/** Shows cards on a core, step by step. The same steps give the same light. */
export class GalleryRun {
  readonly #core: Core;
  #step = 0;

  constructor(core: Core, cards: readonly Card[]) {
    this.#core = core;
    const { plan, problems } = core.load(configOf(cards));
    if (!plan) throw new Error(problems[0]?.message ?? "the gallery has no plan");
    core.restart(1);
    core.event(0, { event: "ready" });
    core.command(0, "LUMEN_STATE STATE=idle");
    // Enough steps for a good first picture, also if nothing moves.
    for (let step = 0; step < FPS; step++) this.next();
  }

  next(): void {
    const time = this.#step / FPS;
    const part = (time % LOOP_S) / LOOP_S;
    const sweep = 0.5 - 0.5 * Math.cos(part * 4 * Math.PI);
    if (this.#step % 8 === 0) {
      this.#core.sample(time, {
        progress: part,
        position: [200 * sweep, 200 * sweep, 200 * part],
        sources: {
          extruder: { temperature: 25 + 185 * part, target: 210 },
          heater_bed: { temperature: 25 + 35 * part, target: 60 },
        },
      });
    }
    if (this.#step % Math.round(1.2 * FPS) === 0) {
      this.#core.event(time, { event: "trigger", endstops: ENDSTOPS });
    }
    this.#core.render(time);
    this.#step++;
  }

  /** Draws the pixels of a card into a box. */
  draw(
    context: CanvasRenderingContext2D,
    card: number,
    { x, y, width, height }: { x: number; y: number; width: number; height: number },
  ): void {
    const pixels = this.#core.pixels(card);
    const pitch = width / PIXELS;
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const [red, green, blue] = pixels.subarray(pixel * 3, pixel * 3 + 3);
      context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
      context.beginPath();
      context.roundRect(x + pixel * pitch + 0.75, y, pitch - 1.5, height, 3);
      context.fill();
    }
  }
}
