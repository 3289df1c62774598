/** Takes the pictures of the pages for the documents: `npm run pictures`. */

import { resolve } from "node:path";
import { connectPrinter, launch, noPython, open, serve, skip } from "./tests/browser.mjs";

const IMAGES = resolve(import.meta.dirname, "../docs/images");

async function at(page, seconds) {
  await page.waitForSelector(".cm-content");
  await page.getByLabel("Position in the job").fill(String(seconds));
  await page.mouse.click(700, 20);
  await page.waitForTimeout(300);
}

if (skip) {
  console.log(`skipped: ${skip}`);
  process.exit(0);
}
const server = await serve();
const browser = await launch();
const options = { reducedMotion: "reduce", colorScheme: "dark" };

const viewport = { width: 1280, height: 800 };
const { page } = await open(browser, server.url, { ...options, viewport });
await at(page, 36);
await page.screenshot({ path: `${IMAGES}/playground.png` });

await page.getByRole("tab", { name: "Gallery" }).first().click();
await page.getByRole("button", { name: "Rows" }).click();
await at(page, 21);
await page.waitForTimeout(1500);
await page.screenshot({ path: `${IMAGES}/playground-gallery.png` });

await page.getByRole("button", { name: "Printer", exact: true }).click();
await at(page, 0);
await page.getByRole("combobox", { name: "Speed" }).selectOption("8");
await page.getByRole("button", { name: "Export" }).click();
await page.getByLabel("Length").selectOption("10");
await page.getByLabel("Width").selectOption("320");
page.setDefaultTimeout(120_000);
const [film] = await Promise.all([
  page.waitForEvent("download"),
  page.getByRole("button", { name: "GIF" }).click(),
]);
await film.saveAs(`${IMAGES}/printer.gif`);

const phone = await open(browser, server.url, {
  ...options,
  viewport: { width: 390, height: 780 },
  hasTouch: true,
});
await at(phone.page, 22);
await phone.page.locator(".tabs").getByRole("tab", { name: "Layers" }).click();
await phone.page.screenshot({ path: `${IMAGES}/playground-phone.png` });

if (!noPython("klipper_lumen")) {
  const printer = await connectPrinter();
  const live = await open(browser, "about:blank", {
    ...options,
    viewport: { width: 760, height: 460 },
  });
  await printer.route(live.context);
  await live.page.goto(`${server.url}live.html`);
  await live.page.getByLabel("Effect of tool").selectOption("fire");
  await live.page.waitForTimeout(1500);
  await live.page.screenshot({ path: `${IMAGES}/live.png` });
  printer.close();
}

await browser.close();
server.close();
