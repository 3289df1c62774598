/** The core's problems as marks in the editor, with a fix if it suggests a word. */

import type { Action, Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Problem } from "../core.ts";

export interface Fix {
  from: number;
  to: number;
  insert: string;
}

/** Returns where a problem is in the text. */
export function place(doc: Text, problem: Problem): { from: number; to: number } {
  if (problem.line === null || problem.line < 1 || problem.line > doc.lines) {
    return { from: 0, to: 0 };
  }
  const line = doc.line(problem.line);
  const wrong = wrongWord(problem);
  const span = wrong ? wordSpan(doc, problem.line, wrong) : undefined;
  if (span) return span;
  const start = line.text.length - line.text.trimStart().length;
  return { from: line.from + start, to: line.to };
}

/** Returns the change that a problem suggests. */
export function fixOf(doc: Text, problem: Problem): Fix | undefined {
  if (!problem.suggestion || problem.line === null || problem.line > doc.lines) return undefined;
  const wrong = wrongWord(problem);
  const span = wrong ? wordSpan(doc, problem.line, wrong) : undefined;
  return span ? { ...span, insert: problem.suggestion } : undefined;
}

/** The last quoted word before the suggestion is the wrong one. */
function wrongWord({ message, suggestion }: Problem): string | undefined {
  const end = suggestion ? message.lastIndexOf("did you mean") : message.length;
  const quoted = [...message.slice(0, end < 0 ? message.length : end).matchAll(/'([^']+)'/g)];
  const words = quoted.map((it) => it[1] ?? "");
  // A message about an option begins with it; what follows names the section.
  if (suggestion && /^(Option|Section) '/.test(message) && !message.includes(": ")) {
    return words[0];
  }
  return words[words.length - 1];
}

/** Finds a word in a line or in the continuation lines below it. */
function wordSpan(
  doc: Text,
  first: number,
  word: string,
): { from: number; to: number } | undefined {
  const pattern = new RegExp(
    `(^|[^\\w.])(${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})(?![\\w])`,
    "i",
  );
  for (let number = first; number <= doc.lines; number++) {
    const line = doc.line(number);
    if (number > first && line.text && !/^\s/.test(line.text)) break;
    const match = pattern.exec(line.text);
    if (match) {
      const from = line.from + match.index + (match[1]?.length ?? 0);
      return { from, to: from + word.length };
    }
  }
  return undefined;
}

export function diagnostics(doc: Text, problems: readonly Problem[]): Diagnostic[] {
  return problems.map((problem): Diagnostic => {
    const fix = fixOf(doc, problem);
    const actions: Action[] = fix
      ? [
          {
            name: `Change to ${fix.insert}`,
            apply: (view: EditorView) => view.dispatch({ changes: fix, userEvent: "input.fix" }),
          },
        ]
      : [];
    return {
      ...place(doc, problem),
      severity: problem.severity === "note" ? "info" : problem.severity,
      message: problem.message,
      actions,
    };
  });
}
