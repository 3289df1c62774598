/**
 * Lumen's core in WebAssembly: config text, events, samples and time in; problems and frames out.
 *
 * It is the Rust code of the printer, without its outputs. It works in browsers and in Node, and
 * has no clock: all times are seconds from `load` or `restart`, and never go back.
 *
 * A call throws an `Error` with a message for the user if its arguments are wrong. After a fault in
 * the core every call throws `CoreStopped`; then create a new core.
 */

/** The core has stopped after an internal fault. */
export class CoreStopped extends Error {
  override name = "CoreStopped";
}

/** The files of a config by path. The first is read, with the files that it includes. */
export type ConfigFiles = { first: string; files: Record<string, string> };

export type Severity = "error" | "warning" | "note";

/** What is wrong with a config, or may be. */
export interface Problem {
  file: string;
  /** From 1; `null` if it concerns no line. */
  line: number | null;
  section: string | null;
  option: string | null;
  message: string;
  /** The word that the message suggests, if it does. */
  suggestion: string | null;
  severity: Severity;
}

/** A range of pixels, backward if `first` is above `last`. Numbers start at 0. */
export interface PixelRange {
  strip: string;
  first: number;
  last: number;
}

export interface PlanStrip {
  name: string;
  /** Number of pixels. */
  count: number;
  /** Order of the channels, such as `GRB`. */
  order: string;
  has_white: boolean;
  max_current_ma: number | null;
}

/** What a group shows in a state. */
export interface Scene {
  effect: string;
  /** The layers, the highest first. */
  layers: string[];
  /** Duration of the cross-fade, in seconds. */
  fade: number;
  /** Whether the config has no effect for the state. */
  is_built_in: boolean;
}

export interface PlanGroup {
  name: string;
  /** The pixels in drawing order. */
  pixels: PixelRange[];
  /** Number of pixels. */
  count: number;
  brightness: number;
  /** Names of the groups that it covers. */
  over: string[];
  /** What it shows in states that are not in `states`. */
  unmapped: "default" | "keep" | "off";
  states: Record<string, Scene>;
}

/** A config without errors. */
export interface Plan {
  strips: PlanStrip[];
  groups: PlanGroup[];
  custom_states: string[];
  /** Full names of the heaters and sensors that are used. */
  sources: string[];
  filament_sensors: string[];
  wants_position: boolean;
  wants_progress: boolean;
  /** Frames per second while an effect moves. */
  fps: number;
  max_current_ma: number | null;
  /** The effects that the config adds or changes. */
  effects: ConfigEffect[];
  /** The palettes that the config adds. */
  palettes: PaletteTable[];
  /** Macros that show as a state, by the name of the state. */
  macros: Record<string, string[]>;
}

/** An effect that the config adds or changes. */
export interface ConfigEffect {
  name: string;
  /** The built-in effect that it is a variant of; `layers` if it is several effects. */
  effect: string;
  options: Record<string, string>;
  show: boolean;
  groups: string[];
}

export interface Checked {
  /** Errors first, then in the order of the lines. */
  problems: Problem[];
  /** `undefined` if there is an error. */
  plan?: Plan;
}

export type ValueKind =
  | "number"
  | "count"
  | "color"
  | "colors"
  | "palette"
  | "axis"
  | "source"
  | "endstops"
  | "bool"
  | "choice"
  | "pixels"
  | "list"
  | "text"
  | "effect";

export interface OptionTable {
  name: string;
  /** Shorter name, if it has one. */
  short?: string | null;
  kind: ValueKind;
  unit: string | null;
  /** As written in a config; `null` if it is unset by default. */
  default: string | null;
  above?: number;
  min?: number;
  max?: number;
  choices?: string[];
  /** The drivers that use it; all if it is missing. */
  drivers?: string[];
  help: string;
  /** For an option without effect: the message that follows its name. */
  obsolete?: string;
}

export interface EffectTable {
  name: string;
  help: string;
  /** Names of similar effects in other programs; a config cannot use them. */
  synonyms: string[];
  arguments: EffectArguments;
  /** The color that represents it with its defaults, as RRGGBB. */
  color: string;
  /** `pulse [COLOR ...] [OPTION=VALUE ...]` */
  usage: string;
  options: OptionTable[];
}

/** The values of an effect that are written without the name of an option, in this order. */
export interface EffectArguments {
  /** Whether the position of the group in a ring of groups comes first. */
  ring: boolean;
  /** The option that a heater or sensor sets. */
  source: string | null;
  /** The options that colors set: one that takes all of them, or one for each color. */
  colors: string[];
  /** The options that numbers set, for each possible count of numbers. */
  numbers: string[][];
  /** The option that an axis sets. */
  axis: string | null;
}

/** A command for `Core.command`. */
export interface CommandTable {
  name: string;
  help: string;
  parameters: string[];
}

export interface PaletteTable {
  name: string;
  /** The colors as RRGGBB, with their places from 0 to 1. */
  colors: { color: string; place: number }[];
}

export interface BlendTable {
  name: string;
  help: string;
  formula: string;
  led_effect: string | null;
}

