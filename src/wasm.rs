//! The exports of the WebAssembly module: bytes in linear memory, JSON for values.
//!
//! A call with arguments writes them as JSON into the input buffer, and the answer is JSON in the
//! output buffer: `{"ok": ...}` or `{"error": "..."}`. Times, and the bytes of frames, cross
//! directly. `web/src/core.ts` wraps the exports. Like `py`, this module makes no decision.

mod calls;
mod exports;
