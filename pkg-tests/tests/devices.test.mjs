/** CPU, WebGPU and the choice between them; and losing the graphics processor in the middle of the work. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { failureOf, launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { serve } from "../lib/server.mjs";

let server, withGpu, withoutGpu;
before(async () => {
  const { dist } = await consumer();
  server = await serve(dist);
  const [gpuBrowser, plainBrowser] = [await launch({ webgpu: true }), await launch()];
  withGpu = { browser: gpuBrowser, ...(await openPage(gpuBrowser, server.address)) };
  withoutGpu = { browser: plainBrowser, ...(await openPage(plainBrowser, server.address)) };
});
after(async () => {
  await withGpu?.browser.close();
  await withoutGpu?.browser.close();
  await server?.close();
});

const hasAdapter = (page) => page.evaluate(async () => (await navigator.gpu?.requestAdapter().catch(() => null)) != null);

test("without WebGPU, auto runs on the CPU and says why", async () => {
  assert.equal(await hasAdapter(withoutGpu.page), false);
  const { device, deviceNotes } = await withoutGpu.page.evaluate(async () => {
    const { device, deviceNotes } = await window.consumer.loadTranslator(window.consumer.breast);
    return { device, deviceNotes };
  });
  assert.equal(device, "cpu");
  assert.match(deviceNotes.join(" "), /no WebGPU|no graphics processor/);
});

test("without WebGPU, asking for it is refused", async () => {
  const load = "() => window.consumer.loadTranslator(window.consumer.breast, { device: 'webgpu' })";
  assert.equal((await failureOf(withoutGpu.page, load)).code, "device.unavailable");
});

test("with WebGPU, auto measures both and picks the faster", async (t) => {
  if (!(await hasAdapter(withGpu.page))) return t.skip("this Chromium offers no WebGPU adapter");
  const { device, deviceNotes } = await withGpu.page.evaluate(async () => {
    const { device, deviceNotes } = await window.consumer.loadTranslator(window.consumer.breast);
    return { device, deviceNotes };
  });
  const [, gpu, cpu] = deviceNotes.join(" ").match(/took ([\d.e+-]+) s on WebGPU and ([\d.e+-]+) s on the CPU/) ?? [];
  assert.ok(gpu && cpu, deviceNotes.join(" "));
  assert.equal(device, Number(gpu) < Number(cpu) ? "webgpu" : "cpu");
  t.diagnostic(deviceNotes.join(" "));
});

/** Translates simulated cells on a device and gives the numbers. */
const translateOn = (page, device, instance = "window.consumer") =>
  page.evaluate(`(async () => {
    const resitu = ${instance};
    const cells = await resitu.openCells(await resitu.simulateExample({ cells: 24, seed: 5 }));
    const translator = await resitu.loadTranslator(window.consumer.breast, { device: "${device}" });
    const result = await translator.translate(cells, { seed: 1 });
    const plain = (array) => Array.from(array);
    return {
      device: result.provenance.device,
      expression: plain(result.expression.data),
      composition: plain(result.composition.data),
      positions: plain(result.positions),
      niche: plain(result.niche),
    };
  })()`);

test("WebGPU and CPU agree", async (t) => {
  if (!(await hasAdapter(withGpu.page))) return t.skip("this Chromium offers no WebGPU adapter");
  const cpu = await translateOn(withGpu.page, "cpu");
  const gpu = await translateOn(withGpu.page, "webgpu");
  assert.deepEqual([cpu.device, gpu.device], ["cpu", "webgpu"]);
  t.diagnostic(`largest relative difference of expected counts ${furthest(cpu.expression, gpu.expression).toExponential(1)}`);
  // Sums of a few hundred products in another order: f32 keeps about seven digits, and a few layers lose two of them.
  assert.ok(furthest(cpu.expression, gpu.expression) < 1e-3);
  assert.ok(furthest(cpu.composition, gpu.composition) < 1e-3);
  assert.deepEqual(cpu.niche, gpu.niche);
});

test("a GPU that is lost while it computes costs nothing but time: the CPU does the cells, and the notes say so", async (t) => {
  if (!(await hasAdapter(withGpu.page))) return t.skip("this Chromium offers no WebGPU adapter");
  const outcome = await withGpu.page.evaluate(async () => {
    const resitu = window.consumer.withFragileGpu();
    const cells = await resitu.openCells(await resitu.simulateExample({ cells: 6, seed: 5 }));
    const translator = await resitu.loadTranslator(window.consumer.breast, { device: "webgpu" });
    const lose = new BroadcastChannel("fragile-gpu");
    const began = translator.device;
    setTimeout(() => lose.postMessage("now"), 300);
    const first = await translator.translate(cells);
    // A fast GPU may have been done by then: in any case it is gone for the second.
    const second = await translator.translate(cells);
    const onCpu = await resitu.loadTranslator(window.consumer.breast, { device: "cpu" });
    const third = await onCpu.translate(cells);
    const again = await resitu.loadTranslator(window.consumer.breast, { device: "webgpu" }).catch(({ code }) => code);
    const plain = (result) => Array.from(result.expression.data);
    const found = { began, ended: translator.device, notes: translator.deviceNotes.join(" "), again };
    found.results = [first, second, third].map(plain);
    resitu.dispose();
    return found;
  });
  assert.deepEqual([outcome.began, outcome.ended], ["webgpu", "cpu"]);
  assert.match(outcome.notes, /was lost/);
  assert.equal(outcome.again, "device.unavailable");
  const [first, second, third] = outcome.results;
  assert.ok(furthest(first, third) < 1e-3);
  assert.deepEqual(second, third);
});

/** The largest difference, relative to the larger value where that is above 0.01. */
function furthest(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]) / Math.max(Math.abs(value), Math.abs(b[i]), 0.01)), 0);
}
