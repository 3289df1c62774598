/** Draws the surfaces of the printer. The light of the LEDs is multiplied with this picture. */

import { BED_Z, Camera, PART_HEIGHT, headPoint, type Point, type Pose } from "./printer.ts";

type Context = CanvasRenderingContext2D;

/** Draws the fixed parts: walls, floor and the frame behind the bed. */
export function drawRoom(context: Context, camera: Camera, width: number, height: number): void {
  const back = context.createLinearGradient(0, 0, 0, height);
  back.addColorStop(0, "#565a66");
  back.addColorStop(0.62, "#3d404a");
  back.addColorStop(0.63, "#4d4a48");
  back.addColorStop(1, "#67625e");
  context.fillStyle = back;
  context.fillRect(0, 0, width, height);
  shadow(context, camera);
  // Inner walls, then the floor.
  quad(context, camera, "#8b8f99", [-1, 1, 0.1], [1, 1, 0.1], [1, 1, 2], [-1, 1, 2]);
  quad(context, camera, "#7b7f8a", [-1, -1, 0.1], [-1, 1, 0.1], [-1, 1, 2], [-1, -1, 2]);
  quad(context, camera, "#747883", [1, -1, 0.1], [1, 1, 0.1], [1, 1, 2], [1, -1, 2]);
  quad(context, camera, "#6c7079", [-1, -1, 0.1], [1, -1, 0.1], [1, 1, 0.1], [-1, 1, 0.1]);
  const frame = "#9aa0ac";
  beam(context, camera, frame, [-1, 1, 0.05], [-1, 1, 2]);
  beam(context, camera, frame, [1, 1, 0.05], [1, 1, 2]);
  beam(context, camera, frame, [-1, 1, 2], [1, 1, 2]);
  beam(context, camera, frame, [-1, 1, 0.1], [1, 1, 0.1]);
  beam(context, camera, frame, [-1, -1, 2], [-1, 1, 2]);
  beam(context, camera, frame, [1, -1, 2], [1, 1, 2]);
  drawBed(context, camera);
}

/** Draws the moving parts and the frame in front of them. */
export function drawMachine(context: Context, camera: Camera, pose: Pose): void {
  drawPart(context, camera, pose);
  const [x, y, z] = headPoint(pose);
  const rail = "#b9bec9";
  beam(context, camera, "#858b97", [-0.98, y, z + 0.2], [0.98, y, z + 0.2], 0.05);
  beam(context, camera, rail, [-0.98, y - 0.03, z + 0.23], [0.98, y - 0.03, z + 0.23], 0.022);
  drawHead(context, camera, [x, y, z]);
  const frame = "#a9afbb";
  beam(context, camera, frame, [-1, -1, 0.05], [-1, -1, 2]);
  beam(context, camera, frame, [1, -1, 0.05], [1, -1, 2]);
  beam(context, camera, frame, [-1, -1, 2], [1, -1, 2]);
  quad(context, camera, "#7a7f8b", [-1, -1, 0], [1, -1, 0], [1, -1, 0.2], [-1, -1, 0.2]);
  quad(context, camera, "#656a76", [1, -1, 0], [1, 1, 0], [1, 1, 0.1], [1, -1, 0.1]);
  beam(context, camera, "#b5bbc7", [-1, -1, 0.2], [1, -1, 0.2], 0.03);
}

/** Fills the outline of the printer. */
export function drawInside(context: Context, camera: Camera): void {
  const fill = "#fff";
  quad(context, camera, fill, [-1, -1, 0], [1, -1, 0], [1, -1, 2], [-1, -1, 2]);
  quad(context, camera, fill, [1, -1, 0], [1, 1, 0], [1, 1, 2], [1, -1, 2]);
  quad(context, camera, fill, [-1, -1, 2], [1, -1, 2], [1, 1, 2], [-1, 1, 2]);
}

