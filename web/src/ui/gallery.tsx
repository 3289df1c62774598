/** All effects, palettes and named looks, moving. A press puts one into the config. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { App } from "../app.ts";
import { screenCss, hexLight } from "../config/color.ts";
import { layersOf, layersText } from "../config/layers.ts";
import { setPalette } from "../config/edit.ts";
import { CoreStopped, type Core } from "../core.ts";
import { FPS, GalleryRun, PIXELS, cardsOf, type Card } from "../sim/gallery.ts";
import { useSignal } from "../store.ts";
import { Icon } from "./icons.tsx";

const GROUPS = [
  ["effect", "Effects"],
  ["look", "Looks"],
  ["palette", "Palettes"],
] as const;

export function Gallery({ app, load }: { app: App; load: () => Promise<Core> }) {
  const isPlaying = useSignal(app.isPlaying);
  const target = useSignal(app.target);
  const cards = useMemo(() => cardsOf(app.catalog.tables), [app]);
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
  #run: GalleryRun | undefined;
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
    const core = await this.#load();
    if (this.#isStopped) return;
    this.#run = new GalleryRun(core, this.#cards);
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#visible.add(target as HTMLCanvasElement);
        else this.#visible.delete(target as HTMLCanvasElement);
      }
    });
    for (const canvas of this.#root.querySelectorAll("canvas")) this.#observer.observe(canvas);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  stop(): void {
    this.#isStopped = true;
    this.#observer?.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #draw(now: number): void {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    if (now - this.#drawnAt < 1000 / FPS - 4 || !this.#visible.size) return;
    this.#drawnAt = now;
    try {
      if (this.isPlaying) this.#run?.next();
      for (const canvas of this.#visible) this.#drawCard(canvas);
    } catch (error) {
      if (!(error instanceof CoreStopped)) throw error;
      this.stop();
      this.#isStopped = false;
      void this.start();
    }
  }

  #drawCard(canvas: HTMLCanvasElement): void {
    const context = canvas.getContext("2d");
    if (!context) return;
    const { width, height } = canvas;
    context.clearRect(0, 0, width, height);
    const box = { x: 0, y: 3, width, height: height - 6 };
    this.#run?.draw(context, Number(canvas.dataset["index"]), box);
  }
}
