/** The page: its header, its panels, and what moves it. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { App, Tab } from "../app.ts";
import type { Core } from "../core.ts";
import { ConfigEditor } from "../editor/editor.ts";
import type { ServedFile } from "../served.ts";
import { ShareError, encode } from "../share.ts";
import { useSignal } from "../store.ts";
import { CopyDialog, ExportDialog, OpenDialog, type DialogName } from "./dialogs.tsx";
import { Gallery } from "./gallery.tsx";
import { Icon } from "./icons.tsx";
import { LayersPanel } from "./layers.tsx";
import { PrinterPanel } from "./printer.tsx";
import { Problems } from "./problems.tsx";
import { StageView } from "./stage.tsx";
import { Timeline } from "./timeline.tsx";

interface PageProps {
  app: App;
  load: () => Promise<Core>;
  served: ServedFile | undefined;
}

const TABS: readonly [Tab, string][] = [
  ["config", "Config"],
  ["layers", "Layers"],
  ["gallery", "Gallery"],
  ["printer", "Printer"],
];

export function Page({ app, load, served }: PageProps) {
  const tab = useSignal(app.tab);
  const message = useSignal(app.message);
  const [dialog, setDialog] = useState<DialogName | undefined>(undefined);
  useFrames(app);
  useKeys(app);
  const close = () => setDialog(undefined);
  return (
    <div class="page" data-tab={tab}>
      <header class="top">
        <h1>
          <img src="./icon.svg" alt="" width="24" height="24" /> Lumen <span>playground</span>
        </h1>
        {served && <FileState app={app} served={served} />}
        <span class="spacer" />
        <button type="button" onClick={() => setDialog("open")}>
          <Icon name="import" /> <span>Open</span>
        </button>
        <button type="button" onClick={() => void share(app)}>
          <Icon name="share" /> <span>Share</span>
        </button>
        <button type="button" onClick={() => setDialog("export")}>
          <Icon name="save" /> <span>Export</span>
        </button>
        <button type="button" class="primary" onClick={() => setDialog("copy")}>
          <Icon name="copy" /> <span>Copy config</span>
        </button>
        <button
          type="button"
          aria-label="Light or dark"
          title="Light or dark"
          onClick={switchTheme}
        >
          <Icon name="theme" />
        </button>
      </header>
      <main>
        <div class="left">
          <EditorPanel app={app} />
          <div class="side">
            <nav class="side-tabs" role="tablist" aria-label="Tools">
              <button
                type="button"
                role="tab"
                aria-selected={tab !== "gallery"}
                onClick={() => app.tab.set("layers")}
              >
                Layers
              </button>
              <button
                type="button"
                role="tab"
                aria-selected={tab === "gallery"}
                onClick={() => app.tab.set("gallery")}
              >
                Gallery
              </button>
            </nav>
            <div class="side-panel">
              {tab === "gallery" ? <Gallery app={app} load={load} /> : <LayersPanel app={app} />}
            </div>
          </div>
        </div>
        <div class="right">
          <StageView app={app} />
          <Timeline app={app} />
          <PrinterPanel app={app} />
        </div>
      </main>
      <nav class="tabs" role="tablist" aria-label="Panels">
        {TABS.map(([name, label]) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            onClick={() => app.tab.set(name)}
          >
            {label}
          </button>
        ))}
      </nav>
      <datalist id="color-names">
        {[...app.catalog.colors.keys()].map((it) => (
          <option key={it} value={it} />
        ))}
      </datalist>
      <div class={`toast${message ? " shown" : ""}`} role="status">
        {message}
      </div>
      {dialog === "copy" && <CopyDialog app={app} onClose={close} />}
      {dialog === "open" && <OpenDialog app={app} onClose={close} />}
      {dialog === "export" && <ExportDialog app={app} onClose={close} />}
    </div>
  );
}

function EditorPanel({ app }: { app: App }) {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!parent.current) return;
    app.editor = new ConfigEditor(parent.current, app.text.value, {
      onText: (text) => app.setText(text),
      onCursor: (position) => app.setCursor(position),
      catalog: () => app.catalog,
    });
    app.editor.setProblems(app.problems.value);
  }, [app]);
  return (
    <section class="editor" aria-label="Config">
      <div class="editor-bar">
        <button
          type="button"
          class="small"
          aria-label="Undo"
          title="Undo"
          onClick={() => app.editor?.undo()}
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          class="small"
          aria-label="Redo"
          title="Redo"
          onClick={() => app.editor?.redo()}
        >
          <Icon name="redo" />
        </button>
        <Problems app={app} />
      </div>
      <div class="editor-text" ref={parent} />
    </section>
  );
}

function FileState({ app, served }: { app: App; served: ServedFile }) {
  const name = useSignal(served.name);
  const isWaiting = useSignal(served.isWaiting);
  return (
    <span class="file">
      {name}
      {isWaiting && (
        <>
          {" "}
          changed on disk{" "}
          <button type="button" class="small" onClick={() => served.accept(app)}>
            Load it
          </button>
        </>
      )}
    </span>
  );
}

async function share(app: App): Promise<void> {
  try {
    const fragment = await encode({ text: app.text.value, places: { ...app.places.value } });
    history.replaceState(null, "", fragment);
    try {
      await navigator.clipboard.writeText(window.location.href);
      app.say("The link is in the address bar and on the clipboard.");
    } catch {
      app.say("The link is in the address bar.");
    }
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    app.say(error.message);
  }
}

function switchTheme(): void {
  const root = document.documentElement;
  const isDark = root.dataset["theme"]
    ? root.dataset["theme"] === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset["theme"] = isDark ? "light" : "dark";
  try {
    localStorage.setItem("lumen-theme", root.dataset["theme"]);
  } catch {
    // The choice lasts until the page is closed.
  }
}

function useFrames(app: App): void {
  useEffect(() => {
    let before = performance.now();
    let request = requestAnimationFrame(function next(now) {
      app.frame(now, Math.max(0, now - before) / 1000);
      before = now;
      request = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(request);
  }, [app]);
}

/** Keys that work wherever no text is typed. */
function useKeys(app: App): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (at.closest("input, select, textarea, button, dialog, summary, .cm-editor")) return;
      if (event.key === " ") app.play(!app.isPlaying.value);
      else if (event.key === "ArrowLeft") app.seek(app.time - 1);
      else if (event.key === "ArrowRight") app.seek(app.time + 1);
      else if (event.key === "Home") app.seek(0);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [app]);
}
