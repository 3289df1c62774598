/** A value with listeners. The forms and the scene read it; the editor is one of its writers. */

import { useEffect, useState } from "preact/hooks";

export class Signal<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Calls a function with each new value; returns a function that ends this. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Returns the value of a signal, and draws the component again when it changes. */
export function useSignal<T>(signal: Signal<T>): T {
  const [, redraw] = useState({});
  useEffect(() => signal.subscribe(() => redraw({})), [signal]);
  return signal.value;
}
