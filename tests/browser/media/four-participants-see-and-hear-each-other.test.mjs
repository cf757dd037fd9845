// Four browsers at once, who join at the same time.

import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { allReceiveAll, participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1" } });
const participant = await participants();
await cloud.nodesReady(1);

test("four who join at once all see and hear each other", async () => {
  const roomId = await createMeeting(await user(cloud, "ada"));
  const names = ["ada", "bo", "cy", "di"];
  const people = await Promise.all(names.map((name) => participant(cloud, roomId, name, { width: 160, height: 120 })));
  await allReceiveAll(people);
  for (const someone of people) someone.unharmed();
});
