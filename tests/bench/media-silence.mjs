// How long a muted client is still heard, for `make bench-media`.

import { ask, cloudWithNode, consume, join, listen, offer, produce } from "./media-people.mjs";
import { members } from "./people.mjs";
import { loadTool } from "./processes.mjs";

const ROUNDS = process.env.FAST === "1" ? 5 : 60;

/**
 * From a host's click to the last packet that reaches anybody, of a client that ignores every message and sends a packet each
 * millisecond: what is in the node and on its way counts.
 */
export async function silence() {
  const { cloud } = await cloudWithNode();
  const tool = loadTool();
  try {
    const people = await members(cloud, 3);
    const roomId = await cloud.createMeeting(people[0]);
    const [host, eve, listener] = await Promise.all(people.map((person) => join(cloud, person, roomId)));
    const send = await offer(tool, eve, roomId, Array.from({ length: ROUNDS }, (_, round) => ({ kind: "audio", ssrc: 5000 + round })));
    const heard = await listen(tool, listener, roomId);
    const tookMs = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await produce(eve, roomId, send, round, "audio");
      const consumerId = await consume(tool, listener, roomId, heard, id);
      if (round === 0) await tool.run({ do: "connect", id: heard.id });
      await ask(listener.socket, "resume-consumer", { roomId, consumerId });
      await tool.run({ do: "send", id: send.id, tracks: [round] });
      const flowing = tool.run({ do: "flow", ms: 350, audioEveryUs: 1000 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      const clicked = performance.timeOrigin + performance.now();
      const told = ask(host.socket, "toggle-remote-audio", { roomId, targetUserId: people[1].userId, force: "mute" });
      const { received, lastReceivedAtMs } = await flowing;
      await told;
      if (received < 50) throw new Error("nothing was heard before the click");
      tookMs.push(Math.max(0, lastReceivedAtMs - clicked));
      await ask(host.socket, "toggle-remote-audio", { roomId, targetUserId: people[1].userId, force: "unmute" });
    }
    return tookMs;
  } finally {
    tool.stop();
    await cloud.stop();
  }
}
