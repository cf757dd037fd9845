// The processor time that a role change takes in the function's own process: the real binary on a Runtime API of the tool, with
// the table and the sockets of a local cloud. Fan-out included; what it costs per post comes out of rooms of different sizes.

import { functionEnvironment, messageEvent, roomItems } from "./function.mjs";
import { built } from "./processes.mjs";
import { members, socketUrl } from "./people.mjs";
import { median, table } from "./text.mjs";

/** The table as text. */
export async function handlerTime(cloud, tool, prices, sizes) {
  const rows = [];
  let logBytes;
  for (const size of sizes) {
    const everybody = await members(cloud, size);
    const roomId = await cloud.createMeeting(everybody[0]);
    await tool.run({ do: "open", url: socketUrl(cloud.url), roomId, members: everybody, atOnce: 8 });
    const { table: name, connectionOf } = await roomItems(cloud, roomId);
    const host = connectionOf(everybody[0].userId);
    const { now } = await cloud.tool("/_local/clock");
    const count = size > 100 ? 10 : 100;
    const event = (at) =>
      messageEvent(host, Date.parse(now) + at * 3000, [
        at % 2 === 0 ? "make-cohost" : "remove-cohost",
        { roomId, participantId: everybody[1].userId },
      ]);
    await tool.run({
      do: "start",
      program: [built("signaling", process.env.HANDLER_PROFILE)],
      environment: functionEnvironment(cloud, name, { SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" }),
      event: event(0),
    });
    await tool.run({ do: "invoke", events: Array.from({ length: 10 }, (_, at) => event(at + 1)) });
    const { runs } = await tool.run({ do: "invoke", events: Array.from({ length: count }, (_, at) => event(at + 11)) });
    const wrong = runs.find(({ answer }) => !answer.includes("success"));
    if (wrong) throw new Error(`not a role change: ${wrong.answer}`);
    const { log } = await tool.run({ do: "stop" });
    logBytes = Buffer.byteLength(log) / (1 + 10 + count);
    await tool.run({ do: "close" });
    // To everybody, once more to each tab of the target, and the sender's success.
    const tabs = everybody.filter(({ userId }) => userId === everybody[1].userId).length;
    rows.push({ size, posts: size + tabs + 1, cpu: median(runs.map(({ cpuMs }) => cpuMs)), answer: median(runs.map(({ answerMs }) => answerMs)) });
  }
  const [small, large] = [rows[0], rows.at(-1)];
  const perPost = (large.cpu - small.cpu) / (large.posts - small.posts);
  const handler = small.cpu - perPost * small.posts;
  const logs = (logBytes / 1e9) * prices.perGbOfLogs * 1e6;
  const head = ["sockets", "posts", "CPU ms", "ms until the answer"];
  return (
    table(head, rows.map(({ size, posts, cpu, answer }) => [size, posts, cpu, answer])) +
    `\nhandler ${handler.toFixed(2)} ms (${handler < 1 ? "met" : "MISSED"}), and ${(perPost * 1000).toFixed(0)} µs per post\n` +
    `its log has ${Math.round(logBytes)} bytes per role change: ${logs.toFixed(2)} USD per million to take in\n`
  );
}