export interface StateTable {
  name: string;
  help: string;
  /** The effect of a group without `on_...` options. */
  default: string;
}

export interface SectionTable {
  /** The header without the brackets, such as `lumen_group NAME`. */
  name: string;
  help: string;
  options: OptionTable[];
}

/** Everything that is the same for all configs. */
export interface Tables {
  sections: SectionTable[];
  /** Highest priority first. */
  states: StateTable[];
  effects: EffectTable[];
  /** The options that every effect takes. */
  effect_options: OptionTable[];
  /** The options of every layer, and of all layers together: `fade` and `duration`. */
  layer_options: OptionTable[];
  /** A good example of each effect, and how long it should play. */
  pictures: { effect: string; text: string; length_s: number }[];
  palettes: PaletteTable[];
  blends: BlendTable[];
  /** RRGGBB by name. */
  colors: Record<string, string>;
  /** The commands that a core takes. */
  commands: CommandTable[];
}

/** An event of the printer. */
export type PrinterEvent =
  | { event: "ready" | "link_lost" | "link_found" | "command_error" | "activity" }
  | { event: "shutdown"; message?: string }
  | { event: "begin"; operation: number; state: string }
  | { event: "end"; operation: number }
  | { event: "trigger"; endstops: string };

/** What a heater or sensor measures, in degrees Celsius; a sensor has no target. */
export interface SourceReading {
  temperature?: number | null;
  /** 0 for a heater that is off. */
  target?: number | null;
}

/** What a filament sensor detects; both are true if they are missing. */
export interface SensorReading {
  enabled?: boolean;
  filament_detected?: boolean;
}

/** What a printer measures, in the terms of Klipper's objects. What is missing is empty or false. */
export interface PrinterSample {
  /** `print_stats.state` */
  job?: "standby" | "printing" | "paused" | "complete" | "cancelled" | "error";
  message?: string;
  filament_used?: number;
  is_paused?: boolean;
  is_commanded?: boolean;
  velocity?: number;
  extruder_velocity?: number;
  /** x, y and z in mm. */
  position?: number[];
  manual_probe?: boolean;
  bed_screws?: boolean;
  taking_frame?: boolean;
  /** By full name; a sensor that is missing detects filament. */
  filament?: Record<string, SensorReading>;
  /** 0 to 1. */
  progress?: number | null;
  file_progress?: number | null;
  /** By full name; those that the config does not use are ignored. */
  sources?: Record<string, SourceReading>;
}

export interface GroupStatus {
  name: string;
  effect: string;
  /** The layers, the highest first. */
  layers: string[];
  /** What requested the effect. */
  source: "state" | "command";
  /** A color that represents the effect, as RRGGBB. */
  color: string;
  brightness: number;
}

/** What a group of a printer shows, as in the answer of `lumen/status`. */
export interface GroupRun {
  group: string;
  effect: string;
  /** When it started, in seconds of the printer's engine. */
  start: number;
  /** A number of 64 bits. */
  seed: string;
}

/** What is shown and why. */
export interface Status {
  time: number;
  /** The shown state. */
  state: string;
  /** All active states, highest priority first. */
  states: string[];
  forced: string | null;
  brightness: number;
  /** Full names of the heaters and sensors that the config and the commands follow. */
  sources: string[];
  groups: GroupStatus[];
  strips: { name: string; current_ma: number; is_limited: boolean }[];
}

interface Exports {
  memory: WebAssembly.Memory;
  lumen_input(length: number): number;
  lumen_output(): number;
  lumen_output_length(): number;
  lumen_tables(): void;
  lumen_check(): void;
  lumen_load(): void;
  lumen_restart(seed: number): void;
  lumen_event(seconds: number): void;
  lumen_sample(seconds: number): void;
  lumen_command(seconds: number): void;
  lumen_resume(seconds: number): void;
  lumen_render(seconds: number): number;
  lumen_pixels(strip: number): number;
  lumen_bytes(strip: number): number;
  lumen_levels(strip: number): number;
  lumen_status(): void;
}

const FIRST = "printer.cfg";

export class Core {
  readonly #exports: Exports;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #hasStopped = false;

  private constructor(instance: WebAssembly.Instance) {
    this.#exports = instance.exports as unknown as Exports;
  }

  /** Loads the core from a URL, from its bytes, or from a module that was compiled before. */
  static async load(source: string | URL | BufferSource | WebAssembly.Module): Promise<Core> {
    return new Core(await WebAssembly.instantiate(await Core.compile(source), {}));
  }

  /** Compiles the core, so that several can be created without loading it again. */
  static async compile(
    source: string | URL | BufferSource | WebAssembly.Module,
  ): Promise<WebAssembly.Module> {
    if (source instanceof WebAssembly.Module) return source;
    if (typeof source !== "string" && !(source instanceof URL)) {
      return WebAssembly.compile(source);
    }
    const response = await fetch(source);
    if (!response.ok) throw new Error(`cannot load ${source}: ${response.status}`);
    // A server may send another type than application/wasm, so this does not stream.
    return WebAssembly.compile(await response.arrayBuffer());
  }

