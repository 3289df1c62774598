/** Starts the playground. */

import { render } from "preact";
import { App } from "./app.ts";
import { EXAMPLE } from "./example.ts";
import { loadCore } from "./load.ts";
import { ServedFile } from "./served.ts";
import { ShareError, decode, type Shared } from "./share.ts";
import { Page } from "./ui/page.tsx";

async function start(root: HTMLElement): Promise<void> {
  applyTheme();
  const [served, shared] = await Promise.all([ServedFile.find(), sharedConfig()]);
  const text = served?.text ?? shared.config?.text ?? EXAMPLE;
  const isPlaying = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const app = await App.create(loadCore, { text, isPlaying, served });
  if (shared.config?.places) app.places.set(shared.config.places);
  if (shared.problem) app.say(shared.problem);
  render(<Page app={app} load={loadCore} served={served} />, root);
  served?.watch(app);
  window.addEventListener("hashchange", () => {
    void sharedConfig().then(({ config, problem }) => {
      if (problem) app.say(problem);
      if (config && config.text !== app.text.value) {
        app.places.set(config.places ?? {});
        app.editor?.setText(config.text);
      }
    });
  });
}

async function sharedConfig(): Promise<{ config?: Shared | undefined; problem?: string }> {
  try {
    return { config: await decode(window.location.hash) };
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    return { problem: error.message };
  }
}

function applyTheme(): void {
  try {
    const theme = localStorage.getItem("lumen-theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset["theme"] = theme;
  } catch {
    // Without storage the page follows the system.
  }
}

const root = document.querySelector<HTMLElement>("#app");
if (root) {
  start(root).catch((error: unknown) => {
    root.textContent = `The playground cannot start: ${String(error)}`;
    throw error;
  });
}
