/** Completion from the core's tables. */

import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from "@codemirror/autocomplete";
import { swatch } from "../config/color.ts";
import { optionAt, outline, sectionAt, type SectionNode } from "../config/outline.ts";
import type { OptionTable } from "../core.ts";
import type { Catalog } from "../tables.ts";
import { takesEffects } from "./language.ts";

export function completion(catalog: () => Catalog | undefined): CompletionSource {
  return (context) => {
    const tables = catalog();
    return tables ? complete(context, tables) : null;
  };
}

function complete(context: CompletionContext, catalog: Catalog): CompletionResult | null {
  const { state, pos } = context;
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  if (/(^|\s)[#;]/.test(before)) return null;
  if (/^\[[^\]]*$/.test(before)) return sections(before, line.from, catalog);
  const sectionsOfText = outline(state.doc.toString());
  const section = sectionAt(sectionsOfText, pos);
  if (!section?.kind.startsWith("lumen")) {
    return context.explicit && !before ? sections("", pos, catalog) : null;
  }
  const name = /^[a-z_0-9]*$/i.exec(before);
  if (name) {
    if (!before && !context.explicit) return null;
    return optionNames(section, line.from, catalog);
  }
  const option = optionAt(section, pos)?.name ?? optionBefore(section, pos);
  if (!option) return null;
  const start = before.match(/[^\s,|:()]*$/)?.[0] ?? "";
  const from = pos - start.length;
  if (takesEffects(section.kind, option)) {
    return effectWords(before, start, from, context.explicit, catalog);
  }
  const table = catalog
    .sectionOptions(section.kind, effectOf(state.doc.toString(), section))
    .find((it) => it.name === option || it.short === option);
  if (!start && !context.explicit && !/[:=]\s?$/.test(before)) return null;
  return { from, options: values(table, option, catalog, sectionsOfText), validFor: /^[\w.]*$/ };
}

function optionBefore(section: SectionNode, position: number): string | undefined {
  const before = section.options.filter((it) => it.from <= position);
  return before[before.length - 1]?.name;
}

function effectOf(text: string, section: SectionNode): string {
  const option = section.options.find((it) => it.name === "effect");
  return option ? text.slice(option.value.from, option.value.to) : section.id;
}

function sections(before: string, lineFrom: number, catalog: Catalog): CompletionResult {
  const options = catalog.tables.sections.map((it): Completion => {
    const [kind = "", id] = it.name.split(" ");
    return { label: `[${kind}${id ? " " : "]"}`, detail: id ?? "", info: it.help, type: "class" };
  });
  return { from: lineFrom + (before ? 0 : 0), options, validFor: /^\[[\w ]*$/ };
}

function optionNames(section: SectionNode, from: number, catalog: Catalog): CompletionResult {
  const used = new Set(section.options.map((it) => it.name));
  const options: Completion[] = [];
  if (section.kind === "lumen_group") {
    for (const name of catalog.stateNames) {
      const help = catalog.states.find((it) => it.name === name)?.help ?? "A state of the config";
      options.push({
        label: `on_${name}`,
        apply: `on_${name}: `,
        info: help,
        type: "property",
        boost: 1,
      });
    }
  }
  for (const option of catalog.sectionOptions(section.kind, section.id)) {
    options.push({ ...optionCompletion(option), apply: `${option.name}: ` });
  }
  const free = options.filter((it) => !used.has(it.label));
  return { from, options: free, validFor: /^\w*$/ };
}

function optionCompletion(option: OptionTable): Completion {
  const limits =
    option.min !== undefined
      ? `${option.min} to ${option.max}`
      : option.above !== undefined
        ? `above ${option.above}`
        : "";
  const detail = [limits, option.unit].filter(Boolean).join(" ");
  const fallback = option.default ? ` (default: ${option.default})` : "";
  return { label: option.name, detail, info: option.help + fallback, type: "property" };
}

/** Completes the words of a layer: its effect, colors and palettes, and its options. */
function effectWords(
  before: string,
  start: string,
  from: number,
  isExplicit: boolean,
  catalog: Catalog,
): CompletionResult | null {
  const layer =
    before
      .replace(/^[a-z_0-9]+\s*[:=]/i, "")
      .split("|")
      .pop() ?? "";
  const words = layer
    .slice(0, layer.length - start.length)
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const effect = words[0];
  if (!start && !isExplicit && !/[:=|\s]$/.test(before)) return null;
  if (!effect) {
    return { from, options: effects(catalog), validFor: /^\w*$/ };
  }
  const equals = start.indexOf("=");
  const table = catalog.effect(effect);
  const all = [
    ...(table?.options ?? []),
    ...catalog.tables.effect_options,
    ...catalog.layerOptions,
  ];
  if (equals >= 0) {
    const name = start.slice(0, equals).toLowerCase();
    const option = all.find((it) => it.name === name || it.short === name);
    return {
      from: from + equals + 1,
      options: values(option, name, catalog, []),
      validFor: /^[\w.]*$/,
    };
  }
  const options: Completion[] = all.map((it) => ({
    ...optionCompletion(it),
    label: it.short ?? it.name,
    apply: `${it.short ?? it.name}=`,
    type: "property",
  }));
  const takesColors = table?.options.some((it) => /color|palette/.test(it.kind));
  if (takesColors) options.push(...colors(catalog), ...palettes(catalog));
  if (table?.options.some((it) => it.kind === "source")) {
    for (const source of ["extruder", "bed", "chamber"]) {
      options.push({ label: source, type: "constant", detail: "temperature" });
    }
  }
  return { from, options, validFor: /^\w*$/ };
}

function effects(catalog: Catalog): Completion[] {
  const builtIn = [...catalog.effects.values()].map((it): Completion => ({
    label: it.name,
    detail: it.usage.replace(it.name, "").trim(),
    info: it.help,
    type: "function",
  }));
  const custom = catalog.customEffectNames.map((it): Completion => ({
    label: it,
    detail: "of this config",
    type: "function",
    boost: 2,
  }));
  return [...custom, ...builtIn];
}

function colors(catalog: Catalog): Completion[] {
  return [...catalog.colors].map(([name, hex]) => ({
    label: name,
    detail: hex,
    type: `color-${swatch(hex, catalog.colors)?.slice(1) ?? ""}`,
    boost: -1,
  }));
}

function palettes(catalog: Catalog): Completion[] {
  return catalog.paletteNames.map((it) => ({
    label: `palette=${it}`,
    type: "constant",
    detail: "palette",
    boost: -2,
  }));
}

/** Completes the value of an option by its kind. */
function values(
  option: OptionTable | undefined,
  name: string,
  catalog: Catalog,
  sections: readonly SectionNode[],
): Completion[] {
  const words = (list: readonly string[], type: string): Completion[] =>
    list.map((label) => ({ label, type }));
  if (name === "strip") {
    const strips = sections.filter((it) => it.kind === "lumen_strip");
    return words(
      strips.map((it) => it.id),
      "variable",
    );
  }
  switch (option?.kind) {
    case "choice":
      return words(option.choices ?? [], "enum");
    case "bool":
      return words(["True", "False"], "enum");
    case "color":
    case "colors":
      return [...colors(catalog), ...words(catalog.paletteNames, "constant")];
    case "palette":
      return words(catalog.paletteNames, "constant");
    case "axis":
      return words(["x", "y", "z"], "enum");
    case "source":
      return words(["extruder", "bed", "chamber"], "constant");
    case "effect":
      return effects(catalog);
    default:
      return [];
  }
}
