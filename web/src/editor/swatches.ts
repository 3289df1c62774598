/** Small squares in front of colors. A press opens a color picker. */

import { RangeSetBuilder, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  ViewPlugin,
  WidgetType,
  type DecorationSet,
  type ViewUpdate,
} from "@codemirror/view";
import { ledHex, swatch } from "../config/color.ts";
import { isColorNotation } from "../config/layers.ts";
import type { Catalog } from "../tables.ts";

const WORD = /(hsv|rgb|rgbw)?\([^)]*\)|[^\s,|=:()]+/gi;

class Swatch extends WidgetType {
  constructor(
    readonly css: string,
    readonly length: number,
  ) {
    super();
  }

  override eq(other: Swatch): boolean {
    return other.css === this.css && other.length === this.length;
  }

  override toDOM(view: EditorView): HTMLElement {
    const label = document.createElement("label");
    label.className = "swatch";
    label.style.background = this.css;
    const input = document.createElement("input");
    input.type = "color";
    input.value = this.css;
    input.tabIndex = -1;
    input.setAttribute("aria-label", "Pick a color");
    input.addEventListener("input", () => {
      const from = view.posAtDOM(label);
      const insert = ledHex(input.value);
      const length = Number(label.dataset["length"] ?? this.length);
      view.dispatch({
        changes: { from, to: from + length, insert },
        userEvent: "input.type.color",
      });
      label.dataset["length"] = String(insert.length);
    });
    label.append(input);
    return label;
  }

  override updateDOM(dom: HTMLElement): boolean {
    // The same element stays, so that an open picker stays too.
    dom.style.background = this.css;
    dom.dataset["length"] = String(this.length);
    return true;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

export function swatches(catalog: () => Catalog | undefined): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = build(view, catalog());
      }

      update(update: ViewUpdate): void {
        if (update.docChanged || update.viewportChanged) {
          this.decorations = build(update.view, catalog());
        }
      }
    },
    { decorations: (it) => it.decorations },
  );
}

function build(view: EditorView, catalog: Catalog | undefined): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const names = catalog?.colors ?? new Map<string, string>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at);
      at = line.to + 1;
      const value = /^(\s+|[^\s#;[][^:=]*[:=])/.exec(line.text);
      if (!value || /^\s*[#;]/.test(line.text)) continue;
      const comment = /\s[#;]/.exec(line.text);
      const text = line.text.slice(0, comment?.index);
      WORD.lastIndex = value[0].length;
      for (let match = WORD.exec(text); match; match = WORD.exec(text)) {
        const word = match[0];
        // The first word after the colon is an effect, if it is one: `fire` is a color too.
        const isFirst = !text.slice(value[0].length, match.index).trim();
        if (isFirst && catalog?.effects.has(word)) continue;
        if (!names.has(word.toLowerCase()) && !isColorNotation(word)) continue;
        if (word === "off") continue;
        const css = swatch(word, names);
        if (!css) continue;
        const place = line.from + match.index;
        const widget = new Swatch(css, word.length);
        builder.add(place, place, Decoration.widget({ widget, side: -1 }));
      }
    }
  }
  return builder.finish();
}
