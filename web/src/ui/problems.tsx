/** The problems of the config, with their fixes. */

import { useState } from "preact/hooks";
import type { App } from "../app.ts";
import { place } from "../editor/problems.ts";
import { useSignal } from "../store.ts";
import { Text } from "@codemirror/state";

export function Problems({ app }: { app: App }) {
  const problems = useSignal(app.problems);
  const [isOpen, setOpen] = useState(true);
  const errors = problems.filter((it) => it.severity === "error").length;
  const summary = errors
    ? `${errors} ${errors === 1 ? "mistake" : "mistakes"}; the lights keep the last good config`
    : problems.length
      ? `${problems.length} ${problems.length === 1 ? "remark" : "remarks"}`
      : "no problems found";
  return (
    <div class={`problems ${errors ? "bad" : problems.length ? "fair" : "good"}`}>
      <button
        type="button"
        class="summary"
        aria-expanded={isOpen && problems.length > 0}
        disabled={!problems.length}
        onClick={() => setOpen(!isOpen)}
      >
        {summary}
      </button>
      {isOpen && problems.length > 0 && (
        <ul class="problem-list" aria-live="polite">
          {problems.map((problem, index) => {
            const fix = app.editor?.fixOf(problem);
            return (
              <li key={index} class={problem.severity}>
                <button type="button" class="where" onClick={() => reveal(index)}>
                  {problem.line ? `line ${problem.line}` : problem.file}
                </button>
                <span>{problem.message}</span>
                {fix && (
                  <button type="button" class="fix" onClick={() => app.edit(fix)}>
                    Change to {fix.insert}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );

  function reveal(index: number) {
    const problem = problems[index];
    if (!problem) return;
    const doc = Text.of(app.text.value.split("\n"));
    app.editor?.reveal(place(doc, problem).from, true);
  }
}
