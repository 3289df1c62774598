/** The dialogs: copy the config, open another one, export pictures. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { macros } from "virtual:lumen-documents";
import type { App } from "../app.ts";
import { EXAMPLE } from "../example.ts";
import { Cancelled, canRecord, gif, png, save, webm } from "../export/export.ts";
import { MAX_TEXT } from "../editor/editor.ts";
import { useSignal } from "../store.ts";
import { Icon } from "./icons.tsx";

export type DialogName = "copy" | "open" | "export";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          class="small"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Returns the sections of Lumen, without those of Klipper. */
export function lumenSections(app: App): string {
  const text = app.text.value;
  const kept = app.sections.value.filter(
    (it) => it.kind.startsWith("lumen") || /lumen:/.test(text.slice(it.from, it.to)),
  );
  return kept.map((it) => text.slice(it.from, it.contentEnd)).join("\n\n");
}

export function CopyDialog({ app, onClose }: { app: App; onClose: () => void }) {
  const [hasMacros, setMacros] = useState(true);
  const problems = useSignal(app.problems);
  const errors = problems.filter((it) => it.severity === "error").length;
  const isSimulated = /^driver\s*[:=]\s*memory/m.test(app.text.value);
  const text = `${lumenSections(app)}\n${hasMacros ? `\n${macros}` : ""}`;
  return (
    <Dialog title="Copy config" onClose={onClose}>
      <p>
        Paste it into <code>printer.cfg</code>, or into a file that it includes, and restart
        Klipper.
      </p>
      {errors > 0 && (
        <p class="warning">It still has {errors} mistakes. Klipper would not start.</p>
      )}
      {isSimulated && (
        <p class="warning">
          <code>driver: memory</code> lights no LEDs. Choose the driver of your strip first.
        </p>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={hasMacros}
          onChange={(event) => setMacros(event.currentTarget.checked)}
        />
        With macros for buttons in Mainsail and Fluidd
      </label>
      <textarea readOnly rows={14} value={text} aria-label="Config to copy" spellcheck={false} />
      <footer>
        <button
          type="button"
          onClick={() => save(new Blob([text], { type: "text/plain" }), "lights.cfg")}
        >
          Save as a file
        </button>
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy
        </button>
      </footer>
    </Dialog>
  );

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      app.say("Copied.");
      onClose();
    } catch {
      document.querySelector<HTMLTextAreaElement>("dialog textarea")?.select();
      app.say("The browser does not allow copying here. Press Ctrl+C.");
    }
  }
}

export function OpenDialog({ app, onClose }: { app: App; onClose: () => void }) {
  const [text, setText] = useState("");
  return (
    <Dialog title="Open a config" onClose={onClose}>
      <p>
        Paste a <code>printer.cfg</code> or a part of it, or choose a file. It stays in this
        browser. Lumen does not read <code>[led_effect]</code> sections: write one of their layers
        behind <code>on_idle:</code>, and the list of problems says what to change.
      </p>
      <textarea
        rows={12}
        value={text}
        aria-label="Config to open"
        placeholder="[lumen]"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <footer>
        <button type="button" onClick={() => open(EXAMPLE)}>
          Open the example
        </button>
        <label class="button">
          Choose a file
          <input
            type="file"
            accept=".cfg,.conf,.txt,text/plain"
            onChange={(event) => void read(event.currentTarget.files?.[0])}
          />
        </label>
        <button type="button" class="primary" disabled={!text.trim()} onClick={() => open(text)}>
          Open
        </button>
      </footer>
    </Dialog>
  );

  async function read(file: File | undefined) {
    if (!file) return;
    if (file.size > MAX_TEXT) app.say("The file is too large for a config.");
    else setText(await file.text());
  }

  function open(next: string) {
    if (next.length > MAX_TEXT) {
      app.say("The text is too long for a config.");
      return;
    }
    app.editor?.setText(next);
    app.checkNow();
    app.selectFirst();
    onClose();
  }
}

export function ExportDialog({ app, onClose }: { app: App; onClose: () => void }) {
  const [seconds, setSeconds] = useState(4);
  const [width, setWidth] = useState(480);
  const [progress, setProgress] = useState<number | undefined>(undefined);
  const [problem, setProblem] = useState("");
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const isBusy = progress !== undefined;
  return (
    <Dialog title="Export" onClose={onClose}>
      <p>
        A picture of this moment, or a film of the job from here on, with the speed of the time
        line.
      </p>
      <label class="check">
        Length
        <select
          value={String(seconds)}
          disabled={isBusy}
          onChange={(event) => setSeconds(Number(event.currentTarget.value))}
        >
          {[2, 4, 6, 10].map((it) => (
            <option key={it} value={String(it)}>
              {it} seconds
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        Width of the GIF
        <select
          value={String(width)}
          disabled={isBusy}
          onChange={(event) => setWidth(Number(event.currentTarget.value))}
        >
          {[240, 320, 480, 640].map((it) => (
            <option key={it} value={String(it)}>
              {it} pixels
            </option>
          ))}
        </select>
      </label>
      {isBusy && (
        <p>
          <progress max={1} value={progress} aria-label="Progress of the export" />
        </p>
      )}
      {problem && <p class="warning">{problem}</p>}
      <footer>
        {isBusy ? (
          <button type="button" onClick={() => running.current?.abort()}>
            Cancel
          </button>
        ) : (
          <>
            <button type="button" onClick={() => void run(() => png(app), "lumen.png")}>
              PNG
            </button>
            <button
              type="button"
              onClick={() =>
                void run((it) => gif(app, { seconds, width }, setProgress, it), "lumen.gif")
              }
            >
              GIF
            </button>
            <button
              type="button"
              disabled={!canRecord()}
              title={canRecord() ? "" : "This browser cannot record films."}
              onClick={() =>
                void run((it) => webm(app, { seconds, width }, setProgress, it), "lumen.webm")
              }
            >
              WebM
            </button>
          </>
        )}
      </footer>
    </Dialog>
  );

  async function run(make: (signal: AbortSignal) => Promise<Blob>, name: string) {
    const controller = new AbortController();
    running.current = controller;
    setProblem("");
    setProgress(0);
    try {
      save(await make(controller.signal), name);
      app.say(`Saved ${name}.`);
    } catch (error) {
      if (!(error instanceof Cancelled)) setProblem(String(error));
    } finally {
      setProgress(undefined);
    }
  }
}
