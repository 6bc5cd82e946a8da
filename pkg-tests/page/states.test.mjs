/** Every state of the page, with the stand-in for the package: failures, cancelling, keyboard, narrow windows, large maps. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { at, buildFixture, choose, launch, open, overflow, ready, serve } from "./browser.mjs";

let browser;
let site;

before(async () => {
  await buildFixture();
  site = await serve(at("./fixture/vite.config.mts"));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Runs `body` on a fresh, loaded page; afterwards nothing may have been refused, thrown, or asked of another host. */
function onPage(name, body, options) {
  test(name, async () => {
    const opened = await open(browser, site.address, options);
    try {
      await ready(opened.page);
      await body(opened.page, opened);
      assert.deepEqual(opened.faults, []);
    } finally {
      await opened.context.close();
    }
  });
}

const text = (page, selector) => page.locator(selector).innerText();
const checked = (page) => page.locator("#check .verdict.good, #check .verdict.doubt").waitFor();
const translate = async (page, name) => {
  await choose(page, name);
  await checked(page);
  await page.locator("#check button.primary").click();
};
/** Names may hold commas; then they are quoted. */
const fields = (line) => line.replace(/"[^"]*"/g, "").split(",").length;
const finished = (page) => page.locator("#genes tbody tr").first().waitFor();

onPage("the check tells what will happen before anything is computed", async (page) => {
  await choose(page, "labels.h5ad");
  await checked(page);
  const check = await text(page, "#check");
  for (const words of ["2,400", "raw counts", "16,204 genes", "95 % of all counts", "about 14 seconds", "about 184 MB", "The cells look unlike breast tissue."]) {
    assert.ok(check.includes(words), `the check should say “${words}”`);
  }
  assert.equal(await page.locator("#summary").isVisible(), false);
});

onPage("a file that cannot be opened gets a sentence, a hint and a code, and the page can start again", async (page) => {
  await choose(page, "unreadable.h5ad");
  const failure = page.locator("#failure");
  await failure.locator("h2").waitFor();
  const words = await failure.innerText();
  for (const part of ["not an HDF5 file", "write_h5ad", "io.not-hdf5"]) assert.ok(words.includes(part), part);
  assert.equal(await failure.getAttribute("role"), "alert");
  assert.equal(words.includes("unreadable.h5ad"), false, "no file name in a failure");
  await choose(page, "good.h5ad");
  await checked(page);
  assert.equal(await failure.isVisible(), false);
});

onPage("a refused file cannot be translated, and another matrix of it can", async (page) => {
  await choose(page, "normalised.h5ad");
  await page.locator("#check .verdict.bad").waitFor();
  assert.match(await text(page, "#check .verdict"), /values\.not-counts/);
  assert.equal(await page.locator("#check button.primary").isDisabled(), true);
  await page.getByLabel("Values to use").selectOption("layers/counts");
  await page.locator("#check .verdict.good").waitFor();
  assert.equal(await page.locator("#check button.primary").isEnabled(), true);
});

onPage("cancelling leads back to the check with the file still open", async (page) => {
  await translate(page, "slow.h5ad");
  await page.getByRole("button", { name: "Cancel" }).click();
  await checked(page);
  assert.equal(await page.locator("#failure").isVisible(), false, "stopping on request is no failure");
  assert.match(await text(page, "#map-title"), /reference section/i);
});

onPage("a lost device is told, and the work can be started again", async (page) => {
  await translate(page, "lost.h5ad");
  await page.locator("#failure h2").waitFor();
  assert.match(await text(page, "#failure"), /device\.lost/);
  await checked(page);
  await page.getByRole("radio", { name: "CPU" }).check({ force: true });
  await checked(page);
});

onPage("starting again forgets the last file", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  await page.getByRole("button", { name: "Start again with other cells" }).click();
  assert.equal(await page.locator("#findings").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "pick");
  assert.match(await text(page, "#map-title"), /reference section/i);
});

onPage("a second file with other columns and genes leaves nothing of the first", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  await page.getByRole("radio", { name: "The file’s labels" }).check({ force: true });
  await page.getByText("Cell type 1, of a longish name").first().waitFor();
  await page.getByRole("button", { name: "Start again with other cells" }).click();
  await choose(page, "slow-spatial.h5ad");
  await checked(page);
  await page.getByRole("button", { name: "Measure its own section" }).click();
  await page.locator("#map-title", { hasText: "own section" }).waitFor();
  assert.equal(await page.locator("#genes tbody tr").count(), 0, "the first file's table is gone at once");
  await finished(page);
  assert.match(await text(page, "#map"), /Cell type 9/);
});

