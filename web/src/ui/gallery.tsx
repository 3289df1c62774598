/** All effects, palettes and named looks, moving. A press puts one into the config. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { looks } from "virtual:lumen-documents";
import type { App } from "../app.ts";
import { screenCss, hexLight } from "../config/color.ts";
import { layersOf, layersText } from "../config/layers.ts";
import { setPalette } from "../config/edit.ts";
import { CoreStopped, type Core } from "../core.ts";
import { ENDSTOPS } from "../sim/job.ts";
import { useSignal } from "../store.ts";
import { Icon } from "./icons.tsx";

const PIXELS = 24;
const FPS = 30;
/** The printer of the gallery heats up and prints in this time. */
const LOOP_S = 8;

interface Card {
  kind: "effect" | "palette" | "look";
  name: string;
  /** The line of the config. */
  line: string;
  help: string;
  /** The sections that the line needs. */
  sections?: string;
}

function cardsOf(app: App): Card[] {
  const { tables } = app.catalog;
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

const GROUPS = [
  ["effect", "Effects"],
  ["look", "Looks"],
  ["palette", "Palettes"],
] as const;

export function Gallery({ app, load }: { app: App; load: () => Promise<Core> }) {
  const isPlaying = useSignal(app.isPlaying);
  const target = useSignal(app.target);
  const cards = useMemo(() => cardsOf(app), [app]);
  const [filter, setFilter] = useState("");
  const root = useRef<HTMLDivElement>(null);
  const player = useRef<GalleryPlayer | undefined>(undefined);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const created = new GalleryPlayer(element, cards, load);
    player.current = created;
    void created.start();
    return () => created.stop();
  }, [cards, load]);
  useEffect(() => {
    if (player.current) player.current.isPlaying = isPlaying;
  }, [isPlaying, cards]);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const isShown = (card: Card) =>
    words.every((it) => `${card.name} ${card.line} ${card.help}`.toLowerCase().includes(it));
  const place = target.section
    ? `${target.section.replace(/^lumen_\w+ /, "")}, ${target.option}`
    : "the config";
  return (
    <div class="gallery" ref={root}>
      <div class="gallery-head">
        <input
          type="search"
          placeholder="Find an effect, a look, a palette"
          aria-label="Find in the gallery"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <p class="hint">A press sets {place}.</p>
      </div>
      {GROUPS.map(([kind, title]) => (
        <section key={kind} aria-label={title}>
          <h3>{title}</h3>
          <ul class="cards">
            {cards.map((card, index) =>
              card.kind === kind ? (
                <li key={card.name} hidden={!isShown(card)}>
                  <button
                    type="button"
                    class="card"
                    data-card={card.name}
                    title={card.help}
                    onClick={() => insert(app, card)}
                  >
                    <canvas data-index={index} width={PIXELS * 10} height={18} />
                    <span class="card-name">{card.name}</span>
                    {card.kind === "palette" ? (
                      <span class="stops" style={{ background: stops(app, card.name) }} />
                    ) : (
                      <code>{card.kind === "effect" ? card.line : ""}</code>
                    )}
                  </button>
                  <button
                    type="button"
                    class="small copy"
                    aria-label={`Copy ${card.name}`}
                    onClick={() => void copy(app, card)}
                  >
                    <Icon name="copy" />
                  </button>
                </li>
              ) : null,
            )}
          </ul>
        </section>
      ))}
    </div>
  );
}

function stops(app: App, name: string): string {
  const colors = app.catalog.tables.palettes.find((it) => it.name === name)?.colors ?? [];
  const parts = colors.map(
    ({ color, place }) => `${screenCss(hexLight(color))} ${Math.round(100 * place)}%`,
  );
  return parts.length > 1 ? `linear-gradient(90deg, ${parts.join(", ")})` : "";
}

async function copy(app: App, card: Card): Promise<void> {
  const text = card.sections ?? (card.kind === "palette" ? `palette=${card.name}` : card.line);
  try {
    await navigator.clipboard.writeText(text);
    app.say(`Copied: ${text.split("\n")[0]}`);
  } catch {
    app.say("The browser does not allow copying here.");
  }
}

