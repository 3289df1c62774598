/** What the printer does: states, temperatures, progress, and what the groups show. */

import { useState } from "preact/hooks";
import type { App } from "../app.ts";
import { hexLight, screenCss } from "../config/color.ts";
import { PLACES } from "../scene/printer.ts";
import { useSignal } from "../store.ts";
import type { Overrides } from "../sim/job.ts";

export function PrinterPanel({ app }: { app: App }) {
  const moment = useSignal(app.moment);
  const held = useSignal(app.held);
  const overrides = useSignal(app.overrides);
  useSignal(app.plan);
  const states = app.catalog.stateNames;
  return (
    <section class="printer" aria-label="Printer">
      <div class="states" role="group" aria-label="Show a state">
        <button type="button" aria-pressed={!held} class="chip" onClick={() => app.hold(undefined)}>
          follow the job
        </button>
        {states.map((name) => (
          <button
            key={name}
            type="button"
            class={`chip${moment.status?.state === name ? " now" : ""}`}
            aria-pressed={held === name}
            title={app.catalog.states.find((it) => it.name === name)?.help ?? ""}
            onClick={() => app.hold(held === name ? undefined : name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="inputs">
        <Input
          label="Hotend"
          unit="°C"
          max={300}
          value={moment.hotend}
          isSet={overrides.hotend !== undefined}
          onChange={(hotend) => set({ hotend })}
        />
        <Input
          label="Bed"
          unit="°C"
          max={120}
          value={moment.bed}
          isSet={overrides.bed !== undefined}
          onChange={(bed) => set({ bed })}
        />
        <Input
          label="Progress"
          unit="%"
          max={100}
          value={100 * moment.progress}
          isSet={overrides.progress !== undefined}
          onChange={(percent) =>
            set({ progress: percent === undefined ? undefined : percent / 100 })
          }
        />
      </div>
      <Command app={app} />
      <Groups app={app} />
    </section>
  );

  function set(change: Overrides) {
    app.setOverrides({ ...app.overrides.value, ...change });
  }
}

interface InputProps {
  label: string;
  unit: string;
  max: number;
  value: number;
  isSet: boolean;
  onChange: (value: number | undefined) => void;
}

function Input({ label, unit, max, value, isSet, onChange }: InputProps) {
  return (
    <label class="input">
      <span>{label}</span>
      <input
        type="range"
        min={0}
        max={max}
        step={1}
        value={Math.round(value)}
        aria-valuetext={`${Math.round(value)} ${unit}`}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
      <output>
        {Math.round(value)} {unit}
      </output>
      <button
        type="button"
        class="small"
        disabled={!isSet}
        onClick={() => onChange(undefined)}
        title="Follow the job again"
      >
        auto
      </button>
    </label>
  );
}

/** A line for commands, as the console of the printer. */
function Command({ app }: { app: App }) {
  const [answer, setAnswer] = useState("");
  return (
    <form
      class="command"
      onSubmit={(event) => {
        event.preventDefault();
        const line = new FormData(event.currentTarget).get("line");
        if (typeof line === "string" && line.trim()) setAnswer(app.command(line.trim()) || "ok");
      }}
    >
      <input
        type="text"
        name="line"
        list="commands"
        aria-label="Command for the lights"
        placeholder='LUMEN_SET GROUP=all EFFECT="comet red"'
        autocomplete="off"
      />
      <button type="submit">Run</button>
      <output>{answer}</output>
      <datalist id="commands">
        {app.catalog.tables.commands.map((it) => (
          <option key={it.name} value={it.name}>
            {it.help}
          </option>
        ))}
      </datalist>
    </form>
  );
}

function Groups({ app }: { app: App }) {
  const { status } = useSignal(app.moment);
  useSignal(app.places);
  const plan = useSignal(app.plan);
  const current = status?.strips.reduce((sum, it) => sum + it.current_ma, 0) ?? 0;
  if (!plan) return null;
  return (
    <table class="groups">
      <caption>
        What shows now, with {(current / 1000).toFixed(2)} A at 5 V
        {status?.strips.some((it) => it.is_limited) ? ", limited by max_current" : ""}
      </caption>
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Effect</th>
          <th scope="col">Place in the picture</th>
        </tr>
      </thead>
      <tbody>
        {plan.groups.map((group, index) => {
          const shown = status?.groups[index];
          const light = app.lightPlaces[index];
          return (
            <tr key={group.name}>
              <th scope="row">
                <span
                  class="dot"
                  style={{ background: screenCss(hexLight(shown?.color ?? "000000")) }}
                />
                {group.name}
              </th>
              <td>
                <code>{shown?.layers.join(" | ")}</code>
              </td>
              <td>
                {light?.isCovered ? (
                  `over ${group.over.join(", ")}`
                ) : (
                  <select
                    aria-label={`Place of ${group.name}`}
                    value={light?.place}
                    onChange={(event) =>
                      app.places.set({
                        ...app.places.value,
                        [group.name]: event.currentTarget.value,
                      })
                    }
                  >
                    {Object.entries(PLACES).map(([place, label]) => (
                      <option key={place} value={place}>
                        {label}
                      </option>
                    ))}
                  </select>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
