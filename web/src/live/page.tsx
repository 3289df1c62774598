/** The live page: the lights as they are now, and what one may change. */

import { useEffect, useRef } from "preact/hooks";
import { ledHex } from "../config/color.ts";
import { Stage, type View } from "../scene/stage.ts";
import { Signal, useSignal } from "../store.ts";
import type { GroupStatus, LiveStatus } from "./answers.ts";
import type { LiveLights } from "./lights.ts";

const view = new Signal<View>({ kind: "rows", hasGlow: true, room: 0.25 });

export function LivePage({ lights }: { lights: LiveLights }) {
  const status = useSignal(lights.status);
  const problem = useSignal(lights.problem);
  return (
    <div class="live">
      <Picture lights={lights} />
      {problem && (
        <p class="live-problem" role="status">
          {problem}
        </p>
      )}
      {status && <Controls lights={lights} status={status} />}
    </div>
  );
}

function Picture({ lights }: { lights: LiveLights }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { kind } = useSignal(view);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const stage = new Stage(element);
    const draw = () => {
      stage.draw(lights.lights, { x: 0.5, y: 0.5, progress: 0 }, view.value);
      const local = lights.lights.filter((it) => lights.isLocal(it.name));
      element.dataset["local"] = local.map((it) => it.name).join(" ");
    };
    const sizes = new ResizeObserver(() => {
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      stage.resize(
        Math.round(element.clientWidth * ratio),
        Math.round(element.clientHeight * ratio),
      );
      draw();
    });
    sizes.observe(element);
    const visible = new IntersectionObserver((entries) =>
      lights.setVisible(entries.some((it) => it.isIntersecting)),
    );
    visible.observe(element);
    lights.onPixels = draw;
    const ended = view.subscribe(draw);
    return () => {
      sizes.disconnect();
      visible.disconnect();
      ended();
    };
  }, [lights]);
  return (
    <section class="stage" aria-label="Lights">
      <canvas ref={canvas} id="stage" role="img" aria-label="The lights of the printer" />
      <div class="view" role="group" aria-label="View">
        {(["rows", "printer"] as const).map((it) => (
          <button
            key={it}
            type="button"
            class="chip"
            aria-pressed={kind === it}
            onClick={() => view.set({ ...view.value, kind: it })}
          >
            {it === "rows" ? "Rows" : "Printer"}
          </button>
        ))}
      </div>
    </section>
  );
}

function Controls({ lights, status }: { lights: LiveLights; status: LiveStatus }) {
  const dark = Object.entries(status.strips).filter(([, it]) => it.health !== "ok");
  const others = status.states.filter((it) => it !== status.state);
  const isFollowing =
    !status.forced && Object.values(status.groups).every((it) => it.source === "state");
  return (
    <>
      <section class="live-state" aria-label="State">
        <p>
          State <b>{status.state}</b>
          {status.forced && <span> (set by a command)</span>}
          {others.length > 0 && <span class="hint"> above {others.join(", ")}</span>}
        </p>
        <span class="spacer" />
        <Brightness
          label="Brightness of all groups"
          value={status.brightness}
          onChange={(value) => void lights.command("brightness", { value })}
        />
        <button type="button" onClick={() => void lights.command("off")}>
          Off
        </button>
        <button type="button" onClick={() => void lights.command("on")}>
          On
        </button>
        <button
          type="button"
          class="primary"
          aria-pressed={isFollowing}
          onClick={() => void follow(lights)}
        >
          Follow the printer
        </button>
      </section>
      {dark.map(([name, strip]) => (
        <p key={name} class="live-problem">
          Strip {name} is {strip.health}: {strip.error ?? "no reason is known"}
        </p>
      ))}
      <ul class="live-groups">
        {Object.entries(status.groups).map(([name, group]) => (
          <Group key={name} lights={lights} name={name} group={group} state={status.state} />
        ))}
      </ul>
    </>
  );
}

async function follow(lights: LiveLights): Promise<void> {
  await lights.command("clear");
  await lights.command("on");
}

interface GroupProps {
  lights: LiveLights;
  name: string;
  group: GroupStatus;
  state: string;
}

function Group({ lights, name, group, state }: GroupProps) {
  const effects = useSignal(lights.effects);
  const isHeld = group.source !== "state";
  const color = useRef("#ff8800");
  return (
    <li aria-label={name}>
      <div class="live-group-head">
        <b>{name}</b>
        <code>{group.effect}</code>
      </div>
      <p class="hint">
        {isHeld ? "A command has set this." : `It follows the printer: the state is ${state}.`}
      </p>
      <div class="live-group-controls">
        <label class="swatch large" style={{ background: color.current }}>
          <input
            type="color"
            defaultValue={color.current}
            aria-label={`Color of ${name}`}
            onChange={(event) => {
              color.current = event.currentTarget.value;
              const effect = `solid ${ledHex(color.current)}`;
              void lights.command("set", { group: name, effect });
            }}
          />
        </label>
        <select
          aria-label={`Effect of ${name}`}
          value=""
          onChange={(event) => {
            const effect = event.currentTarget.value;
            if (effect) void lights.command("set", { group: name, effect });
          }}
        >
          <option value="">Effect</option>
          {effects.map((it) => (
            <option key={it.name} value={it.name} title={it.help}>
              {it.name}
            </option>
          ))}
        </select>
        <Brightness
          label={`Brightness of ${name}`}
          value={group.brightness}
          onChange={(value) => void lights.command("brightness", { value, group: name })}
        />
        <button
          type="button"
          disabled={!isHeld}
          onClick={() => void lights.command("clear", { group: name })}
        >
          Follow
        </button>
      </div>
    </li>
  );
}

interface BrightnessProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
}

function Brightness({ label, value, onChange }: BrightnessProps) {
  return (
    <input
      type="range"
      min={0}
      max={1}
      step={0.05}
      value={value}
      aria-label={label}
      title={label}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
    />
  );
}
