// Simulcast: the publisher sends two pictures, and a subscriber chooses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localCloud } from "../../support/cloud.mjs";
import { until } from "../../support/deadline.mjs";
import { PICTURE_MS, participants } from "../../support/participants.mjs";
import { user } from "../../support/people.mjs";
import { createMeeting } from "../../support/rest.mjs";

const cloud = await localCloud({ env: { NODES: "1" } });
const participant = await participants();
await cloud.nodesReady(1);

// Without a mode, several encodings of VP9 and AV1 would be layers of one stream.
const codecs = { "video/VP8": undefined, "video/H264": undefined, "video/VP9": "L1T1", "video/AV1": "L1T1" };

for (const [codec, scalabilityMode] of Object.entries(codecs)) {
  test(`a subscriber chooses the small picture of ${codec}, and the large one again`, async () => {
    const roomId = await createMeeting(await user(cloud, "ada"));
    const encodings = [
      { scaleResolutionDownBy: 2, maxBitrate: 150_000, scalabilityMode },
      { scaleResolutionDownBy: 1, maxBitrate: 600_000, scalabilityMode },
    ];
    const ada = await participant(cloud, roomId, "ada", { width: 640, height: 480, encodings, codec });
    const bo = await participant(cloud, roomId, "bo", { audio: false, video: false });
    const received = await bo.receives(ada, "camera");
    assert.equal(received.codec, codec);
    const { consumerId } = await bo.from(ada, "camera");
    const { type } = await bo.page.evaluate(() => [...window.page.meeting.consumers.values()].find(({ info }) => info.kind === "video").info);
    assert.equal(type, "simulcast");
    const isOf = (width) => async () => (await bo.from(ada, "camera")).frameWidth === width;
    for (const [spatialLayer, width] of [[0, 320], [1, 640], [0, 320]]) {
      await bo.ask("set-preferred-layers", { consumerId, spatialLayer });
      await until(isOf(width), `pictures of ${width} pixels`, { ms: PICTURE_MS });
      await bo.receives(ada, "camera");
    }
    // They would go on encoding beside the next ones.
    await Promise.all([ada, bo].map(({ page }) => page.close()));
  });
}
