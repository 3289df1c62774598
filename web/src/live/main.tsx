/** Starts the live page. */

import { render } from "preact";
import { loadCore } from "../load.ts";
import { LiveLights } from "./lights.ts";
import { Moonraker, addresses } from "./moonraker.ts";
import { LivePage } from "./page.tsx";

const root = document.querySelector<HTMLElement>("#live");
if (root) {
  const moonraker = new Moonraker(addresses(new URL(window.location.href)));
  render(<LivePage lights={new LiveLights(moonraker, loadCore)} />, root);
}