  /** Whether the core has stopped after an internal fault. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Returns everything that is the same for all configs. */
  tables(): Tables {
    return this.#call((core) => core.lumen_tables()) as Tables;
  }

  /** Checks a config: the text of one file, or several files. */
  check(config: string | ConfigFiles): Checked {
    return this.#call((core) => core.lumen_check(), files(config)) as Checked;
  }

  /** As `check`; a config without an error replaces what runs, as a reload does. */
  load(config: string | ConfigFiles): Checked {
    return this.#call((core) => core.lumen_load(), files(config)) as Checked;
  }

  /** Starts the running config again at time 0. The same seed gives the same frames. */
  restart(seed = 0): void {
    this.#call((core) => core.lumen_restart(seed));
  }

  /** Handles an event of the printer. */
  event(t: number, event: PrinterEvent): void {
    this.#call((core) => core.lumen_event(t), event);
  }

  /** Handles a sample of the printer. A printer is sampled about four times a second. */
  sample(t: number, sample: PrinterSample): void {
    this.#call((core) => core.lumen_sample(t), sample);
  }

  /**
   * Runs a command for the lights, such as `LUMEN_SET GROUP=case EFFECT="pulse red"`. Returns why it
   * is refused; an empty text if it is not. Commands are those of `tables().commands`.
   */
  command(t: number, line: string): string {
    try {
      this.#call((core) => core.lumen_command(t), line);
      return "";
    } catch (error) {
      if (error instanceof CoreStopped || !(error instanceof Error)) throw error;
      return error.message;
    }
  }

  /**
   * Shows on a group what a printer with the same config shows. It looks the same from then on if
   * the effect depends only on its start, its seed and the time.
   */
  resume(t: number, run: GroupRun): void {
    this.#call((core) => core.lumen_resume(t), run);
  }

  /**
   * Renders all frames. Returns when they will next change if nothing happens until then: `t` if
   * every frame differs, `Infinity` if none will.
   */
  render(t: number): number {
    const next = this.#run((core) => core.lumen_render(t));
    if (Number.isNaN(next)) this.#answer();
    return next;
  }

  /**
   * Returns the last frame of a strip for a screen: red, green and blue in sRGB, three bytes a
   * pixel. The light of the white LED is added. The array is valid until the next call.
   */
  pixels(strip: number): Uint8Array {
    const index = stripIndex(strip);
    if (this.#run((core) => core.lumen_pixels(index)) === 0) this.#answer();
    return this.#output();
  }

  /**
   * Returns the last frame of a strip as its LEDs receive it. The array is valid until the next
   * call.
   */
  bytes(strip: number): Uint8Array {
    const index = stripIndex(strip);
    if (this.#run((core) => core.lumen_bytes(index)) === 0) this.#answer();
    return this.#output();
  }

  /**
   * Returns the levels of a strip's LEDs in the last frame: red, green, blue and white of each pixel.
   * The array is valid until the next call.
   */
  levels(strip: number): Uint8Array {
    const index = stripIndex(strip);
    if (this.#run((core) => core.lumen_levels(index)) === 0) this.#answer();
    return this.#output();
  }

  /** Returns what is shown and why. */
  status(): Status {
    return this.#call((core) => core.lumen_status()) as Status;
  }

  #call(method: (core: Exports) => void, argument?: unknown): unknown {
    if (argument !== undefined) this.#write(this.#encoder.encode(json(argument)));
    this.#run(method);
    return this.#answer();
  }

  #write(bytes: Uint8Array): void {
    const input = this.#run((core) => core.lumen_input(bytes.length));
    if (input === 0) throw new Error("the text is too long");
    new Uint8Array(this.#exports.memory.buffer, input, bytes.length).set(bytes);
  }

  #answer(): unknown {
    const answer = JSON.parse(this.#decoder.decode(this.#output())) as
      { ok: unknown } | { error: string };
    if ("error" in answer) throw new Error(answer.error);
    return answer.ok;
  }

  #output(): Uint8Array {
    const length = this.#run((core) => core.lumen_output_length());
    const output = this.#run((core) => core.lumen_output());
    return new Uint8Array(this.#exports.memory.buffer, output, length);
  }

  #run<T>(method: (core: Exports) => T): T {
    if (this.#hasStopped) throw new CoreStopped("the core has stopped");
    try {
      return method(this.#exports);
    } catch (error) {
      this.#hasStopped = true;
      throw new CoreStopped("the core has stopped", { cause: error });
    }
  }
}

/** WebAssembly would take any number for an index. */
function stripIndex(strip: number): number {
  if (Number.isInteger(strip) && strip >= 0 && strip < 2 ** 32) return strip;
  throw new Error(`unknown strip ${strip}`);
}

/** Half of a surrogate pair is no character, so the core cannot read it. */
function json(argument: unknown): string {
  return JSON.stringify(argument, (_, value: unknown) =>
    typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value,
  );
}

function files(config: string | ConfigFiles): ConfigFiles {
  if (typeof config !== "string") return config;
  return { first: FIRST, files: { [FIRST]: config } };
}
