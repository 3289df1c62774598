/** The editor of the config. */

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  isolateHistory,
  redo,
  undo,
} from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, foldService } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type ChangeSpec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  dropCursor,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Problem } from "../core.ts";
import type { Catalog } from "../tables.ts";
import { completion } from "./completion.ts";
import { klipperConfig } from "./language.ts";
import { diagnostics, fixOf, type Fix } from "./problems.ts";
import { swatches } from "./swatches.ts";

/** Longer texts are refused: they are not a config. */
export const MAX_TEXT = 262_144;

export interface EditorEvents {
  onText: (text: string) => void;
  onCursor: (position: number) => void;
  catalog: () => Catalog | undefined;
}

export class ConfigEditor {
  readonly #view: EditorView;

  constructor(parent: HTMLElement, text: string, events: EditorEvents) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightSpecialChars(),
          history(),
          foldGutter(),
          foldService.of(foldSection),
          drawSelection(),
          dropCursor(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({
            override: [completion(events.catalog)],
            addToOptions: [{ render: colorOption, position: 20 }],
            icons: false,
          }),
          highlightActiveLine(),
          highlightSelectionMatches(),
          lintGutter(),
          klipperConfig(events.catalog),
          swatches(events.catalog),
          keymap.of([
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...completionKeymap,
            ...lintKeymap,
          ]),
          EditorView.contentAttributes.of({ "aria-label": "Config" }),
          EditorState.changeFilter.of((transaction) => transaction.newDoc.length <= MAX_TEXT),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) events.onText(update.state.doc.toString());
            if (update.docChanged || update.selectionSet) {
              events.onCursor(update.state.selection.main.head);
            }
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the whole text; the change can be undone. */
  setText(text: string): void {
    const { doc } = this.#view.state;
    this.change([{ from: 0, to: doc.length, insert: text }]);
    this.#view.dispatch({ selection: { anchor: 0 }, scrollIntoView: true });
  }

  /**
   * Changes parts of the text. The cursor stays where it is in the rest. The changes of a drag are
   * one step for undo.
   */
  change(changes: ChangeSpec, isDrag = false): void {
    this.#view.dispatch({
      changes,
      userEvent: isDrag ? "input.type.form" : "input.form",
      ...(isDrag ? {} : { annotations: isolateHistory.of("full") }),
    });
  }

  /** Shows a place in the text. */
  reveal(position: number, hasFocus = false): void {
    this.#view.dispatch({
      selection: { anchor: position },
      effects: EditorView.scrollIntoView(position, { y: "nearest", yMargin: 60 }),
    });
    if (hasFocus) this.#view.focus();
  }

  setProblems(problems: readonly Problem[]): void {
    this.#view.dispatch(
      setDiagnostics(this.#view.state, diagnostics(this.#view.state.doc, problems)),
    );
  }

  fixOf(problem: Problem): Fix | undefined {
    return fixOf(this.#view.state.doc, problem);
  }

  undo(): void {
    undo(this.#view);
  }

  redo(): void {
    redo(this.#view);
  }

  focus(): void {
    this.#view.focus();
  }
}

/** Folds a section below its name. */
function foldSection(state: EditorState, from: number, to: number) {
  const first = state.doc.lineAt(from);
  if (!first.text.startsWith("[")) return null;
  let end = first;
  for (let number = first.number + 1; number <= state.doc.lines; number++) {
    const line = state.doc.line(number);
    if (line.text.startsWith("[")) break;
    if (line.text.trim()) end = line;
  }
  return end.number > first.number ? { from: to, to: end.to } : null;
}

/** Draws the color in front of the name of a color. */
function colorOption(option: { type?: string | undefined }): HTMLElement | null {
  const css = option.type?.startsWith("color-") ? `#${option.type.slice(6)}` : undefined;
  if (!css) return null;
  const square = document.createElement("span");
  square.className = "swatch";
  square.style.background = css;
  return square;
}
