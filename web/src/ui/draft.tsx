/** A field that keeps what is typed until it is complete, whatever is drawn meanwhile. */

import { useState } from "preact/hooks";

interface DraftProps {
  type: "text" | "number";
  value: string;
  onCommit: (value: string) => void;
  placeholder?: string;
  list?: string;
  size?: number;
  min?: number;
  max?: number;
  step?: string;
  "aria-label"?: string;
}

export function DraftInput({ value, onCommit, type, ...rest }: DraftProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const shown = {
    ...rest,
    value: draft ?? value,
    onInput: (event: { currentTarget: HTMLInputElement }) => setDraft(event.currentTarget.value),
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      setDraft(undefined);
      onCommit(event.currentTarget.value.trim());
    },
    onBlur: () => setDraft(undefined),
  };
  return type === "number" ? <input type="number" {...shown} /> : <input type="text" {...shown} />;
}
