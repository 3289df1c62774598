/** Changes of a layer, as changes of the text. */

import type { EffectTable, OptionTable } from "../core.ts";
import { layerText, type Layer, type LayerOption } from "./layers.ts";

export interface TextChange {
  from: number;
  to?: number;
  insert: string;
}

/** Returns the option of a layer under its name or its short name. */
export function findOption(layer: Layer, table: OptionTable): LayerOption | undefined {
  return layer.options.find((it) => it.name === table.name || it.name === table.short);
}

/** Sets an option of a layer; `undefined` removes it. */
export function setLayerOption(
  layer: Layer,
  table: OptionTable,
  value: string | undefined,
): TextChange | undefined {
  const found = findOption(layer, table);
  if (value === undefined || value === "") {
    // With the space in front of it.
    return found && { from: found.from - 1, to: found.to, insert: "" };
  }
  if (found) return { ...found.valueSpan, insert: value };
  return { from: layer.to, insert: ` ${table.short ?? table.name}=${value}` };
}

/** Replaces the words of a layer that are colors. */
export function setColors(layer: Layer, colors: readonly string[]): TextChange {
  const words: string[] = [];
  let isPlaced = false;
  for (const value of layer.values) {
    if (value.kind !== "color") {
      words.push(value.text);
    } else if (!isPlaced) {
      words.push(...colors);
      isPlaced = true;
    }
  }
  if (!isPlaced) {
    // Before the numbers of a bar, after its heater or axis.
    const at = words.findIndex((it) => /^[\d.+-]/.test(it));
    words.splice(at < 0 ? words.length : at, 0, ...colors);
  }
  return rewrite(layer, layer.effect.text, words, layer.options);
}

/** Replaces one color in its place. */
export function setColor(layer: Layer, index: number, color: string): TextChange | undefined {
  const word = layer.values.filter((it) => it.kind === "color")[index];
  return word && { from: word.from, to: word.to, insert: color };
}

/** Changes the effect of a layer. Colors and options stay if the new effect takes them. */
export function setEffect(
  layer: Layer,
  name: string,
  table: EffectTable | undefined,
  common: readonly OptionTable[],
): TextChange {
  const all = [...(table?.options ?? []), ...common];
  const takes = (option: LayerOption) =>
    all.some((it) => it.name === option.name || it.short === option.name);
  const takesColors = table?.usage.includes("COLOR") ?? false;
  const colors = takesColors ? layer.values.filter((it) => it.kind === "color") : [];
  const words = colors.map((it) => it.text);
  return rewrite(layer, name, words, layer.options.filter(takes));
}

/** Sets the palette of a layer, in place of its colors. */
export function setPalette(layer: Layer, palette: string): TextChange {
  const words = layer.values.filter((it) => it.kind !== "color").map((it) => it.text);
  const options = layer.options.filter((it) => it.name !== "palette");
  const kept = options.map((it) => [it.name, it.value] as const);
  const added = palette ? [...kept, ["palette", palette] as const] : kept;
  return { from: layer.from, to: layer.to, insert: layerText(layer.effect.text, words, added) };
}

function rewrite(
  layer: Layer,
  effect: string,
  words: readonly string[],
  options: readonly LayerOption[],
): TextChange {
  const pairs = options.map((it) => [it.name, it.value] as const);
  return { from: layer.from, to: layer.to, insert: layerText(effect, words, pairs) };
}
