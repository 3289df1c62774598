/** The state of the page and what changes it. The components draw it. */

import type { ChangeSpec } from "@codemirror/state";
import {
  outline,
  optionAt,
  sectionAt,
  type OptionNode,
  type SectionNode,
} from "./config/outline.ts";
import type { TextChange } from "./config/edit.ts";
import type { Core, Plan, Problem, Status } from "./core.ts";
import type { ConfigEditor } from "./editor/editor.ts";
import { choosePlaces, type Place, type Pose } from "./scene/printer.ts";
import type { Light, View } from "./scene/stage.ts";
import { JOB_SECONDS, type Overrides, type Travel } from "./sim/job.ts";
import { Simulation } from "./sim/simulation.ts";
import type { ServedFile } from "./served.ts";
import { Signal } from "./store.ts";
import { Catalog } from "./tables.ts";

export type Tab = "config" | "layers" | "gallery" | "printer";

/** The option whose layers the form shows. */
export interface Target {
  section: string;
  option: string;
}

/** How the page starts. */
export interface Start {
  text: string;
  isPlaying: boolean;
  served?: ServedFile | undefined;
}

/** What the time line and the state buttons show. */
export interface Moment {
  time: number;
  status: Status | undefined;
  hotend: number;
  bed: number;
  progress: number;
}

const CHECK_DELAY_MS = 90;
const MOMENT_MS = 80;

export class App {
  readonly text: Signal<string>;
  readonly sections = new Signal<SectionNode[]>([]);
  readonly problems = new Signal<readonly Problem[]>([]);
  readonly plan = new Signal<Plan | undefined>(undefined);
  readonly catalog: Catalog;
  readonly simulation: Simulation;
  readonly isPlaying: Signal<boolean>;
  readonly speed = new Signal(1);
  readonly moment: Signal<Moment>;
  readonly held = new Signal<string | undefined>(undefined);
  readonly overrides = new Signal<Overrides>({});
  readonly target = new Signal<Target>({ section: "", option: "on_idle" });
  readonly tab = new Signal<Tab>("config");
  readonly view = new Signal<View>({ kind: "printer", hasGlow: true, room: 0.25 });
  readonly places = new Signal<Readonly<Record<string, string>>>({});
  readonly message = new Signal<string>("");
  editor: ConfigEditor | undefined;
  /** Draws the current moment; set by the stage. */
  onDraw: () => void = () => {};
  #lights: { light: Light; ranges: { strip: number; first: number; last: number }[] }[] = [];
  #time = 0;
  #checkTimer = 0;
  #momentAt = 0;
  #isDirty = true;
  #messageTimer = 0;
  readonly #served: ServedFile | undefined;

