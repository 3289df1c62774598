/** The picture of the printer, with its settings. */

import { useEffect, useRef } from "preact/hooks";
import type { App } from "../app.ts";
import { Stage } from "../scene/stage.ts";
import { useSignal } from "../store.ts";

/** More pixels cost time and do not show. */
const MAX_RATIO = 2;
const MAX_WIDTH = 1600;

export function StageView({ app }: { app: App }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useSignal(app.view);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const stage = new Stage(element);
    const resize = () => {
      const ratio = Math.min(
        MAX_RATIO,
        window.devicePixelRatio || 1,
        MAX_WIDTH / Math.max(1, element.clientWidth),
      );
      stage.resize(
        Math.round(element.clientWidth * ratio),
        Math.round(element.clientHeight * ratio),
      );
      app.redraw();
    };
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    app.onDraw = () => stage.draw(app.lights(), app.pose(), app.view.value);
    resize();
    return () => observer.disconnect();
  }, [app]);
  return (
    <section class="stage" aria-label="Lights">
      <canvas ref={canvas} id="stage" role="img" aria-label="The printer with its lights" />
      <div class="view" role="group" aria-label="View">
        <button
          type="button"
          class="chip"
          aria-pressed={view.kind === "printer"}
          onClick={() => app.view.set({ ...view, kind: "printer" })}
        >
          Printer
        </button>
        <button
          type="button"
          class="chip"
          aria-pressed={view.kind === "rows"}
          onClick={() => app.view.set({ ...view, kind: "rows" })}
        >
          Rows
        </button>
        <button
          type="button"
          class="chip"
          aria-pressed={view.hasGlow}
          onClick={() => app.view.set({ ...view, hasGlow: !view.hasGlow })}
        >
          Glow
        </button>
        <label class="room">
          Room
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={view.room}
            onInput={(event) => app.view.set({ ...view, room: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
    </section>
  );
}
