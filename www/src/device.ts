/** Where a translator runs: CPU, WebGPU, or whichever a short trial finds faster. Runs in the worker. */

import { WasmTranslator } from "../wasm/resitu.js";
import { hasErrorShape } from "./errors.js";
import type { DeviceState } from "./protocol.js";
import type { DeviceChoice } from "./types.js";
import type { Running } from "./running.js";

/** A translator ready to use, and the words about where it runs. */
export interface Loaded {
  translator: WasmTranslator;
  state: DeviceState;
}

/** Reads a bundle and puts its model on a device. Without WebGPU, `auto` simply runs on the CPU and says so. */
export async function loadOn(bytes: Uint8Array, choice: DeviceChoice, running: Running): Promise<Loaded> {
  running.progress("reading the translator", 0, 1);
  const translator = WasmTranslator.load(bytes);
  try {
    await running.pause();
    const state = await choose(translator, choice, running);
    running.progress("reading the translator", 1, 1);
    return { translator, state };
  } catch (error) {
    // After a trap, freeing would enter memory that cannot be trusted; the worker ends anyway.
    if (!(error instanceof WebAssembly.RuntimeError)) translator.free();
    throw error;
  }
}

async function choose(translator: WasmTranslator, choice: DeviceChoice, running: Running): Promise<DeviceState> {
  switch (choice) {
    case "cpu":
      return { device: "cpu", notes: ["The CPU was asked for."] };
    case "webgpu":
      await translator.useWebgpu();
      return { device: "webgpu", notes: ["WebGPU was asked for."] };
    case "auto":
      return autoDevice(translator, running);
  }
}

async function autoDevice(translator: WasmTranslator, running: Running): Promise<DeviceState> {
  const gpu = workerGpu();
  if (gpu === undefined) return { device: "cpu", notes: ["The CPU is used: this browser has no WebGPU in workers."] };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) return { device: "cpu", notes: ["The CPU is used: the browser offers no graphics processor."] };
  return measured(translator, running);
}

/** Tokens a cell in the two trials: a first glance, and about what a cell of a droplet experiment has. */
const GLANCE_TOKENS = 16;
const TRIAL_TOKENS = 192;
/** A GPU that is this much slower at first glance will not catch up: waiting for its trial would only cost the person time. */
const HOPELESS = 4;

/** Times the same small pieces of work on both. The first run on a GPU compiles its kernels and is not timed. */
async function measured(translator: WasmTranslator, running: Running): Promise<DeviceState> {
  const time = async (tokens: number) => {
    await running.pause();
    return translator.trial(tokens);
  };
  running.progress("trying the CPU", 0, 2);
  const cpu = { glance: await time(GLANCE_TOKENS), trial: await time(TRIAL_TOKENS) };
  running.progress("trying WebGPU", 1, 2);
  try {
    await translator.useWebgpu();
    const glance = await time(GLANCE_TOKENS);
    const hopeless = glance > HOPELESS * cpu.glance;
    const [gpuTime, cpuTime] = hopeless ? [glance, cpu.glance] : [await time(TRIAL_TOKENS), cpu.trial];
    const times = `in a trial, a thousand tokens took ${perThousand(gpuTime)} on WebGPU and ${perThousand(cpuTime)} on the CPU`;
    if (gpuTime < cpuTime) return { device: "webgpu", notes: [`WebGPU is used: ${times}.`] };
    translator.useCpu();
    return { device: "cpu", notes: [`The CPU is used: ${times}.`] };
  } catch (error) {
    if (!hasErrorShape(error)) throw error;
    translator.useCpu();
    return { device: "cpu", notes: [`The CPU is used: WebGPU failed its trial (${error.code}).`] };
  } finally {
    await running.pause();
  }
}

/** `navigator.gpu`, of which only the question for an adapter matters here. */
function workerGpu(): { requestAdapter(): Promise<object | null> } | undefined {
  return (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu;
}

/** Milliseconds a token are seconds a thousand tokens. */
function perThousand(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toPrecision(2) : milliseconds.toFixed(0)} s`;
}
