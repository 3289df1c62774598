/**
 * The layers of an effect's text, as words with their positions, for forms and completion.
 *
 * It splits text into words. Which words are right is decided by the core.
 */

import type { OptionNode, Span } from "./outline.ts";

export type WordKind = "color" | "number" | "word";

export interface Word extends Span {
  text: string;
  kind: WordKind;
}

export interface LayerOption extends Span {
  name: string;
  value: string;
  valueSpan: Span;
}

export interface Layer extends Span {
  effect: Word;
  /** The values after the name of the effect, without the options. */
  values: Word[];
  options: LayerOption[];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const HEX = /^([0-9a-f]{6}|[0-9a-f]{8})$/i;
const FUNCTION = /^(hsv|rgb|rgbw)?\(.*\)$/i;
const KELVIN = /^\d{4,5}k$/i;

/** Returns whether a word is a color that needs no table. */
export function isColorNotation(text: string): boolean {
  return HEX.test(text) || FUNCTION.test(text) || KELVIN.test(text) || isLevels(text);
}

function isLevels(text: string): boolean {
  const parts = text.split(",");
  return parts.length >= 3 && parts.length <= 4 && parts.every((it) => NUMBER.test(it.trim()));
}

/** Returns the layers of an option's value, the highest first. */
export function layersOf(text: string, option: OptionNode, colors: ReadonlySet<string>): Layer[] {
  const layers: Layer[] = [];
  for (const line of option.lines) {
    let from = line.from;
    for (const part of text.slice(line.from, line.to).split("|")) {
      const layer = parseLayer(part, from, colors);
      if (layer) layers.push(layer);
      from += part.length + 1;
    }
  }
  return layers;
}

/** Parses one layer; `at` is the position of the text in the config. */
export function parseLayer(
  text: string,
  at: number,
  colors: ReadonlySet<string>,
): Layer | undefined {
  const words = joinLevels(split(text, at));
  const effect = words[0];
  if (!effect) return undefined;
  const values: Word[] = [];
  const options: LayerOption[] = [];
  for (const word of words.slice(1)) {
    const equals = word.text.indexOf("=");
    if (equals > 0) {
      const value = word.text.slice(equals + 1);
      options.push({
        from: word.from,
        to: word.to,
        name: word.text.slice(0, equals).toLowerCase(),
        value,
        valueSpan: { from: word.from + equals + 1, to: word.to },
      });
    } else {
      const isColor = word.kind === "color" || colors.has(word.text.toLowerCase());
      values.push({ ...word, kind: isColor ? "color" : word.kind });
    }
  }
  const last = words[words.length - 1] ?? effect;
  return { from: effect.from, to: last.to, effect, values, options };
}

/** Splits text at white space that is not in parentheses. */
function split(text: string, at: number): Word[] {
  const words: Word[] = [];
  let start = -1;
  let depth = 0;
  for (let index = 0; index <= text.length; index++) {
    const char = text[index] ?? " ";
    if (char === "(") depth++;
    if (char === ")") depth = Math.max(0, depth - 1);
    const isSpace = (/\s/.test(char) && depth === 0) || index === text.length;
    if (!isSpace && start < 0) start = index;
    if (isSpace && start >= 0) {
      words.push(...splitCommas(text.slice(start, index), at + start));
      start = -1;
    }
  }
  return words;
}

/** Splits a list of values such as `red,yellow`, but neither levels nor the value of an option. */
function splitCommas(text: string, at: number): Word[] {
  if (text.includes("=") || isLevels(text)) return [word(text, at)];
  const words: Word[] = [];
  let start = 0;
  let depth = 0;
  for (let index = 0; index <= text.length; index++) {
    const char = text[index] ?? ",";
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && (depth <= 0 || index === text.length)) {
      // A number keeps its comma until joinLevels has seen it.
      const part = text.slice(start, index);
      if (part) {
        const found = word(part, at + start);
        words.push(found);
        if (index < text.length && found.kind === "number") found.text += ",";
      }
      start = index + 1;
    }
  }
  return words;
}

function word(text: string, from: number): Word {
  const kind = NUMBER.test(text) ? "number" : isColorNotation(text) ? "color" : "word";
  return { text, kind, from, to: from + text.length };
}

/** Joins three or four numbers with commas between them to a color. */
function joinLevels(words: Word[]): Word[] {
  const joined: Word[] = [];
  for (let index = 0; index < words.length; index++) {
    const first = words[index];
    if (!first) break;
    let count = 1;
    if (first.kind === "number") {
      while (count < 4 && words[index + count - 1]?.text.endsWith(",")) {
        if (words[index + count]?.kind !== "number") break;
        count++;
      }
    }
    if (count >= 3) {
      const parts = words.slice(index, index + count);
      const text = parts.map((it) => it.text.replace(",", "")).join(", ");
      joined.push({ text, kind: "color", from: first.from, to: parts[count - 1]?.to ?? first.to });
      index += count - 1;
    } else {
      joined.push({ ...first, text: first.text.replace(/,$/, "") });
    }
  }
  return joined;
}

/** Returns a layer as text. */
export function layerText(
  effect: string,
  values: readonly string[],
  options: readonly (readonly [string, string])[],
): string {
  return [effect, ...values, ...options.map(([name, value]) => `${name}=${value}`)].join(" ");
}

/** Returns layers as the value of an option: one in its line, several below it. */
export function layersText(layers: readonly string[]): string {
  if (layers.length === 1) return layers[0] ?? "";
  return layers.map((it) => `\n    ${it}`).join("");
}