onPage("cells appear on the map while the work goes on", async (page) => {
  const spread = () =>
    page.evaluate(() => {
      const canvas = document.querySelector(".map-frame canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) coloured++;
      }
      return coloured;
    });
  await translate(page, "slow.h5ad");
  await page.getByText("of 2,400").waitFor();
  const early = await spread();
  await page.waitForTimeout(2200);
  const later = await spread();
  assert.ok(early > 0 && later > early * 1.5, `coloured pixels: ${early}, then ${later}`);
});

onPage("the table sorts, filters, colours the map and is saved with full precision", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  const first = () => text(page, "#genes tbody tr:first-child th");
  const column = (name) => page.locator("#genes thead th", { hasText: name });
  assert.equal(await column("Moran’s I").getAttribute("aria-sort"), "descending");
  const strongest = await first();
  await column("Moran’s I").getByRole("button").click();
  assert.equal(await column("Moran’s I").getAttribute("aria-sort"), "ascending");
  assert.notEqual(await first(), strongest);
  await page.getByLabel("Find a gene").fill("esr1");
  assert.equal(await first(), "ESR1");
  await page.locator("#genes tbody button").click();
  await page.locator(".ramp-title", { hasText: "ESR1" }).waitFor();
  assert.equal(await page.locator("#genes tbody button").getAttribute("aria-pressed"), "true");
  assert.equal(await page.getByRole("radio", { name: "Gene" }).isChecked(), true);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Table as CSV" }).click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  assert.equal(lines.length, 1 + 313);
  assert.match(lines[0], /^Gene,Moran’s I/);
  assert.ok(lines[1].split(",")[1].length > 8, "numbers are not rounded in the file");
});

onPage("a result that deserves little trust says so first", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  assert.match(await text(page, "#summary .verdict"), /1[0-4] % of cells are unlike what the translator was trained on/);
});

onPage("the legend hides and shows, and keeps the keyboard's place", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  const chip = page.locator(".legend button.chip").nth(2);
  await chip.focus();
  await page.keyboard.press("Space");
  assert.equal(await chip.getAttribute("aria-pressed"), "false");
  assert.equal(await chip.evaluate((node) => node === document.activeElement), true);
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  assert.equal(await chip.getAttribute("aria-pressed"), "true");
});

onPage("all of it works by keyboard alone", async (page) => {
  const press = async (key, times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press(key);
  };
  const tabTo = async (name) => {
    for (let step = 0; step < 80; step++) {
      await press("Tab");
      const said = await page.evaluate(() => {
        const node = document.activeElement;
        return `${node?.getAttribute("aria-label") ?? ""} ${node?.textContent ?? ""} ${node?.getAttribute("value") ?? ""}`;
      });
      if (said.includes(name)) return;
    }
    assert.fail(`no way to “${name}” with the Tab key`);
  };
  await press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
  await press("Enter");
  await tabTo("Try an example");
  await press("Enter");
  await checked(page);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "check-title", "the new step gets the focus");
  await tabTo("Translate");
  await press("Enter");
  await finished(page);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "summary-title");
  await tabTo("Your cells, on the reference section");
  await press("+", 3);
  await press("ArrowLeft");
  await press("Enter");
  assert.match(await text(page, "#map-readout"), /Confidence \d/);
  assert.match(await text(page, "#announce"), /Confidence \d/, "and it is said aloud");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "the focus can be seen");
});

onPage("a spatial file is measured in its own coordinates, and can be translated too", async (page) => {
  await choose(page, "spatial.h5ad");
  await checked(page);
  await page.getByRole("button", { name: "Measure its own section" }).click();
  await finished(page);
  assert.match(await text(page, "#map-title"), /own section/);
  await page.locator("#neighbours .bars svg").waitFor();
  assert.equal(await page.locator("#composition").isVisible(), false);
  const gene = page.locator("#genes tbody button").first();
  const name = await gene.textContent();
  await gene.click();
  await page.locator(".legend").getByText(name, { exact: false }).first().waitFor();
  await page.getByRole("button", { name: "Translate these cells too" }).click();
  await page.locator("#composition .bars svg").waitFor();
  assert.equal(await page.locator("#neighbours").isVisible(), false);
  assert.match(await text(page, "#map-title"), /on the reference section/);
  await page.getByRole("button", { name: "Show the file’s own section" }).click();
  await page.getByRole("button", { name: "Show the translated cells" }).click();
  assert.match(await text(page, "#map-title"), /on the reference section/);
});

