import { launch } from "./lib/browser.mjs";
import { serve } from "./lib/server.mjs";
const [file, out, ...acts] = process.argv.slice(2);
const browser = await launch();
const server = await serve(new URL("../www/dist-site/", import.meta.url).pathname);
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on("console", (m) => console.log("console", m.type(), m.text()));
page.on("pageerror", (e) => console.log("pageerror", e.message));
await page.goto(server.address);
await page.setInputFiles("#file", file.split(","));
await page.getByRole("button", { name: "Measure its own section" }).click({ timeout: 120000 });
await page.locator("#genes tbody button").first().waitFor({ timeout: 120000 });
await page.locator("#genes tbody button").first().click();
let n = 0;
for (const act of acts) {
  const [kind, label] = act.split(":");
  await page.locator("#metrics").getByRole("radio", { name: kind, exact: true }).check({ force: true });
  if (label) await page.locator("#metrics select").first().selectOption(label);
  const began = Date.now();
  await page.locator("#metrics").getByRole("button", { name: "Compute" }).click();
  await page.locator("#metrics .bars svg").waitFor({ timeout: 180000 });
  console.log(kind, Date.now() - began, "ms");
  await page.locator("#metrics").screenshot({ path: `${out}-${n++}.png` });
}
await page.screenshot({ path: `${out}-page.png`, fullPage: true });
await browser.close();
await server.close();
