/** A connection to Moonraker by JSON-RPC, which connects again by itself. */

import { Signal } from "../store.ts";

/** Moonraker's own port, if the web server does not pass its websocket on. */
const PORT = 7125;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;
const ANSWER_MS = 10_000;

export class RequestError extends Error {}

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message?: unknown };
}

interface Pending {
  done: (result: unknown) => void;
  failed: (error: Error) => void;
  timer: number;
}

/** Returns the addresses to try, from the address of the page. */
export function addresses(page: URL): string[] {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  const given = page.searchParams.get("moonraker");
  if (given && /^[\w.:[\]-]+$/.test(given)) {
    const address = `${scheme}//${given}/websocket`;
    if (URL.canParse(address)) return [address];
  }
  const own = `${scheme}//${page.host}/websocket`;
  const direct = `${scheme}//${page.hostname}:${PORT}/websocket`;
  return own === direct ? [own] : [own, direct];
}

export class Moonraker {
  readonly isConnected = new Signal(false);
  readonly #addresses: readonly string[];
  readonly #pending = new Map<number, Pending>();
  #socket: WebSocket | undefined;
  #attempt = 0;
  #id = 0;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
    this.#connect();
  }

  /** Calls a method. It fails with Moonraker's message, or if there is no connection. */
  call(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new RequestError("not connected to Moonraker"));
    }
    const id = ++this.#id;
    return new Promise((done, failed) => {
      const timer = window.setTimeout(() => {
        this.#pending.delete(id);
        failed(new RequestError("Moonraker does not answer"));
      }, ANSWER_MS);
      this.#pending.set(id, { done, failed, timer });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  #connect(): void {
    const address = this.#addresses[this.#attempt % this.#addresses.length];
    if (!address) return;
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#attempt = 0;
      this.isConnected.set(true);
    });
    socket.addEventListener("message", ({ data }) => this.#take(data));
    socket.addEventListener("close", () => {
      this.isConnected.set(false);
      for (const { failed, timer } of this.#pending.values()) {
        window.clearTimeout(timer);
        failed(new RequestError("the connection to Moonraker has ended"));
      }
      this.#pending.clear();
      const round = Math.floor(this.#attempt / this.#addresses.length);
      const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** round);
      this.#attempt++;
      window.setTimeout(() => this.#connect(), wait);
    });
  }

  #take(data: unknown): void {
    if (typeof data !== "string") return;
    const answer = parsed(data);
    const pending = answer?.id === undefined ? undefined : this.#pending.get(answer.id);
    if (!pending || answer?.id === undefined) return;
    this.#pending.delete(answer.id);
    window.clearTimeout(pending.timer);
    const { error, result } = answer;
    if (error) pending.failed(new RequestError(String(error.message ?? "an unknown error")));
    else pending.done(result);
  }
}

/** Returns nothing for what is no JSON. */
function parsed(text: string): Answer | undefined {
  try {
    return (JSON.parse(text) as Answer | null) ?? undefined;
  } catch {
    return undefined;
  }
}
