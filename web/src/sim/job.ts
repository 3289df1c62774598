/**
 * A print job as data: its phases, with the events and samples of a printer.
 *
 * The same time always gives the same events and samples, so that a time line can be scrubbed.
 */

import type { PrinterEvent, PrinterSample, SourceReading } from "../core.ts";

/** Values that a user has set, above those of the job. */
export interface Overrides {
  hotend?: number | undefined;
  bed?: number | undefined;
  progress?: number | undefined;
}

export interface Phase {
  id: string;
  label: string;
  seconds: number;
  /** Events at the start of the phase. */
  enter?: readonly PrinterEvent[];
  /** Events at the end of the phase. */
  leave?: readonly PrinterEvent[];
  /** The time of the config runs on until this state is shown, before the phase begins. */
  until?: string;
  /** An endstop triggers with this interval. */
  triggers?: number;
  /** Values of the printer; `part` is the elapsed share of the phase. */
  values: (part: number, seconds: number) => Partial<Values>;
}

/** Values of the printer in the units of the phases. */
interface Values {
  job: NonNullable<PrinterSample["job"]>;
  paused: boolean;
  commanded: boolean;
  filamentUsed: number;
  velocity: number;
  extruderVelocity: number;
  /** Place of the tool head, 0.0 to 1.0 of each axis. */
  place: readonly [number, number, number];
  progress: number;
  /** Share of the way from cold to the target. */
  hotend: number;
  bed: number;
  target: boolean;
}

export const AMBIENT_C = 25;
export const HOTEND_C = 210;
export const BED_C = 60;
export const ENDSTOPS = "stepper_x,stepper_y,stepper_z,probe";
/** The share of the job that is printed before the pause. */
const PAUSE_AT = 0.45;

const rest = { place: [0.5, 0.5, 0.2] as const, hotend: 0, bed: 0, target: false };
const hot = { hotend: 1, bed: 1, target: true };
const begin = (operation: number, state: string): PrinterEvent => ({
  event: "begin",
  operation,
  state,
});
const end = (operation: number): PrinterEvent => ({ event: "end", operation });

function wave(seconds: number, period: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * seconds) / period);
}

/** A path that covers an area in lines. */
function raster(part: number, lines: number): readonly [number, number, number] {
  const line = Math.min(lines - 1, Math.floor(part * lines));
  const along = part * lines - line;
  return [0.1 + 0.8 * (line % 2 ? 1 - along : along), 0.1 + (0.8 * line) / (lines - 1), 0.02];
}

function printing(from: number, to: number) {
  return (part: number, seconds: number): Partial<Values> => ({
    ...hot,
    job: "printing",
    filamentUsed: 1 + 1000 * part,
    velocity: 120,
    extruderVelocity: 4,
    progress: from + (to - from) * part,
    place: [
      0.5 + 0.2 * Math.sin(seconds * 2.9) + 0.05 * Math.sin(seconds * 11),
      0.5 + 0.2 * Math.cos(seconds * 2.3),
      from + (to - from) * part,
    ],
  });
}

