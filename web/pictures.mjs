/** Takes the pictures of the pages for the documents: `npm run pictures`, or `-- poster` for one. */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { connectPrinter, launch, noPython, open, serve, skip } from "./tests/browser.mjs";
import { drawPoster } from "./tests/poster.mjs";

const IMAGES = resolve(import.meta.dirname, "../docs/images");
const OPTIONS = { reducedMotion: "reduce", colorScheme: "dark" };

async function at(page, seconds) {
  await page.waitForSelector(".cm-content");
  await page.getByLabel("Position in the job").fill(String(seconds));
  await page.mouse.click(700, 20);
  await page.waitForTimeout(300);
}

async function playground(browser, url) {
  const viewport = { width: 1280, height: 800 };
  const { page } = await open(browser, url, { ...OPTIONS, viewport });
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
}

async function phone(browser, url) {
  const viewport = { width: 390, height: 780 };
  const { page } = await open(browser, url, { ...OPTIONS, viewport, hasTouch: true });
  await at(page, 22);
  await page.locator(".tabs").getByRole("tab", { name: "Layers" }).click();
  await page.screenshot({ path: `${IMAGES}/playground-phone.png` });
}

/** Needs the simulated klippy. */
async function live(browser, url) {
  const missing = noPython("klipper_lumen");
  if (missing) {
    console.log(`skipped: live: ${missing}`);
    return;
  }
  const printer = await connectPrinter();
  const viewport = { width: 760, height: 460 };
  const { page, context } = await open(browser, "about:blank", { ...OPTIONS, viewport });
  await printer.route(context);
  await page.goto(`${url}live.html`);
  await page.getByLabel("Effect of tool").selectOption("fire");
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${IMAGES}/live.png` });
  printer.close();
}

async function poster(browser) {
  const { page, bytes, close } = await drawPoster(browser);
  writeFileSync(`${IMAGES}/poster.gif`, bytes);
  await page.close();
  await close();
}

const PICTURES = { playground, phone, live, poster };

if (skip) {
  console.log(`skipped: ${skip}`);
  process.exit(0);
}
const wanted = process.argv.slice(2);
const server = await serve();
const browser = await launch();
for (const [name, take] of Object.entries(PICTURES)) {
  if (wanted.length === 0 || wanted.includes(name)) await take(browser, server.url);
}
await browser.close();
server.close();