onPage("the metrics panel draws each statistic, says what is around, and saves picture and numbers", async (page) => {
  await choose(page, "spatial.h5ad");
  await checked(page);
  await page.getByRole("button", { name: "Measure its own section" }).click();
  await finished(page);
  const panel = page.locator("#metrics");
  for (const kind of ["Enrichment", "Co-occurrence", "Ripley", "Contacts and centrality", "Niches"]) {
    await panel.getByRole("radio", { name: kind, exact: true }).check({ force: true });
    assert.equal(await panel.locator(".bars svg").count(), 0, "nothing is computed before it is asked for");
    await panel.getByRole("button", { name: "Compute" }).click();
    await panel.locator(".bars svg").waitFor();
    assert.ok((await panel.locator(".bars svg").getAttribute("aria-label")).startsWith(kind));
    assert.ok((await overflow(page)) <= 0, kind);
    const csv = page.waitForEvent("download");
    await panel.getByRole("button", { name: "Table as CSV" }).click();
    const lines = (await readFile(await (await csv).path(), "utf8")).trim().split("\n");
    assert.ok(lines.length > 5 && lines.every((line) => fields(line) === fields(lines[0])), `${kind}: ${lines[0]}`);
  }
  await panel.getByRole("radio", { name: "Ripley", exact: true }).check({ force: true });
  await panel.getByRole("button", { name: "Compute" }).click();
  const around = panel.getByLabel("Around");
  await around.selectOption({ index: 2 });
  assert.match(await panel.locator(".bars svg").getAttribute("aria-label"), /Cell type 3/);
  const png = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Picture as PNG" }).click();
  assert.equal((await readFile(await (await png).path())).subarray(1, 4).toString(), "PNG");
});

onPage("the metrics panel shows niches on a map, and intervals where positions are doubtful, by keyboard", async (page) => {
  await choose(page, "spatial-doubt.h5ad");
  await checked(page);
  await page.getByRole("button", { name: "Measure its own section" }).click();
  await finished(page);
  const panel = page.locator("#metrics");
  const picture = panel.locator(".bars svg");
  const csvLines = async (button) => {
    const [download] = await Promise.all([page.waitForEvent("download"), panel.getByRole("button", { name: button }).click()]);
    return (await readFile(await download.path(), "utf8")).trim().split("\n");
  };
  await panel.getByLabel("Intervals").selectOption("200");
  for (const [kind, pictures] of [["Enrichment", ["Heat map", "Intervals"]], ["Contacts and centrality", ["Heat map", "Intervals"]], ["Niches", ["Map", "Composition", "Share of the cells"]]]) {
    await panel.getByRole("radio", { name: kind, exact: true }).check({ force: true });
    // As a person without a mouse.
    await panel.getByRole("button", { name: "Compute" }).focus();
    await page.keyboard.press("Enter");
    await picture.waitFor();
    for (const name of pictures) {
      await panel.getByLabel("Picture").selectOption(name);
      assert.match(await picture.getAttribute("aria-label"), new RegExp(name));
      assert.ok((await overflow(page)) <= 0, `${kind}, ${name}`);
      assert.doesNotMatch(await picture.evaluate((svg) => svg.outerHTML), /style=|NaN|undefined/, `${kind}, ${name}`);
    }
    const lines = await csvLines("Table as CSV");
    assert.ok(lines[0].includes("draws low") && lines.every((line) => fields(line) === fields(lines[0])), lines[0]);
  }
  const cells = await csvLines("Cells as CSV");
  assert.deepEqual([cells.length, cells[0].trim(), cells[8].split(",")[1]], [2401, "cell,niche,stays", ""]);
  for (const kind of ["Co-occurrence", "Ripley"]) {
    await panel.getByRole("radio", { name: kind, exact: true }).check({ force: true });
    await panel.getByRole("button", { name: "Compute" }).click();
    await picture.waitFor();
    assert.ok((await picture.locator("path[fill-opacity]").count()) > 0, `${kind} has bands`);
  }
  // Without doubt there is nothing to choose.
  await page.getByRole("button", { name: "Start again with other cells" }).click();
  await choose(page, "spatial.h5ad");
  await checked(page);
  await page.getByRole("button", { name: "Measure its own section" }).click();
  await finished(page);
  assert.equal(await panel.getByLabel("Intervals").count(), 0);
});

onPage("the example is plainly labelled as simulated, also in what is saved", async (page) => {
  await page.getByRole("button", { name: "Try an example" }).click();
  await checked(page);
  assert.match(await text(page, "#check .file"), /simulated/);
  await page.locator("#check button.primary").click();
  await finished(page);
  assert.match(await text(page, "#summary .file"), /simulated/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Map as PNG" }).click()]);
  assert.match(download.suggestedFilename(), /^simulated-/);
  const png = await readFile(await download.path());
  assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from("PNG")]);
  const [svg] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Map as SVG" }).click()]);
  assert.match(await readFile(await svg.path(), "utf8"), /<text[^>]*>SIMULATED CELLS\./);
});

