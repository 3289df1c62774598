/** The layers of a group in a state, as a form. It shows the text and changes the text. */

import { useRef, useState } from "preact/hooks";
import type { App, Target } from "../app.ts";
import { ledHex, swatch } from "../config/color.ts";
import {
  findOption,
  setColor,
  setColors,
  setEffect,
  setLayerOption,
  setPalette,
  type TextChange,
} from "../config/edit.ts";
import { layersOf, layersText, parseLayer, type Layer } from "../config/layers.ts";
import type { OptionTable } from "../core.ts";
import { useSignal } from "../store.ts";
import { DraftInput } from "./draft.tsx";
import { Icon } from "./icons.tsx";

const MAX_LAYERS = 8;

export function LayersPanel({ app }: { app: App }) {
  const target = useSignal(app.target);
  const text = useSignal(app.text);
  const sections = useSignal(app.sections);
  const plan = useSignal(app.plan);
  const held = useSignal(app.held);
  const choices = sections.filter(
    (it) =>
      it.kind === "lumen_group" ||
      (it.kind === "lumen_effect" && it.options.some((option) => option.name === "layers")),
  );
  const section = app.section(target.section);
  if (!choices.length)
    return <p class="hint">Add a [lumen_group] section to edit its layers here.</p>;
  if (!section)
    return <SectionSelect app={app} target={target} names={choices.map((it) => it.name)} />;
  const isGroup = section.kind === "lumen_group";
  const state = isGroup ? target.option.slice(3) : "";
  const option = app.option(target);
  const layers = option ? layersOf(text, option, app.catalog.colorNames) : [];
  const scene = plan?.groups.find((it) => it.name === section.id)?.states[state];
  const built = scene?.layers ?? [
    app.catalog.states.find((it) => it.name === state)?.default ?? "off",
  ];
  return (
    <div class="layers">
      <div class="target">
        <SectionSelect app={app} target={target} names={choices.map((it) => it.name)} />
        {isGroup && (
          <label>
            State
            <select
              aria-label="State"
              value={target.option}
              onChange={(event) => show({ ...target, option: event.currentTarget.value })}
            >
              {app.catalog.stateNames.map((name) => {
                const isSet = section.options.some((it) => it.name === `on_${name}`);
                return (
                  <option key={name} value={`on_${name}`}>
                    {isSet ? "\u25cf " : "\u2007 "}
                    {name}
                  </option>
                );
              })}
            </select>
          </label>
        )}
        {isGroup && (
          <button
            type="button"
            class="chip"
            aria-pressed={held === state}
            onClick={() => app.hold(held === state ? undefined : state)}
          >
            Show this state
          </button>
        )}
      </div>
      {option ? (
        <LayerList app={app} target={target} layers={layers} />
      ) : (
        <div class="built-in">
          <p>
            <code>{target.option}</code> is not set. The group shows{" "}
            <code>{built.join(" | ")}</code>.
          </p>
          <button type="button" onClick={() => app.setOption(target, layersText(built))}>
            Change it
          </button>
        </div>
      )}
    </div>
  );

  function show(next: Target) {
    app.select(next);
    const found = app.option(next);
    if (found) app.editor?.reveal(found.value.from);
  }
}

