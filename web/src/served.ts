/**
 * The user's file, if `klipper-lumen preview --web` serves the page. The page reads it again when
 * it was saved, and never writes it.
 */

import type { App } from "./app.ts";
import type { ConfigFiles } from "./core.ts";
import { Signal } from "./store.ts";

const POLL_MS = 1000;

/** The answer of the server: all files of the config, and the one that the editor shows. */
interface FileAnswer extends ConfigFiles {
  name: string;
}

export class ServedFile {
  readonly name = new Signal("");
  /** Whether the file has changed and the text has too, so that the user decides. */
  readonly isWaiting = new Signal(false);
  #etag = "";
  #answer: FileAnswer = { name: "", first: "", files: {} };
  #waiting: FileAnswer | undefined;

  /** Returns the file; `undefined` if the page is not served with one. */
  static async find(): Promise<ServedFile | undefined> {
    if (!new URLSearchParams(window.location.search).has("file")) return undefined;
    const file = new ServedFile();
    const answer = await file.#read();
    if (!answer) return undefined;
    file.#take(answer);
    return file;
  }

  get text(): string {
    return textOf(this.#answer);
  }

  /** The whole config, with the text of the editor in place of one file. */
  withText(text: string): ConfigFiles {
    const { name, first, files } = this.#answer;
    return { first, files: { ...files, [name]: text } };
  }

  /** Looks for changes while the page is visible. */
  watch(app: App): void {
    window.setInterval(() => {
      if (!document.hidden) void this.#poll(app);
    }, POLL_MS);
  }

  /** Takes the text of the file in place of the edited one. */
  accept(app: App): void {
    if (!this.#waiting) return;
    this.#take(this.#waiting);
    this.#waiting = undefined;
    this.isWaiting.set(false);
    if (app.text.value !== this.text) app.editor?.setText(this.text);
    app.checkNow();
  }

  #take(answer: FileAnswer): void {
    this.#answer = answer;
    this.name.set(answer.name);
  }

  async #poll(app: App): Promise<void> {
    const answer = await this.#read();
    if (!answer) return;
    const isEdited = app.text.value !== this.text && app.text.value !== textOf(answer);
    this.#waiting = answer;
    if (isEdited) this.isWaiting.set(true);
    else this.accept(app);
  }

  /** Returns the config if it has changed since the last time. */
  async #read(): Promise<FileAnswer | undefined> {
    try {
      const headers: HeadersInit = this.#etag ? { "If-None-Match": this.#etag } : {};
      // The address of the page has the token for the file.
      const address = `./config.json${window.location.search}`;
      const response = await fetch(address, { headers, cache: "no-store" });
      if (response.status !== 200) return undefined;
      const answer = (await response.json()) as FileAnswer;
      this.#etag = response.headers.get("ETag") ?? "";
      return answer;
    } catch {
      // The server may be stopped; the page goes on with what it has.
      return undefined;
    }
  }
}

function textOf(answer: FileAnswer): string {
  return answer.files[answer.name] ?? "";
}
