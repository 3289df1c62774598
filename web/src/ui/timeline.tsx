/** The time line of the job, with its buttons. */

import type { App } from "../app.ts";
import { JOB, JOB_SECONDS } from "../sim/job.ts";
import { useSignal } from "../store.ts";
import { Icon } from "./icons.tsx";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];

export function Timeline({ app }: { app: App }) {
  const isPlaying = useSignal(app.isPlaying);
  const speed = useSignal(app.speed);
  const held = useSignal(app.held);
  const { time, status } = useSignal(app.moment);
  let start = 0;
  return (
    <section class="timeline" aria-label="Time line of a job">
      <div class="transport">
        <button
          type="button"
          onClick={() => app.seek(0)}
          aria-label="To the start"
          title="To the start"
        >
          <Icon name="start" />
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => app.play(!isPlaying)}
          aria-label={isPlaying ? "Pause" : "Play"}
          title={isPlaying ? "Pause" : "Play"}
        >
          <Icon name={isPlaying ? "pause" : "play"} />
        </button>
        <output class="clock" aria-label="Time">
          {time.toFixed(1)} s
        </output>
        <span class="state" aria-live="polite">
          {held ? "held: " : ""}
          <b>{status?.state ?? "no config"}</b>
        </span>
        <label class="speed">
          Speed
          <select
            value={String(speed)}
            onChange={(event) => app.speed.set(Number(event.currentTarget.value))}
          >
            {SPEEDS.map((it) => (
              <option key={it} value={String(it)}>
                {it}x
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="track">
        <div class="phases" aria-hidden="true">
          {JOB.map((phase) => {
            const from = start;
            start += phase.seconds;
            const isNow = time >= from && time < start;
            return (
              <span
                key={phase.id}
                class={`phase phase-${phase.id.replace(/-\d$/, "")}${isNow ? " now" : ""}`}
                style={{ flexGrow: phase.seconds }}
              >
                <span>{phase.label}</span>
              </span>
            );
          })}
        </div>
        <div class="playhead" style={{ left: `${(100 * time) / JOB_SECONDS}%` }} />
        <input
          type="range"
          min={0}
          max={JOB_SECONDS}
          step={0.1}
          value={time}
          aria-label="Position in the job"
          aria-valuetext={`${time.toFixed(1)} seconds, ${status?.state ?? ""}`}
          onInput={(event) => app.seek(Number(event.currentTarget.value))}
        />
      </div>
    </section>
  );
}