function SectionSelect({ app, target, names }: { app: App; target: Target; names: string[] }) {
  return (
    <label>
      Group
      <select
        aria-label="Group"
        value={target.section}
        onChange={(event) => {
          const section = event.currentTarget.value;
          const isGroup = section.startsWith("lumen_group");
          const isState = target.option.startsWith("on_");
          const option = isGroup ? (isState ? target.option : "on_idle") : "layers";
          app.select({ section, option });
        }}
      >
        {!names.includes(target.section) && <option value={target.section}>Choose</option>}
        {names.map((name) => (
          <option key={name} value={name}>
            {name.replace("lumen_group ", "").replace("lumen_effect", "effect")}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ListProps {
  app: App;
  target: Target;
  layers: readonly Layer[];
}

function LayerList({ app, target, layers }: ListProps) {
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | undefined>(undefined);
  const text = app.text.value;
  const lines = layers.map((it) => text.slice(it.from, it.to));
  return (
    <>
      <ol class="layer-list" ref={list}>
        {layers.map((layer, index) => (
          <li
            key={index}
            class={`layer${drag?.from === index ? " dragged" : ""}${drag && drag.to === index && drag.from !== index ? (drag.to < drag.from ? " drop-above" : " drop-below") : ""}`}
          >
            <div class="layer-head">
              <span
                class="grip"
                title="Drag to another place"
                onPointerDown={(event) => startDrag(event, index)}
              >
                <Icon name="grip" />
              </span>
              <EffectSelect app={app} layer={layer} />
              <span class="spacer" />
              <button
                type="button"
                class="small"
                aria-label={`Move layer ${index + 1} up`}
                disabled={index === 0}
                onClick={() => move(index, index - 1)}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                class="small"
                aria-label={`Move layer ${index + 1} down`}
                disabled={index === layers.length - 1}
                onClick={() => move(index, index + 1)}
              >
                <Icon name="down" />
              </button>
              <button
                type="button"
                class="small"
                aria-label={`Copy layer ${index + 1}`}
                disabled={layers.length >= MAX_LAYERS}
                onClick={() => set([...lines.slice(0, index + 1), ...lines.slice(index)])}
              >
                <Icon name="copy" />
              </button>
              <button
                type="button"
                class="small"
                aria-label={`Remove layer ${index + 1}`}
                disabled={layers.length === 1}
                onClick={() => set(lines.filter((_, at) => at !== index))}
              >
                <Icon name="close" />
              </button>
            </div>
            <LayerForm app={app} layer={layer} isLowest={index === layers.length - 1} />
          </li>
        ))}
      </ol>
      <div class="layer-actions">
        <button
          type="button"
          disabled={layers.length >= MAX_LAYERS}
          onClick={() => set(["comet white", ...lines])}
        >
          <Icon name="plus" /> Add a layer
        </button>
        {target.option.startsWith("on_") && (
          <button type="button" onClick={remove}>
            Use the built-in effect
          </button>
        )}
      </div>
    </>
  );

  function set(next: readonly string[]) {
    app.setOption(target, layersText(next));
  }

  function move(from: number, to: number) {
    const next = [...lines];
    const [line] = next.splice(from, 1);
    if (line !== undefined) next.splice(to, 0, line);
    set(next);
  }

  function remove() {
    const option = app.option(target);
    if (!option) return;
    app.edit({ from: Math.max(0, option.from - 1), to: option.to, insert: "" });
  }

  function startDrag(event: PointerEvent, from: number) {
    event.preventDefault();
    const grip = event.currentTarget as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    let to = from;
    const onMove = (moved: PointerEvent) => {
      const items = [...(list.current?.children ?? [])];
      const below = items.findIndex((item) => {
        const { top, height } = item.getBoundingClientRect();
        return moved.clientY < top + height;
      });
      to = below < 0 ? items.length - 1 : below;
      setDrag({ from, to });
    };
    const onEnd = (ended: PointerEvent) => {
      grip.removeEventListener("pointermove", onMove);
      grip.removeEventListener("pointerup", onEnd);
      grip.removeEventListener("pointercancel", onEnd);
      setDrag(undefined);
      if (ended.type === "pointerup" && to !== from) move(from, to);
    };
    grip.addEventListener("pointermove", onMove);
    grip.addEventListener("pointerup", onEnd);
    grip.addEventListener("pointercancel", onEnd);
    setDrag({ from, to });
  }
}

function EffectSelect({ app, layer }: { app: App; layer: Layer }) {
  const { catalog } = app;
  const name = layer.effect.text;
  const custom = catalog.customEffectNames;
  const isKnown = catalog.effects.has(name) || custom.includes(name);
  return (
    <select
      class="effect"
      aria-label="Effect"
      value={name}
      onChange={(event) => {
        const next = event.currentTarget.value;
        const common = [...catalog.tables.effect_options, ...catalog.layerOptions];
        app.edit(setEffect(layer, next, catalog.effect(next), common));
      }}
    >
      {!isKnown && <option value={name}>{name}</option>}
      {custom.length > 0 && (
        <optgroup label="Of this config">
          {custom.map((it) => (
            <option key={it} value={it}>
              {it}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="Built in">
        {[...catalog.effects.values()].map((it) => (
          <option key={it.name} value={it.name} title={it.help}>
            {it.name}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

interface LayerProps {
  app: App;
  layer: Layer;
  isLowest: boolean;
}

function LayerForm({ app, layer, isLowest }: LayerProps) {
  const { catalog } = app;
  const table = catalog.effect(layer.effect.text);
  const colors = layer.values.filter((it) => it.kind === "color");
  const others = layer.values.filter((it) => it.kind !== "color");
  const takesColors = table?.usage.includes("COLOR") ?? false;
  const options = (table?.options ?? []).filter(
    (it) => it.name !== "palette" && it.kind !== "colors",
  );
  const isMain = (it: OptionTable) =>
    findOption(layer, it) !== undefined || ["speed", "max_brightness"].includes(it.name);
  const more = [...options.filter((it) => !isMain(it)), ...catalog.tables.effect_options];
  const hasPalette = table?.options.some((it) => it.name === "palette") ?? false;
  const palette = layer.options.find((it) => it.name === "palette")?.value ?? "";
  const layerOptions = catalog.layerOptions.filter((it) => !(isLowest && it.name === "blend"));
  return (
    <div class="layer-form">
      {takesColors && (
        <div class="colors" role="group" aria-label="Colors">
          {colors.map((word, index) => (
            <ColorChip
              key={index}
              app={app}
              text={word.text}
              onPick={(color) => apply(setColor(layer, index, color), true)}
              onRemove={() =>
                apply(
                  setColors(
                    layer,
                    colors.filter((_, at) => at !== index).map((it) => it.text),
                  ),
                )
              }
            />
          ))}
          <button
            type="button"
            class="small"
            aria-label="Add a color"
            disabled={colors.length >= 16}
            onClick={() => apply(addColor())}
          >
            <Icon name="plus" />
          </button>
          {hasPalette && (
            <label>
              Palette
              <select
                value={palette}
                onChange={(event) => apply(setPalette(layer, event.currentTarget.value))}
              >
                <option value="">none</option>
                {palette && !catalog.paletteNames.includes(palette) && (
                  <option value={palette}>{palette}</option>
                )}
                {catalog.paletteNames.map((it) => (
                  <option key={it} value={it}>
                    {it}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
      )}
      {others.map((word, index) => (
        <label key={index} class="field">
          <span>Value {index + 1}</span>
          <DraftInput
            type="text"
            value={word.text}
            onCommit={(insert) => apply({ from: word.from, to: word.to, insert })}
          />
        </label>
      ))}
      <div class="fields">
        {options.filter(isMain).map((it) => (
          <Field key={it.name} app={app} layer={layer} table={it} />
        ))}
        {layerOptions.map((it) => (
          <Field key={it.name} app={app} layer={layer} table={it} />
        ))}
      </div>
      {more.length > 0 && (
        <details>
          <summary>More options</summary>
          <div class="fields">
            {more.map((it) => (
              <Field key={it.name} app={app} layer={layer} table={it} />
            ))}
          </div>
        </details>
      )}
    </div>
  );

  function apply(change: TextChange | undefined, isDrag = false) {
    if (change) app.edit(change, isDrag);
  }

  /** A palette gives way to colors. */
  function addColor(): TextChange {
    const words = [...colors.map((it) => it.text), colors.length ? "white" : "red"];
    const change = setColors(layer, words);
    if (!palette) return change;
    const added = parseLayer(change.insert, 0, catalog.colorNames);
    const values = added?.values.map((it) => it.text) ?? words;
    const kept = layer.options.filter((it) => it.name !== "palette");
    const text = [layer.effect.text, ...values, ...kept.map((it) => `${it.name}=${it.value}`)];
    return { from: layer.from, to: layer.to, insert: text.join(" ") };
  }
}

interface ChipProps {
  app: App;
  text: string;
  onPick: (color: string) => void;
  onRemove: () => void;
}

function ColorChip({ app, text, onPick, onRemove }: ChipProps) {
  const css = swatch(text, app.catalog.colors) ?? "#000000";
  return (
    <span class="color-chip">
      <label class="swatch large" style={{ background: css }}>
        <input
          type="color"
          value={css}
          aria-label={`Color ${text}`}
          onInput={(event) => onPick(ledHex(event.currentTarget.value))}
        />
      </label>
      <DraftInput
        type="text"
        list="color-names"
        value={text}
        size={Math.max(5, text.length)}
        aria-label="Color as text"
        onCommit={(color) => onPick(color || "white")}
      />
      <button type="button" class="small" aria-label={`Remove ${text}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

function Field({ app, layer, table }: { app: App; layer: Layer; table: OptionTable }) {
  const found = findOption(layer, table);
  const value = found?.value ?? "";
  const set = (next: string | undefined) => {
    const change = setLayerOption(layer, table, next);
    if (change) app.edit(change, ["number", "count", "color"].includes(table.kind));
  };
  const label = (table.short ?? table.name).replaceAll("_", " ");
  const hint = `${table.help}${table.default ? ` (default: ${table.default})` : ""}`;
  return (
    <div class={`field${found ? " set" : ""}`} title={hint}>
      <label>
        <span>{label}</span>
        <Editor app={app} table={table} value={value} onChange={set} />
      </label>
      <button
        type="button"
        class="small"
        aria-label={`Use the default of ${label}`}
        disabled={!found}
        onClick={() => set(undefined)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

interface EditorProps {
  app: App;
  table: OptionTable;
  value: string;
  onChange: (value: string | undefined) => void;
}

function Editor({ app, table, value, onChange }: EditorProps) {
  switch (table.kind) {
    case "number":
    case "count":
      return <NumberEditor table={table} value={value} onChange={onChange} />;
    case "bool":
      return (
        <input
          type="checkbox"
          checked={/^(yes|true|on|1)$/i.test(value || (table.default ?? ""))}
          onChange={(event) => onChange(event.currentTarget.checked ? "yes" : "no")}
        />
      );
    case "choice":
    case "axis":
    case "source": {
      const words = choicesOf(table);
      return (
        <select
          value={value}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        >
          <option value="">{table.default ?? "not set"}</option>
          {value && !words.includes(value) && <option value={value}>{value}</option>}
          {words.map((it) => (
            <option key={it} value={it}>
              {it}
            </option>
          ))}
        </select>
      );
    }
    case "color": {
      const css = swatch(value || (table.default ?? ""), app.catalog.colors) ?? "#000000";
      return (
        <span class="swatch large" style={{ background: css }}>
          <input
            type="color"
            value={css}
            onInput={(event) => onChange(ledHex(event.currentTarget.value))}
          />
        </span>
      );
    }
    default:
      return (
        <DraftInput
          type="text"
          value={value}
          placeholder={table.default ?? ""}
          onCommit={(next) => onChange(next || undefined)}
        />
      );
  }
}

function choicesOf(table: OptionTable): readonly string[] {
  if (table.kind === "axis") return ["x", "y", "z"];
  if (table.kind === "source") return ["extruder", "bed", "chamber"];
  return table.choices ?? [];
}

function NumberEditor({ table, value, onChange }: Omit<EditorProps, "app">) {
  const fallback = Number(table.default ?? Number.NaN);
  const current = value === "" ? fallback : Number(value);
  const isCount = table.kind === "count";
  const min = table.min ?? (isCount ? 1 : 0);
  const guess = Math.max(Number.isFinite(fallback) ? 4 * fallback : 0, isCount ? 20 : 2);
  const limit = Math.min(table.max ?? Number.POSITIVE_INFINITY, Math.max(guess, current || 0));
  const isSmall = table.max !== undefined && table.max - min <= 100;
  const max = isSmall && table.max !== undefined ? table.max : limit;
  const step = isCount ? 1 : max - min > 20 ? 0.5 : max - min > 3 ? 0.05 : 0.01;
  const lowest = table.above !== undefined ? Math.max(step, min) : min;
  return (
    <span class="number">
      <input
        type="range"
        min={lowest}
        max={max}
        step={step}
        value={Number.isFinite(current) ? current : (lowest + max) / 2}
        onInput={(event) => onChange(String(Number(event.currentTarget.value)))}
      />
      <DraftInput
        type="number"
        min={lowest}
        {...(table.max === undefined ? {} : { max: table.max })}
        step="any"
        value={value}
        placeholder={table.default ?? "auto"}
        aria-label={`${table.name} as a number`}
        onCommit={(next) => onChange(next || undefined)}
      />
    </span>
  );
}
