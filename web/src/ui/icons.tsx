/** Icons as paths in a square of 24. */

const PATHS = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zM13 5h4v14h-4z",
  start: "M6 5h2.5v14H6zM20 5v14L9.5 12z",
  up: "M12 6l7 8H5z",
  down: "M12 18l-7-8h14z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  close:
    "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
  copy: "M8 4h11v13H8zM10 6v9h7V6zM5 8h2v11h9v2H5z",
  grip: "M9 6h2v2H9zM13 6h2v2h-2zM9 11h2v2H9zM13 11h2v2h-2zM9 16h2v2H9zM13 16h2v2h-2z",
  share: "M14 4l7 7-7 7v-4.5C8 13.5 5 15.5 3 19c.5-6 4-10.5 11-11z",
  save: "M11 4h2v8h4l-5 6-5-6h4zM5 19h14v2H5z",
  undo: "M8 5v3h6a5 5 0 0 1 0 10H8v-2h6a3 3 0 0 0 0-6H8v3L3 9z",
  redo: "M16 5v3h-6a5 5 0 0 0 0 10h6v-2h-6a3 3 0 0 1 0-6h6v3l5-4z",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4v2a6 6 0 0 1 0 12v2a8 8 0 0 0 0-16z",
  import: "M11 3h2v8h4l-5 6-5-6h4zM4 15h2v4h12v-4h2v6H4z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
