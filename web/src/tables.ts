/** The core's tables, with the look-ups that the editor and the forms need. */

import type { EffectTable, OptionTable, Plan, SectionTable, StateTable, Tables } from "./core.ts";

export class Catalog {
  readonly tables: Tables;
  readonly effects: ReadonlyMap<string, EffectTable>;
  readonly colors: ReadonlyMap<string, string>;
  readonly colorNames: ReadonlySet<string>;
  readonly states: readonly StateTable[];
  readonly layerOptions: readonly OptionTable[];
  /** The effects and palettes of the config, by name. */
  #custom = new Map<string, string>();
  #palettes: string[] = [];
  #customStates: readonly string[] = [];

  constructor(tables: Tables) {
    this.tables = tables;
    this.effects = new Map(tables.effects.map((it) => [it.name, it]));
    this.colors = new Map(Object.entries(tables.colors));
    this.colorNames = new Set(this.colors.keys());
    this.states = tables.states;
    // A config has no duration: the state ends the effect.
    this.layerOptions = tables.layer_options.filter((it) => it.name !== "duration");
  }

  /** Adds what a config defines. */
  setPlan(plan: Plan): void {
    this.#custom = new Map(plan.effects.map((it) => [it.name, it.effect]));
    this.#palettes = plan.palettes.map((it) => it.name);
    this.#customStates = plan.custom_states;
  }

  get paletteNames(): string[] {
    return [...new Set([...this.#palettes, ...this.tables.palettes.map((it) => it.name)])];
  }

  /** The names of all states, also those of the config. */
  get stateNames(): string[] {
    return [...this.states.map((it) => it.name), ...this.#customStates];
  }

  /** The names of all effects, also those of the config. */
  get effectNames(): string[] {
    return [...new Set([...this.effects.keys(), ...this.#custom.keys()])];
  }

  get customEffectNames(): string[] {
    return [...this.#custom.keys()].filter((it) => !this.effects.has(it));
  }

  /** Returns the table of an effect, or of the effect that it is a variant of. */
  effect(name: string): EffectTable | undefined {
    const lower = name.toLowerCase();
    return this.effects.get(lower) ?? this.effects.get(this.#custom.get(lower) ?? "");
  }

  section(kind: string): SectionTable | undefined {
    return this.tables.sections.find((it) => it.name.split(" ")[0] === kind);
  }

  /** Returns all options of a section: those of its table, those of states, those of effects. */
  sectionOptions(kind: string, effect: string | undefined): OptionTable[] {
    const options = (this.section(kind)?.options ?? []).filter((it) => !it.name.includes("STATE"));
    if (kind !== "lumen_effect") return options;
    return [
      ...options,
      ...(this.effect(effect ?? "")?.options ?? []),
      ...this.tables.effect_options,
    ];
  }

  isStateOption(name: string): boolean {
    return name.startsWith("on_") && this.stateNames.includes(name.slice(3));
  }
}
