/** Highlighting of Klipper's config format. */

import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import { isColorNotation } from "../config/layers.ts";
import type { Catalog } from "../tables.ts";

interface ReadState {
  section: string;
  option: string;
  /** Whether the next word is the first one of a layer. */
  isFirst: boolean;
  inValue: boolean;
}

/** Returns whether the value of an option is made of effects. */
export function takesEffects(section: string, option: string): boolean {
  if (section.startsWith("lumen_effect")) return option === "layers" || option === "effect";
  return section.startsWith("lumen_group") && option.startsWith("on_");
}

export function klipperConfig(catalog: () => Catalog | undefined): Extension {
  const language = StreamLanguage.define<ReadState>({
    name: "klipper-config",
    startState: () => ({ section: "", option: "", isFirst: false, inValue: false }),
    copyState: (state) => ({ ...state }),
    token(stream, state) {
      if (stream.sol()) {
        if (stream.match(/^\[[^\]]*\]/)) {
          state.section = stream.current().slice(1, -1).trim();
          state.option = "";
          state.inValue = false;
          return state.section.startsWith("lumen") ? "heading" : "labelName";
        }
        if (!/^\s/.test(stream.string)) state.inValue = false;
        state.isFirst = true;
      }
      if (stream.eatSpace()) return null;
      const previous = stream.pos ? (stream.string[stream.pos - 1] ?? " ") : " ";
      if (/[#;]/.test(stream.peek() ?? "") && /\s/.test(previous)) {
        stream.skipToEnd();
        return "comment";
      }
      if (!state.inValue) {
        if (stream.match(/^[^\s:=]+/)) {
          state.option = stream.current().toLowerCase();
          return "propertyName";
        }
        if (stream.match(/^[:=]/)) {
          state.inValue = true;
          state.isFirst = true;
          return "punctuation";
        }
        stream.next();
        return null;
      }
      return valueToken(stream, state, catalog());
    },
    languageData: { commentTokens: { line: "#" } },
  });
  return [language, syntaxHighlighting(style)];
}

function valueToken(
  stream: { match(pattern: RegExp): unknown; next(): unknown; current(): string },
  state: ReadState,
  catalog: Catalog | undefined,
): string | null {
  const isEffect = takesEffects(state.section, state.option);
  if (stream.match(/^\|/)) {
    state.isFirst = true;
    return "punctuation";
  }
  if (stream.match(/^,/)) return "punctuation";
  if (stream.match(/^[a-z_]+(?==\S)/i)) return isEffect ? "attributeName" : "string";
  if (stream.match(/^=/)) return "punctuation";
  if (!stream.match(/^(hsv|rgb|rgbw)?\([^)]*\)|^[^\s,|=]+/i)) {
    stream.next();
    return null;
  }
  const word = stream.current();
  const wasFirst = state.isFirst;
  state.isFirst = false;
  if (isEffect && wasFirst) return "keyword";
  if (isColorNotation(word) || catalog?.colorNames.has(word.toLowerCase())) return "color";
  if (/^[+-]?[\d.]+%?$/.test(word)) return "number";
  return "string";
}

const style = HighlightStyle.define([
  { tag: tags.heading, color: "var(--code-section)", fontWeight: "600" },
  { tag: tags.labelName, color: "var(--code-other)", fontWeight: "600" },
  { tag: tags.propertyName, color: "var(--code-option)" },
  { tag: tags.keyword, color: "var(--code-effect)", fontWeight: "600" },
  { tag: tags.attributeName, color: "var(--code-parameter)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.color, color: "var(--code-color)" },
  { tag: tags.string, color: "var(--code-text)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.punctuation, color: "var(--code-comment)" },
]);
