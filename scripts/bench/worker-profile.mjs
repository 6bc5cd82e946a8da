/** Where a page's workers spend their time: a sampling profile by the functions that were running. */

/** Starts profiling every worker of `page`; the function that comes back ends it and gives the profiles. */
export async function profileWorkers(page) {
  const session = await page.context().newCDPSession(page);
  const profilers = new Map();
  const waiting = new Map();
  let last = 0;
  const call = (sessionId, method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) }).catch(reject);
    });
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result, error } = JSON.parse(message);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  });
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== "worker") return;
    profilers.set(
      sessionId,
      (async () => {
        await call(sessionId, "Profiler.enable");
        await call(sessionId, "Profiler.setSamplingInterval", { interval: 500 });
        await call(sessionId, "Profiler.start");
      })(),
    );
  });
  // Not "flat": Playwright's sessions do not speak to targets below their own.
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  await Promise.all(profilers.values());
  return async () => {
    const profiles = [];
    for (const [sessionId, started] of profilers) {
      await started;
      profiles.push((await call(sessionId, "Profiler.stop")).profile);
    }
    return profiles;
  };
}

/** The functions that took most of the time, as lines of `seconds share name`; idle time is left out. */
export function longest(profile, count) {
  const { nodes, samples, timeDeltas } = profile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName || "(anonymous)"]));
  const times = new Map();
  samples.forEach((id, at) => {
    const name = names.get(id);
    if (name !== "(idle)" && name !== "(root)") times.set(name, (times.get(name) ?? 0) + timeDeltas[at] / 1e6);
  });
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  const ordered = [...times].sort(([, a], [, b]) => b - a).slice(0, count);
  return [`${all.toFixed(2)} s in all`, ...ordered.map(([name, time]) => `${time.toFixed(2)} s ${((100 * time) / all).toFixed(1)} % ${name}`)];
}
