/** The printer as a simple model: its parts, the places of strips, and a camera. */

export type Point = readonly [x: number, y: number, z: number];

/** x to the right, y to the back, z up. The frame is from -1 to 1 and from 0 to 2. */
export const PLACES = {
  top: "Around the top",
  front: "Top front edge",
  base: "Bottom front edge",
  left: "Left upright",
  right: "Right upright",
  back: "Back wall",
  bed: "Around the bed",
  floor: "Under the bed",
  head: "Tool head",
  door: "Ring on the front",
} as const;

export type Place = keyof typeof PLACES;

export function isPlace(text: string | undefined): text is Place {
  return text !== undefined && Object.hasOwn(PLACES, text);
}

const HINTS: readonly [RegExp, Place][] = [
  [/tool|head|nozzle|logo|hotend|stealth|sb_|sb$|extruder|fan/, "head"],
  [/under/, "floor"],
  [/bed|plate|panel_bed/, "bed"],
  [/ring|knob|display|button|panel|screen/, "door"],
  [/left/, "left"],
  [/right/, "right"],
  [/back|rear/, "back"],
  [/bar|progress|base|bottom|skirt|status|front/, "base"],
  [/top|case|chamber|roof|lid|frame|light|strip/, "top"],
];
const REST: readonly Place[] = ["top", "base", "left", "right", "back", "bed", "front", "floor"];

/** Chooses a place for each light by its name. */
export function choosePlaces(
  lights: readonly { name: string; count: number }[],
  chosen: Readonly<Record<string, string>>,
): Map<string, Place> {
  const places = new Map<string, Place>();
  const isFree = (place: Place) => ![...places.values()].includes(place);
  for (const { name } of lights) {
    const place = chosen[name];
    if (isPlace(place)) places.set(name, place);
  }
  for (const { name } of lights) {
    if (places.has(name)) continue;
    const hinted = HINTS.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1];
    const free = REST.find(isFree) ?? "top";
    places.set(name, hinted && (isFree(hinted) || hinted === "head") ? hinted : free);
  }
  return places;
}

export interface Pose {
  /** Place of the tool head, 0.0 to 1.0 of its travel. */
  x: number;
  y: number;
  /** Height of the printed part, 0.0 to 1.0. */
  progress: number;
}

export const BED_Z = 0.42;
const HEAD_LOW = 0.2;
export const PART_HEIGHT = 0.8;

/** Returns the middle of the tool head; the nozzle is below it. */
export function headPoint(pose: Pose): Point {
  const z = BED_Z + HEAD_LOW + 0.02 + PART_HEIGHT * pose.progress;
  return [-0.62 + 1.24 * pose.x, -0.55 + 1.1 * pose.y, z];
}

/** Returns the points of `count` LEDs at a place; `rank` moves the second light of a place. */
export function ledPoints(place: Place, count: number, pose: Pose, rank: number): Point[] {
  const down = 0.09 * rank;
  switch (place) {
    case "top":
      return along(count, [
        [-0.93, -0.93, 1.95 - down],
        [-0.93, 0.93, 1.95 - down],
        [0.93, 0.93, 1.95 - down],
        [0.93, -0.93, 1.95 - down],
      ]);
    case "front":
      return along(count, [
        [-0.9, -1, 2 - down],
        [0.9, -1, 2 - down],
      ]);
    case "base":
      return along(count, [
        [-0.9, -1.02, 0.13 + down],
        [0.9, -1.02, 0.13 + down],
      ]);
    case "left":
      return along(count, [
        [-1 + down, -1.01, 0.25],
        [-1 + down, -1.01, 1.9],
      ]);
    case "right":
      return along(count, [
        [1 - down, -1.01, 0.25],
        [1 - down, -1.01, 1.9],
      ]);
    case "back":
      return along(count, [
        [-0.8, 0.97, 1.25 - down],
        [0.8, 0.97, 1.25 - down],
      ]);
    case "bed":
      return along(count, rectangle(0.78 + down, 0.74 + down, BED_Z + 0.01));
    case "floor":
      return along(count, rectangle(0.7 - down, 0.7 - down, 0.12));
    case "head":
      return headLeds(count, headPoint(pose), rank);
    case "door":
      return ring(count, [0, -1.03, 0.3 + 3 * down], 0.17);
  }
}

function rectangle(x: number, y: number, z: number): Point[] {
  return [
    [-x, -y, z],
    [-x, y, z],
    [x, y, z],
    [x, -y, z],
    [-x, -y, z],
  ];
}

function headLeds(count: number, [x, y, z]: Point, rank: number): Point[] {
  const columns = Math.min(count, count > 12 ? 8 : count > 3 ? 4 : count);
  const rows = Math.ceil(count / Math.max(1, columns));
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const column = (index % columns) - (inRow - 1) / 2;
    return [
      x + (column * 0.22) / Math.max(1, columns - 1 || 1),
      y - 0.16,
      z + 0.17 - row * 0.055 - rank * 0.13,
    ];
  });
}

function ring(count: number, [x, y, z]: Point, radius: number): Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / Math.max(1, count);
    return [x + radius * Math.sin(angle), y, z + radius * Math.cos(angle)];
  });
}

/** Returns points in equal distances along lines. */
function along(count: number, corners: readonly Point[]): Point[] {
  const lengths = corners.slice(1).map((to, index) => distance(corners[index] ?? to, to));
  const total = lengths.reduce((sum, it) => sum + it, 0);
  return Array.from({ length: count }, (_, index) => {
    let rest = (total * (index + 0.5)) / count;
    for (let side = 0; side < lengths.length; side++) {
      const length = lengths[side] ?? 0;
      const from = corners[side];
      const to = corners[side + 1];
      if (from && to && (rest <= length || side === lengths.length - 1)) {
        return mix(from, to, Math.min(1, rest / length));
      }
      rest -= length;
    }
    return corners[0] ?? [0, 0, 0];
  });
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

export function mix(a: Point, b: Point, share: number): Point {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

export interface Projected {
  x: number;
  y: number;
  /** Pixels of the screen for one unit of the model. */
  scale: number;
}

/** A camera in front of the printer, a bit above it and to its right. */
export class Camera {
  readonly #width: number;
  readonly #height: number;
  readonly #focus: number;
  static readonly #eye: Point = [2.1, -8.2, 3.5];
  static readonly #target: Point = [0, 0, 0.94];

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#focus = Math.min(width / 2.85, height / 2.72) * 8.3;
  }

  project([x, y, z]: Point): Projected {
    const eye = Camera.#eye;
    const target = Camera.#target;
    const forward = unit([target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]]);
    const right = unit([forward[1], -forward[0], 0]);
    const up: Point = [
      right[1] * forward[2] - right[2] * forward[1],
      right[2] * forward[0] - right[0] * forward[2],
      right[0] * forward[1] - right[1] * forward[0],
    ];
    const offset: Point = [x - eye[0], y - eye[1], z - eye[2]];
    const depth = dot(offset, forward);
    const scale = this.#focus / depth;
    return {
      x: this.#width / 2 + dot(offset, right) * scale,
      y: this.#height / 2 - dot(offset, up) * scale,
      scale,
    };
  }
}

function unit([x, y, z]: Point): Point {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