/** The phases in order. The first samples of a phase are those of its start. */
export const JOB: readonly Phase[] = [
  { id: "startup", label: "Startup", seconds: 3, values: () => rest },
  { id: "idle", label: "Idle", seconds: 3, enter: [{ event: "ready" }], values: () => rest },
  {
    id: "heating",
    label: "Heating",
    seconds: 7,
    values: (part) => ({
      ...rest,
      job: "printing",
      target: true,
      bed: Math.min(1, part / 0.6),
      hotend: Math.min(1, Math.max(0, (part - 0.15) / 0.8)),
    }),
  },
  {
    id: "homing",
    label: "Homing",
    seconds: 5,
    enter: [begin(1, "homing")],
    leave: [end(1)],
    triggers: 1.4,
    values: (part) => ({
      ...hot,
      job: "printing",
      commanded: true,
      velocity: 60,
      place: [
        part < 0.4 ? 0.5 * (1 - part / 0.4) : part < 0.7 ? 0 : (0.5 * (part - 0.7)) / 0.3,
        part < 0.4
          ? 0.5
          : part < 0.7
            ? 0.5 + (0.5 * (part - 0.4)) / 0.3
            : 1 - (0.5 * (part - 0.7)) / 0.3,
        0.2 * (1 - part),
      ],
    }),
  },
  {
    id: "leveling",
    label: "Leveling",
    seconds: 4,
    enter: [begin(2, "leveling")],
    leave: [end(2)],
    triggers: 1,
    values: (_, seconds) => ({
      ...hot,
      job: "printing",
      commanded: true,
      velocity: 80,
      place: [wave(seconds, 2), wave(seconds + 0.5, 4), 0.05],
    }),
  },
  {
    id: "meshing",
    label: "Meshing",
    seconds: 5,
    enter: [begin(3, "meshing")],
    leave: [end(3)],
    triggers: 0.5,
    values: (part) => ({
      ...hot,
      job: "printing",
      commanded: true,
      velocity: 80,
      place: raster(part, 5),
    }),
  },
  { id: "printing", label: "Printing", seconds: 11, values: printing(0, PAUSE_AT) },
  {
    id: "paused",
    label: "Paused",
    seconds: 4,
    enter: [begin(4, "paused")],
    leave: [end(4)],
    values: () => ({
      ...hot,
      job: "paused",
      paused: true,
      filamentUsed: 1000,
      progress: PAUSE_AT,
      place: [0.05, 0.95, PAUSE_AT + 0.05],
    }),
  },
  { id: "printing-2", label: "Printing", seconds: 11, values: printing(PAUSE_AT, 1) },
  {
    id: "complete",
    label: "Complete",
    seconds: 4,
    values: () => ({
      ...hot,
      target: false,
      job: "complete",
      filamentUsed: 2000,
      progress: 1,
      place: [0.05, 0.95, 1],
    }),
  },
  {
    id: "cooldown",
    label: "Cooldown",
    seconds: 6,
    enter: [{ event: "activity" }],
    values: (part) => ({
      ...rest,
      job: "standby",
      progress: 0,
      hotend: (1 - part) ** 2,
      bed: 1 - part,
      place: [0.05, 0.95, 1],
    }),
  },
  { id: "bored", label: "Bored", seconds: 4, until: "bored", values: () => rest },
  { id: "sleep", label: "Sleep", seconds: 4, until: "sleep", values: () => rest },
  {
    id: "error",
    label: "Error",
    seconds: 5,
    enter: [{ event: "shutdown", message: "Heater extruder not heating at expected rate" }],
    values: () => rest,
  },
];

export const JOB_SECONDS = JOB.reduce((sum, it) => sum + it.seconds, 0);

export interface Moment {
  phase: Phase;
  index: number;
  /** Seconds since the start of the phase. */
  seconds: number;
  start: number;
}

/** Returns the phase at a time. */
export function momentAt(time: number): Moment {
  let start = 0;
  for (const [index, phase] of JOB.entries()) {
    if (time < start + phase.seconds || index === JOB.length - 1) {
      return { phase, index, seconds: Math.min(phase.seconds, time - start), start };
    }
    start += phase.seconds;
  }
  throw new Error("the job has no phases");
}

/** The travel of the axes in mm. */
export type Travel = readonly [number, number, number];

export interface Reading {
  sample: PrinterSample;
  hotend: number;
  bed: number;
  progress: number;
  /** Place of the tool head, 0.0 to 1.0. */
  place: readonly [number, number, number];
}

/** Returns what a printer measures at a time. `sources` are the heaters and sensors of the config. */
export function readingAt(
  time: number,
  sources: readonly string[],
  travel: Travel,
  overrides: Overrides,
): Reading {
  const { phase, seconds } = momentAt(time);
  const values = phase.values(seconds / phase.seconds, seconds);
  const hotend = overrides.hotend ?? AMBIENT_C + (HOTEND_C - AMBIENT_C) * (values.hotend ?? 0);
  const bed = overrides.bed ?? AMBIENT_C + (BED_C - AMBIENT_C) * (values.bed ?? 0);
  const progress = overrides.progress ?? values.progress ?? 0;
  const place = values.place ?? [0.5, 0.5, 0.2];
  const target = (degrees: number) => (values.target ? degrees : 0);
  const read = (name: string): SourceReading => {
    if (/bed/.test(name)) return { temperature: bed, target: target(BED_C) };
    if (/^extruder/.test(name)) return { temperature: hotend, target: target(HOTEND_C) };
    const chamber = AMBIENT_C + 0.6 * (bed - AMBIENT_C);
    return { temperature: chamber, target: name.startsWith("heater") ? 0 : null };
  };
  return {
    hotend,
    bed,
    progress,
    place,
    sample: {
      job: values.job ?? "standby",
      is_paused: values.paused ?? false,
      is_commanded: values.commanded ?? false,
      filament_used: values.filamentUsed ?? 0,
      velocity: values.velocity ?? 0,
      extruder_velocity: values.extruderVelocity ?? 0,
      position: place.map((it, axis) => it * (travel[axis] ?? 200)),
      progress,
      file_progress: progress,
      sources: Object.fromEntries(sources.map((it) => [it, read(it)])),
    },
  };
}