  constructor(simulation: Simulation, { text, isPlaying, served }: Start) {
    this.simulation = simulation;
    this.#served = served;
    this.catalog = new Catalog(simulation.core.tables());
    this.text = new Signal(text);
    this.isPlaying = new Signal(isPlaying);
    this.moment = new Signal(this.#readMoment());
    simulation.onRestart = () => {
      this.say("The engine had an internal fault. It was restarted and goes on.");
      this.#check();
      simulation.moveTo(this.#time);
      this.#isDirty = true;
    };
    this.sections.set(outline(text));
    this.#check();
    this.selectFirst();
    this.places.subscribe(() => this.#setLights());
    this.view.subscribe(() => (this.#isDirty = true));
  }

  static async create(load: () => Promise<Core>, start: Start): Promise<App> {
    return new App(await Simulation.create(load), start);
  }

  /** Called with every change of the text. */
  setText(text: string): void {
    this.text.set(text);
    this.sections.set(outline(text));
    window.clearTimeout(this.#checkTimer);
    this.#checkTimer = window.setTimeout(() => this.#check(), CHECK_DELAY_MS);
  }

  /** Called when the cursor has moved: the form follows it. */
  setCursor(position: number): void {
    const section = sectionAt(this.sections.value, position);
    if (!section) return;
    const option = optionAt(section, position);
    const isState = section.kind === "lumen_group" && option?.name.startsWith("on_");
    const isLook = section.kind === "lumen_effect" && option?.name === "layers";
    if (option && (isState || isLook)) this.select({ section: section.name, option: option.name });
    else if (section.kind === "lumen_group" && section.name !== this.target.value.section) {
      this.select({ section: section.name, option: "on_idle" });
    }
  }

  /** Selects the first group. */
  selectFirst(): void {
    const first = this.sections.value.find((it) => it.kind === "lumen_group");
    if (first) this.target.set({ section: first.name, option: "on_idle" });
  }

  select(target: Target): void {
    const before = this.target.value;
    if (before.section !== target.section || before.option !== target.option) {
      this.target.set(target);
    }
  }

  /** Changes the text; undo takes it back. */
  edit(changes: ChangeSpec, isDrag = false): void {
    this.editor?.change(changes, isDrag);
  }

  section(name: string): SectionNode | undefined {
    return this.sections.value.find((it) => it.name === name);
  }

  option(target: Target): OptionNode | undefined {
    const options = this.section(target.section)?.options.filter((it) => it.name === target.option);
    // Klipper uses the last one.
    return options?.[options.length - 1];
  }

  /**
   * Sets an option: replaces its value, or adds it at the end of its section. `more` are changes
   * of the same step.
   */
  setOption(target: Target, value: string, more: readonly TextChange[] = []): void {
    const option = this.option(target);
    const text = value.startsWith("\n") ? value : ` ${value}`;
    if (option) {
      this.edit([{ from: option.separatorEnd, to: option.value.to, insert: text }, ...more]);
      return;
    }
    const section = this.section(target.section);
    if (!section) return;
    this.edit([{ from: section.contentEnd, insert: `\n${target.option}:${text}` }, ...more]);
  }

  /** Shows a message for some seconds. */
  say(message: string): void {
    this.message.set(message);
    window.clearTimeout(this.#messageTimer);
    this.#messageTimer = window.setTimeout(() => this.message.set(""), 6000);
  }

  get time(): number {
    return this.#time;
  }

  play(isPlaying: boolean): void {
    if (isPlaying && this.#time >= JOB_SECONDS) this.seek(0);
    this.isPlaying.set(isPlaying);
    // The clock shows the last picture.
    this.#isDirty = true;
    this.#momentAt = 0;
  }

  seek(time: number): void {
    this.#time = Math.min(JOB_SECONDS, Math.max(0, time));
    this.simulation.moveTo(this.#time);
    this.#isDirty = true;
    this.#momentAt = 0;
  }

  hold(state: string | undefined): void {
    this.held.set(state);
    this.simulation.hold(state);
    if (!this.isPlaying.value) this.simulation.settle();
    this.#isDirty = true;
  }

  /** Runs a command for the lights; returns why it is refused. */
  command(line: string): string {
    const problem = this.simulation.command(line);
    if (!this.isPlaying.value) this.simulation.settle();
    this.#isDirty = true;
    return problem;
  }

  setOverrides(overrides: Overrides): void {
    this.overrides.set(overrides);
    this.simulation.setOverrides(overrides);
    this.#isDirty = true;
  }

  /** Advances the time by that of a picture, and draws it if anything has changed. */
  frame(now: number, elapsed: number): void {
    if (this.isPlaying.value) {
      // A tab in the background gets no pictures; the job waits for it.
      this.#time += Math.min(0.25, elapsed) * this.speed.value;
      if (this.#time >= JOB_SECONDS) {
        this.#time = 0;
      }
      this.simulation.moveTo(this.#time);
      this.#isDirty = true;
    }
    if (!this.#isDirty) return;
    this.#isDirty = false;
    if (now - this.#momentAt >= MOMENT_MS || !this.isPlaying.value) {
      this.#momentAt = now;
      this.moment.set(this.#readMoment());
    }
    this.onDraw();
  }

  redraw(): void {
    this.#isDirty = true;
  }

  pose(): Pose {
    const { place, progress } = this.simulation.reading();
    return { x: place[0], y: place[1], progress };
  }

  /** Returns the groups with their colors of this moment. */
  lights(): Light[] {
    const { simulation } = this;
    const plan = this.plan.value;
    if (!plan) return [];
    const frames = plan.strips.map((_, strip) => simulation.pixels(strip).slice());
    for (const { light, ranges } of this.#lights) {
      let to = 0;
      for (const { strip, first, last } of ranges) {
        const step = first <= last ? 1 : -1;
        const frame = frames[strip];
        for (let pixel = first; pixel !== last + step; pixel += step, to += 3) {
          light.pixels[to] = frame?.[pixel * 3] ?? 0;
          light.pixels[to + 1] = frame?.[pixel * 3 + 1] ?? 0;
          light.pixels[to + 2] = frame?.[pixel * 3 + 2] ?? 0;
        }
      }
    }
    const groups = this.moment.value.status?.groups;
    this.#lights.forEach(({ light }, index) => (light.effect = groups?.[index]?.effect ?? ""));
    return this.#lights.map((it) => it.light);
  }

  get lightPlaces(): { name: string; place: Place; isCovered: boolean }[] {
    return this.#lights.map(({ light }) => light);
  }

  #readMoment(): Moment {
    const { hotend, bed, progress } = this.simulation.reading();
    return { time: this.#time, status: this.simulation.status(), hotend, bed, progress };
  }

  #check(): void {
    const config = this.#served?.withText(this.text.value) ?? this.text.value;
    const checked = this.simulation.load(config, this.#travel());
    // Only those of the editor's file have a line in it.
    const name = this.#served?.name.value ?? "printer.cfg";
    const problems = checked.problems.map((it) =>
      it.file === name
        ? it
        : { ...it, file: it.line ? `${it.file}:${it.line}` : it.file, line: null },
    );
    this.problems.set(problems);
    this.editor?.setProblems(problems);
    if (checked.plan) {
      this.catalog.setPlan(checked.plan);
      this.plan.set(checked.plan);
      this.#setLights();
      this.simulation.moveTo(this.#time);
      if (this.isPlaying.value) this.simulation.refresh();
      else this.simulation.settle();
      this.#isDirty = true;
    }
  }

  /** Checks now what was typed. */
  checkNow(): void {
    window.clearTimeout(this.#checkTimer);
    this.#check();
  }

  #setLights(): void {
    const plan = this.plan.value;
    if (!plan) return;
    const strips = new Map(plan.strips.map((it, index) => [it.name, index]));
    const places = choosePlaces(plan.groups, this.places.value);
    const shown = new Set<string>();
    for (const group of plan.groups) {
      if (!group.over.length) pixelNames(group).forEach((it) => shown.add(it));
    }
    this.#lights = plan.groups.map((group) => ({
      ranges: group.pixels.map(({ strip, first, last }) => ({
        strip: strips.get(strip) ?? 0,
        first,
        last,
      })),
      light: {
        name: group.name,
        place: places.get(group.name) ?? "top",
        count: group.count,
        pixels: new Uint8Array(group.count * 3),
        effect: "",
        isCovered: group.over.length > 0 && pixelNames(group).every((it) => shown.has(it)),
      },
    }));
    this.#isDirty = true;
  }

  /** The travel of the axes, from the config if it has them. */
  #travel(): Travel {
    const value = (section: string, option: string) => {
      const found = this.option({ section, option });
      const number = found && Number(this.text.value.slice(found.value.from, found.value.to));
      return number && Number.isFinite(number) && number > 0 ? number : undefined;
    };
    const axis = (name: string) =>
      value("lumen", `bed_${name}_max`) ?? value(`stepper_${name}`, "position_max") ?? 200;
    return [axis("x"), axis("y"), 200];
  }
}

/** Returns a name for each pixel of a group. */
function pixelNames(group: Plan["groups"][number]): string[] {
  return group.pixels.flatMap(({ strip, first, last }) => {
    const from = Math.min(first, last);
    return Array.from({ length: Math.abs(last - first) + 1 }, (_, at) => `${strip} ${from + at}`);
  });
}