function drawBed(context: Context, camera: Camera): void {
  const [x, y, z] = [0.72, 0.68, BED_Z];
  quad(context, camera, "#5d616b", [-x, -y, z - 0.07], [x, -y, z - 0.07], [x, -y, z], [-x, -y, z]);
  quad(context, camera, "#8d8478", [-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]);
  context.strokeStyle = "#9c9387";
  context.lineWidth = 1;
  context.beginPath();
  for (let line = -3; line <= 3; line++) {
    segment(context, camera, [(line * x) / 4, -y, z], [(line * x) / 4, y, z]);
    segment(context, camera, [-x, (line * y) / 4, z], [x, (line * y) / 4, z]);
  }
  context.stroke();
}

/** The printed part: a twisted vase that grows. */
function drawPart(context: Context, camera: Camera, pose: Pose): void {
  if (pose.progress <= 0.002) return;
  const layers = Math.max(1, Math.round(34 * pose.progress));
  for (let layer = 0; layer < layers; layer++) {
    const height = layer / 34;
    const radius = 0.25 + 0.09 * Math.sin(1 + 3.6 * height);
    const z = BED_Z + PART_HEIGHT * height;
    context.beginPath();
    for (let corner = 0; corner <= 36; corner++) {
      const angle = (2 * Math.PI * corner) / 36;
      const wave = radius * (1 + 0.1 * Math.cos(5 * angle + 3.2 * height));
      const point = camera.project([wave * Math.cos(angle), wave * Math.sin(angle), z]);
      if (corner) context.lineTo(point.x, point.y);
      else context.moveTo(point.x, point.y);
    }
    const shade = layer % 2 ? 0 : 10;
    context.fillStyle = `rgb(${196 + shade}, ${188 + shade}, ${178 + shade})`;
    context.fill();
  }
}

function drawHead(context: Context, camera: Camera, [x, y, z]: Point): void {
  const [w, d] = [0.17, 0.14];
  const [low, high] = [z, z + 0.36];
  quad(
    context,
    camera,
    "#4c505b",
    [x + w, y - d, low],
    [x + w, y + d, low],
    [x + w, y + d, high],
    [x + w, y - d, high],
  );
  quad(
    context,
    camera,
    "#80858f",
    [x - w, y - d, high],
    [x + w, y - d, high],
    [x + w, y + d, high],
    [x - w, y + d, high],
  );
  quad(
    context,
    camera,
    "#5f646f",
    [x - w, y - d, low],
    [x + w, y - d, low],
    [x + w, y - d, high],
    [x - w, y - d, high],
  );
  // Nozzle.
  quad(
    context,
    camera,
    "#c9a86a",
    [x - 0.05, y - 0.05, low],
    [x + 0.05, y - 0.05, low],
    [x + 0.012, y - 0.05, low - 0.16],
    [x - 0.012, y - 0.05, low - 0.16],
  );
}

function shadow(context: Context, camera: Camera): void {
  const center = camera.project([0, 0, 0]);
  const radius = 1.9 * center.scale;
  context.save();
  context.translate(center.x, center.y + 0.1 * radius);
  context.scale(1, 0.4);
  const dark = context.createRadialGradient(0, 0, radius * 0.4, 0, 0, radius);
  dark.addColorStop(0, "rgba(20, 20, 24, 0.75)");
  dark.addColorStop(1, "rgba(20, 20, 24, 0)");
  context.fillStyle = dark;
  context.fillRect(-radius, -radius, 2 * radius, 2 * radius);
  context.restore();
}

function quad(context: Context, camera: Camera, fill: string, ...corners: Point[]): void {
  context.beginPath();
  corners.forEach((corner, index) => {
    const point = camera.project(corner);
    if (index) context.lineTo(point.x, point.y);
    else context.moveTo(point.x, point.y);
  });
  context.closePath();
  context.fillStyle = fill;
  context.fill();
}

function beam(
  context: Context,
  camera: Camera,
  stroke: string,
  from: Point,
  to: Point,
  thickness = 0.07,
): void {
  const scale = (camera.project(from).scale + camera.project(to).scale) / 2;
  context.strokeStyle = stroke;
  context.lineWidth = Math.max(1, thickness * scale);
  context.lineCap = "round";
  context.beginPath();
  segment(context, camera, from, to);
  context.stroke();
}

function segment(context: Context, camera: Camera, from: Point, to: Point): void {
  const a = camera.project(from);
  const b = camera.project(to);
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
}
