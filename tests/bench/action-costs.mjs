// What each action uses, counted on a quiet local cloud.

import { localCloud } from "./processes.mjs";
import { members, socketUrl } from "./people.mjs";
import { table } from "./text.mjs";
import { HEAD, ledgerOf, quiet, row, usageOf } from "./usage.mjs";

/** As in template.yaml. */
const MEMORY_MB = { MeetingsFunction: 256, SignalingFunction: 512, HeartbeatFunction: 512, PollingFunction: 256 };
/** The room in which everything but role changes is counted. */
const SIZE = 10;
const TIMES = 4;

/** The table as text. */
export async function actionCosts(tool, prices, sizes) {
  const cloud = await localCloud();
  const counted = async (times, action, more) => {
    const work = async () => {
      for (let n = 0; n < times; n++) await action(n);
    };
    return usageOf(await ledgerOf(cloud, work), { times, memoryMb: MEMORY_MB, assumptions: prices.assumptions, more });
  };
  const rows = [];
  const add = (name, usage) => rows.push(row(name, usage, prices));

  // Warm: the first call of a process would also fetch the keys of the identity provider.
  const everybody = await members(cloud, SIZE + 1);
  const late = everybody.pop();
  await cloud.createMeeting(everybody[0]);
  add("create a meeting", await counted(TIMES, () => cloud.createMeeting(everybody[0]), { httpRequests: 1 }));

  const idle = await counted(1, () => hour(cloud));
  const roomId = await cloud.createMeeting(everybody[0]);
  await tool.run({ do: "open", url: socketUrl(cloud.url), roomId, members: everybody.slice(0, SIZE - 1), atOnce: 1 });
  const last = everybody[SIZE - 1];
  add("connect and sign in", await counted(1, () => tool.run({ do: "connect", member: last })));
  const emit = (member, event, payload) => tool.run({ do: "emit", member, event, payload: { roomId, ...payload } });
  add(`join, the ${SIZE}th`, await counted(1, () => emit(SIZE - 1, "join-room")));
  add(`update-my-state, room of ${SIZE}`, await counted(TIMES, (n) => emit(3, "update-my-state", { isAudioMuted: n % 2 === 1 })));
  add(`leave, room of ${SIZE}`, await counted(1, () => emit(SIZE - 1, "leave-room")));
  add("disconnect after that", await counted(1, () => tool.run({ do: "disconnect" })));
  await tool.run({ do: "connect", member: late });
  await emit(SIZE - 1, "join-room");
  add(`lost while in a room of ${SIZE}`, await counted(1, () => tool.run({ do: "disconnect" })));
  const sockets = SIZE - 1;
  const busy = await counted(1, () => hour(cloud));
  add("a connection, per hour", difference(busy, idle, sockets));
  add("the schedule, per hour", idle);
  await tool.run({ do: "close" });

  for (const size of sizes) {
    const there = await members(cloud, size);
    const room = await cloud.createMeeting(there[0]);
    await tool.run({ do: "open", url: socketUrl(cloud.url), roomId: room, members: there, atOnce: 8 });
    await quiet(cloud);
    const change = async () => {
      await cloud.advance("3s");
      await tool.run({ do: "roles", events: 1 });
    };
    await change();
    add(`role change, room of ${size}`, await counted(TIMES, change));
    await tool.run({ do: "close" });
    await quiet(cloud);
  }
  await cloud.stop();
  return table(HEAD, rows);
}

/** An hour on the local clock, minute by minute, so that every run of the schedule happens and every ping is answered. */
async function hour(cloud) {
  for (let minute = 0; minute < 60; minute++) {
    const runs = async () => (await cloud.tool("/_local/invocations?limit=0&function=HeartbeatFunction")).totals.count;
    const before = await runs();
    await cloud.advance("60s");
    while ((await runs()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What one of `sockets` sockets adds to an hour in which there are none. */
function difference(busy, idle, sockets) {
  const names = Object.keys(busy.use);
  const use = Object.fromEntries(names.map((name) => [name, (busy.use[name] - (idle.use[name] ?? 0)) / sockets]));
  return { roundTrips: busy.roundTrips, use: { ...use, connectionMinutes: 60 } };
}
