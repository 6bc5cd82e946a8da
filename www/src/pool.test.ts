/** Who gets which worker, and what happens to one whose call was cancelled. */

import { expect, it } from "vitest";
import { Pool } from "./pool.js";
import type { Session } from "./session.js";

class DoubleSession {
  ended = false;
  released: number[] = [];
  stop(): void {
    this.ended = true;
  }
  release(handle: number): void {
    this.released.push(handle);
  }
}

function pool(limit = Infinity) {
  const started: DoubleSession[] = [];
  const main = new DoubleSession();
  const start = () => {
    if (started.length >= limit) throw new Error("no network");
    started.push(new DoubleSession());
    return started.at(-1) as unknown as Session;
  };
  const made = new Pool(start, async () => main as unknown as Session);
  made.fill();
  return { made, started, main };
}

it("gives the worker that has the owner's cells open, else waits for a free one", async () => {
  const { made, started } = pool();
  const [one, two] = [{}, {}];
  const first = await made.lease(one);
  first.section = { owner: one, handle: 1, doubt: false };
  const second = await made.lease(two);
  const third = made.lease(one);
  made.giveBack(first);
  expect(await third).toBe(first);
  made.giveBack(second);
  made.giveBack(first);
  expect(await made.lease(one)).toBe(first);
  expect(started).toHaveLength(2);
});

it("replaces a worker that was ended", async () => {
  const { made, started } = pool();
  const lease = await made.lease({});
  lease.session.stop();
  made.giveBack(lease);
  expect(started).toHaveLength(3);
  const [next, after] = [await made.lease({}), await made.lease({})];
  expect([next, after].some(({ session }) => session.ended)).toBe(false);
});

it("lends the session's own worker when no other is left, and never ends it", async () => {
  const { made, main } = pool(2);
  for (let times = 0; times < 2; times++) {
    const lease = await made.lease({});
    lease.session.stop();
    made.giveBack(lease);
  }
  const lease = await made.lease({});
  expect(lease.session).toBe(main);
  expect(lease.shared).toBe(true);
  lease.section = { owner: {}, handle: 5, doubt: false };
  made.giveBack(lease);
  expect(main.released, "its cells are closed: the worker belongs to others too").toEqual([5]);
});

it("stops waiting when aborted", async () => {
  const { made } = pool();
  const [a] = [await made.lease({}), await made.lease({})];
  const controller = new AbortController();
  const third = made.lease({}, controller.signal);
  controller.abort();
  await expect(third).rejects.toMatchObject({ code: "job.cancelled" });
  made.giveBack(a);
  expect(await made.lease({})).toBe(a);
});

it("closes in idle workers what its owner lets go", async () => {
  const { made, started } = pool();
  const owner = {};
  const lease = await made.lease(owner);
  lease.section = { owner, handle: 3, doubt: false };
  made.giveBack(lease);
  made.forget(owner);
  expect(started[0]!.released).toEqual([3]);
  expect(lease.section).toBeNull();
});