onPage("the bars are saved as an SVG that stands alone, and as a PNG", async (page) => {
  await translate(page, "labels.h5ad");
  await finished(page);
  const [svg] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Bars as SVG" }).click()]);
  const markup = await readFile(await svg.path(), "utf8");
  assert.match(markup, /^<\?xml/);
  assert.match(markup, /xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.doesNotMatch(markup, /style=|var\(/);
  const [png] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Bars as PNG" }).click()]);
  assert.ok((await readFile(await png.path())).length > 2000);
});

/** What axe finds wrong with the page as it stands. Evaluated, not added as a script: the page's policy would refuse that. */
async function barriers(page) {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations);
  return found.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
}

for (const dark of [false, true]) {
  onPage(
    `axe finds no barrier in any state, ${dark ? "dark" : "light"}`,
    async (page) => {
      assert.deepEqual(await barriers(page), [], "empty");
      await choose(page, "unreadable.h5ad");
      await page.locator("#failure h2").waitFor();
      assert.deepEqual(await barriers(page), [], "failure");
      await choose(page, "normalised.h5ad");
      await page.locator("#check .verdict.bad").waitFor();
      assert.deepEqual(await barriers(page), [], "refused");
      await page.getByRole("button", { name: "Choose other cells" }).click();
      await choose(page, "slow-labels-spatial.h5ad");
      await checked(page);
      assert.deepEqual(await barriers(page), [], "check");
      await page.locator("#check button.primary").click();
      await page.getByText("of 2,400").waitFor();
      assert.deepEqual(await barriers(page), [], "running");
      await page.locator("#genes tbody tr").first().waitFor({ timeout: 60_000 });
      for (const details of await page.locator("details:visible > summary").all()) await details.click();
      assert.deepEqual(await barriers(page), [], "result");
      await page.getByRole("button", { name: "Show the file’s own section" }).click();
      await page.locator("#neighbours .bars rect").first().waitFor();
      assert.deepEqual(await barriers(page), [], "own section");
    },
    { dark },
  );
}

for (const width of [320, 360, 768]) {
  onPage(
    `nothing sticks out sideways at ${width} px, in any state`,
    async (page) => {
      assert.equal(await overflow(page), 0, "empty");
      await choose(page, "unreadable.h5ad");
      await page.locator("#failure h2").waitFor();
      assert.equal(await overflow(page), 0, "failure");
      await choose(page, "labels.h5ad");
      await checked(page);
      for (const details of await page.locator("details:visible > summary").all()) await details.click();
      assert.equal(await overflow(page), 0, "check");
      await page.locator("#check button.primary").click();
      await finished(page);
      for (const details of await page.locator(".findings details:visible > summary").all()) await details.click();
      assert.equal(await overflow(page), 0, "result");
    },
    { width, height: 740 },
  );
}

onPage("200,000 cells can be moved about without the page stalling", async (page) => {
  await translate(page, "large.h5ad");
  await page.locator("#genes tbody tr").first().waitFor({ timeout: 60_000 });
  const canvas = page.locator(".map-frame canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.mouse.move(box.x + 200, box.y + 150);
  await page.mouse.down();
  for (let step = 0; step < 40; step++) await page.mouse.move(box.x + 200 + 3 * step, box.y + 150 + 2 * step);
  await page.mouse.up();
  const frames = await page.evaluate(() => window.frames_.slice(2).sort((one, other) => one - other));
  const median = frames[Math.floor(frames.length / 2)];
  // 17 ms was seen on two busy cores; 60 still feels fluid, and a drawing that is slow by nature takes hundreds.
  assert.ok(median < 60, `median frame ${median.toFixed(1)} ms`);
});

test("the dark theme's quiet text is legible", async () => {
  const { page, context, faults } = await open(browser, site.address, { dark: true });
  await ready(page);
  const contrast = await page.evaluate(() => {
    const light = (colour) => {
      const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
        const share = Number(part) / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const quiet = light(getComputedStyle(document.querySelector(".card .quiet")).color);
    const card = light(getComputedStyle(document.querySelector(".card")).backgroundColor);
    return (Math.max(quiet, card) + 0.05) / (Math.min(quiet, card) + 0.05);
  });
  assert.ok(contrast >= 4.5, `contrast ${contrast.toFixed(2)}`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a translator that cannot be loaded says so and offers to try again", async () => {
  const { page, context } = await open(browser, `${site.address}?translator=broken`);
  await page.locator("#ready.no").waitFor();
  assert.match(await text(page, "#ready"), /bundle\.hash-mismatch/);
  assert.equal(await page.getByRole("button", { name: "Try again" }).isVisible(), true);
  await context.close();
});
