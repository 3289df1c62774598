/**
 * Runs a job on the core, on a fixed grid of times.
 *
 * Every time has the same pixels, however it was reached: by playing, or by running all steps again
 * from the start.
 */

import {
  CoreStopped,
  type Checked,
  type ConfigFiles,
  type Core,
  type Plan,
  type Status,
} from "../core.ts";
import {
  ENDSTOPS,
  JOB,
  JOB_SECONDS,
  momentAt,
  readingAt,
  type Overrides,
  type Reading,
  type Travel,
} from "./job.ts";

/** Steps of a second. */
export const STEPS = 60;
/** A sample is sent with this many steps between them. */
const SAMPLE_STEPS = 15;
const SEED = 1;
/** The longest time that is skipped to reach a state, and the length of its steps. */
const SKIP_LIMIT_S = 20_000;
const SKIP_STEP_S = 20;
/** Longer than the default cross-fade. */
const SETTLE_S = 1.5;

export class Simulation {
  #core: Core;
  readonly #load: () => Promise<Core>;
  #config: string | ConfigFiles = "";
  #plan: Plan | undefined;
  /** The last step that was rendered; -1 before the first. */
  #step = -1;
  /** Seconds of the core's time that the time line has skipped. */
  #skipped = 0;
  #overrides: Overrides = {};
  #held: string | undefined;
  #travel: Travel = [200, 200, 200];
  #isRestarting = false;
  /** Whether time has passed that the time line does not have. */
  #isSettled = false;
  /** Called after the core has stopped and a new one runs. */
  onRestart: (message: string) => void = () => {};

  private constructor(core: Core, load: () => Promise<Core>) {
    this.#core = core;
    this.#load = load;
  }

  static async create(load: () => Promise<Core>): Promise<Simulation> {
    return new Simulation(await load(), load);
  }

  get core(): Core {
    return this.#core;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  get overrides(): Overrides {
    return this.#overrides;
  }

  get held(): string | undefined {
    return this.#held;
  }

  /** The time of the last step, in seconds of the time line. */
  get time(): number {
    return Math.max(0, this.#step) / STEPS;
  }

  /** Loads a config; if it has an error, what runs continues. */
  load(config: string | ConfigFiles, travel: Travel): Checked {
    const checked = this.#guard(() => this.#core.load(config));
    if (!checked) return { problems: [] };
    if (checked.plan) {
      const isFirst = !this.#plan;
      this.#config = config;
      this.#plan = checked.plan;
      this.#travel = travel;
      if (isFirst) this.#restart();
    }
    return checked;
  }

  /** Returns what the printer measures now. */
  reading(): Reading {
    return readingAt(this.time, this.#plan?.sources ?? [], this.#travel, this.#overrides);
  }

  setOverrides(overrides: Overrides): void {
    this.#overrides = overrides;
    this.#guard(() => this.#sendSample());
  }

  /** Shows a state regardless of the job; `undefined` follows the job again. */
  hold(state: string | undefined): void {
    this.#held = state;
    this.command(holdCommand(state));
  }

  /** Renders all steps up to a time, from the start if it is in the past. */
  moveTo(time: number): void {
    if (!this.#plan || this.#isRestarting) return;
    const last = Math.round(Math.min(JOB_SECONDS, Math.max(0, time)) * STEPS);
    if (last === this.#step) return;
    this.#guard(() => {
      if (last < this.#step || this.#isSettled) this.#restart();
      while (this.#step < last) this.#next();
    });
  }

  /** Runs the job again from the start to the current time, with the current config. */
  rerun(): void {
    const { time } = this;
    this.#guard(() => this.#restart());
    this.moveTo(time);
  }

  /** Renders the current step again, after a change of the config. */
  refresh(): void {
    if (this.#plan && this.#step >= 0) {
      this.#guard(() => {
        this.#sendSample();
        this.#core.render(this.#coreTime());
      });
    }
  }

  /** Lets a cross-fade end while the time line stands still. */
  settle(): void {
    if (!this.#plan || this.#step < 0) return;
    this.#isSettled = true;
    this.#guard(() => {
      this.#sendSample();
      for (let step = 0; step < SETTLE_S * 10; step++) {
        this.#skipped += 0.1;
        this.#core.render(this.#coreTime());
      }
    });
  }

  /** Runs a command for the lights; returns why it is refused, or an empty text. */
  command(line: string): string {
    if (this.#step < 0) return "no config runs";
    return this.#guard(() => this.#core.command(this.#coreTime(), line)) ?? "";
  }

  pixels(strip: number): Uint8Array {
    return this.#guard(() => this.#core.pixels(strip)) ?? new Uint8Array();
  }

  status(): Status | undefined {
    if (!this.#plan) return undefined;
    return this.#guard(() => this.#core.status());
  }

  #coreTime(): number {
    return this.time + this.#skipped;
  }

  #restart(): void {
    this.#core.restart(SEED);
    this.#step = -1;
    this.#skipped = 0;
    this.#isSettled = false;
    this.#next();
    if (this.#held) this.#core.command(0, holdCommand(this.#held));
  }

  #next(): void {
    const before = this.#step / STEPS;
    const isFirst = this.#step < 0;
    this.#step++;
    const { phase, index, start } = momentAt(this.time);
    if (isFirst || before < start) {
      if (index > 0) {
        for (const event of JOB[index - 1]?.leave ?? []) this.#core.event(this.#coreTime(), event);
      }
      if (phase.until) this.#skipTo(phase.until);
      for (const event of phase.enter ?? []) this.#core.event(this.#coreTime(), event);
      this.#sendSample();
    } else if (this.#step % SAMPLE_STEPS === 0) {
      this.#sendSample();
    }
    if (phase.triggers) {
      const steps = Math.round(phase.triggers * STEPS);
      const inPhase = this.#step - Math.round(start * STEPS);
      if (inPhase > 0 && inPhase % steps === 0) {
        this.#core.event(this.#coreTime(), { event: "trigger", endstops: ENDSTOPS });
      }
    }
    this.#core.render(this.#coreTime());
  }

  /** Lets the core's time run until it shows a state. */
  #skipTo(state: string): void {
    const end = this.#skipped + SKIP_LIMIT_S;
    this.#sendSample();
    while (this.#skipped < end) {
      const { states } = this.#core.status();
      if (states.includes(state)) break;
      this.#skipped += SKIP_STEP_S;
      this.#core.render(this.#coreTime());
    }
  }

  #sendSample(): void {
    if (this.#step < 0) return;
    this.#core.sample(this.#coreTime(), this.reading().sample);
  }

  /** Calls the core; if it stops, starts a new one and returns `undefined`. */
  #guard<T>(call: () => T): T | undefined {
    if (this.#isRestarting) return undefined;
    try {
      return call();
    } catch (error) {
      if (!(error instanceof CoreStopped)) throw error;
      void this.#recover(error.message);
      return undefined;
    }
  }

  async #recover(message: string): Promise<void> {
    this.#isRestarting = true;
    try {
      this.#core = await this.#load();
      this.#step = -1;
      this.#skipped = 0;
      if (this.#plan) {
        this.#core.load(this.#config);
        this.#core.restart(SEED);
      }
    } finally {
      this.#isRestarting = false;
    }
    this.onRestart(message);
  }
}

function holdCommand(state: string | undefined): string {
  return state === undefined ? "LUMEN_CLEAR" : `LUMEN_STATE STATE="${state}"`;
}