function insert(app: App, card: Card): void {
  const { target } = app;
  const { section, option } = target.value;
  if (!app.section(section)) {
    app.say("Choose a group first.");
    return;
  }
  if (card.kind === "palette") {
    const found = app.option(target.value);
    const layer = found && layersOf(app.text.value, found, app.catalog.colorNames)[0];
    const table = layer && app.catalog.effect(layer.effect.text);
    if (layer && table?.options.some((it) => it.name === "palette")) {
      app.edit(setPalette(layer, card.name));
      return;
    }
  }
  const more = [];
  if (card.sections && !app.section(`lumen_effect ${card.name}`)) {
    const gap = app.text.value.endsWith("\n") ? "\n" : "\n\n";
    more.push({ from: app.text.value.length, insert: `${gap}${card.sections}\n` });
  }
  app.setOption(target.value, layersText([card.line]), more);
  app.say(`${option} in [${section}]: ${card.line}`);
}

/** Runs the effects of the gallery on a core of their own, and draws those that are visible. */
class GalleryPlayer {
  isPlaying = true;
  readonly #root: HTMLElement;
  readonly #cards: readonly Card[];
  readonly #load: () => Promise<Core>;
  readonly #visible = new Set<HTMLCanvasElement>();
  #core: Core | undefined;
  #step = 0;
  #frame = 0;
  #drawnAt = 0;
  #observer: IntersectionObserver | undefined;
  #isStopped = false;

  constructor(root: HTMLElement, cards: readonly Card[], load: () => Promise<Core>) {
    this.#root = root;
    this.#cards = cards;
    this.#load = load;
  }

  async start(): Promise<void> {
    this.#core = await this.#load();
    if (this.#isStopped) return;
    const { plan, problems } = this.#core.load(configOf(this.#cards));
    if (!plan) throw new Error(problems[0]?.message ?? "the gallery has no plan");
    this.#core.restart(1);
    this.#core.event(0, { event: "ready" });
    this.#core.command(0, "LUMEN_STATE STATE=idle");
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#visible.add(target as HTMLCanvasElement);
        else this.#visible.delete(target as HTMLCanvasElement);
      }
    });
    for (const canvas of this.#root.querySelectorAll("canvas")) this.#observer.observe(canvas);
    // Enough steps for a good first picture, also if nothing moves.
    for (let step = 0; step < FPS; step++) this.#next();
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  stop(): void {
    this.#isStopped = true;
    this.#observer?.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #next(): void {
    const core = this.#core;
    if (!core) return;
    const time = this.#step / FPS;
    const part = (time % LOOP_S) / LOOP_S;
    const sweep = 0.5 - 0.5 * Math.cos(part * 4 * Math.PI);
    if (this.#step % 8 === 0) {
      core.sample(time, {
        progress: part,
        position: [200 * sweep, 200 * sweep, 200 * part],
        sources: {
          extruder: { temperature: 25 + 185 * part, target: 210 },
          heater_bed: { temperature: 25 + 35 * part, target: 60 },
        },
      });
    }
    if (this.#step % Math.round(1.2 * FPS) === 0) {
      core.event(time, { event: "trigger", endstops: ENDSTOPS });
    }
    core.render(time);
    this.#step++;
  }

  #draw(now: number): void {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    if (now - this.#drawnAt < 1000 / FPS - 4 || !this.#visible.size) return;
    this.#drawnAt = now;
    try {
      if (this.isPlaying) this.#next();
      for (const canvas of this.#visible) this.#drawCard(canvas);
    } catch (error) {
      if (!(error instanceof CoreStopped)) throw error;
      this.stop();
      this.#isStopped = false;
      this.#step = 0;
      void this.start();
    }
  }

  #drawCard(canvas: HTMLCanvasElement): void {
    const context = canvas.getContext("2d");
    const pixels = this.#core?.pixels(Number(canvas.dataset["index"]));
    if (!context || !pixels) return;
    const pitch = canvas.width / PIXELS;
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const [red, green, blue] = pixels.subarray(pixel * 3, pixel * 3 + 3);
      context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
      context.beginPath();
      context.roundRect(pixel * pitch + 0.75, 3, pitch - 1.5, canvas.height - 6, 3);
      context.fill();
    }
  }
}
