/** Pictures and films of the lights, as files. */

import type { App } from "../app.ts";
import { Stage } from "../scene/stage.ts";
import { JOB_SECONDS } from "../sim/job.ts";
import { GifWriter, Histogram } from "./gif.ts";

const GIF_FPS = 15;
const WEBM_FPS = 30;

export type Progress = (share: number) => void;

/** A user has ended an export. */
export class Cancelled extends Error {}

export function stageCanvas(): HTMLCanvasElement {
  const canvas = document.querySelector<HTMLCanvasElement>("#stage");
  if (!canvas) throw new Error("the stage is missing");
  return canvas;
}

export async function png(app: App): Promise<Blob> {
  app.onDraw();
  const blob = await new Promise<Blob | null>((done) => stageCanvas().toBlob(done, "image/png"));
  if (!blob) throw new Error("the browser could not write the picture");
  return blob;
}

export interface Film {
  seconds: number;
  width: number;
}

/** Draws the job from the current time on, frame by frame, with the speed of the time line. */
export async function gif(
  app: App,
  { seconds, width }: Film,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const stage = new Stage(canvas);
  const height = Math.round((width * 5) / 6);
  stage.resize(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  const wasPlaying = app.isPlaying.value;
  app.play(false);
  const start = app.time;
  const count = Math.round(seconds * GIF_FPS);
  const draw = (frame: number) => {
    app.seek(Math.min(JOB_SECONDS, start + (frame * app.speed.value) / GIF_FPS));
    stage.draw(app.lights(), app.pose(), app.view.value);
    return context.getImageData(0, 0, width, height).data;
  };
  try {
    // The colors of some frames make the palette of all.
    const histogram = new Histogram();
    const step = Math.max(1, Math.floor(count / 12));
    for (let frame = 0; frame < count; frame += step) {
      histogram.add(draw(frame));
      await breath(signal);
    }
    const writer = new GifWriter(width, height, histogram.palette());
    for (let frame = 0; frame < count; frame++) {
      // A GIF counts hundredths of a second.
      const shown = Math.round((100 * (frame + 1)) / GIF_FPS) - Math.round((100 * frame) / GIF_FPS);
      writer.add(draw(frame), shown);
      onProgress((frame + 1) / count);
      await breath(signal);
    }
    return writer.finish();
  } finally {
    app.seek(start);
    app.play(wasPlaying);
  }
}

export function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && MediaRecorder.isTypeSupported("video/webm");
}

/** Records the stage in real time. */
export async function webm(
  app: App,
  { seconds }: Film,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Blob> {
  const stream = stageCanvas().captureStream(WEBM_FPS);
  const recorder = new MediaRecorder(stream, {
    mimeType: "video/webm",
    videoBitsPerSecond: 6_000_000,
  });
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise((done) => recorder.addEventListener("stop", done));
  const wasPlaying = app.isPlaying.value;
  app.play(true);
  recorder.start();
  try {
    for (let part = 0; part < seconds * 10; part++) {
      await new Promise((done) => setTimeout(done, 100));
      if (signal.aborted) throw new Cancelled();
      onProgress((part + 1) / (seconds * 10));
    }
  } finally {
    recorder.stop();
    await ended;
    for (const track of stream.getTracks()) track.stop();
    app.play(wasPlaying);
  }
  return new Blob(parts, { type: "video/webm" });
}

/** Gives a blob to the user as a file. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Lets the browser draw and react. */
async function breath(signal: AbortSignal): Promise<void> {
  await new Promise((done) => setTimeout(done));
  if (signal.aborted) throw new Cancelled();
}
