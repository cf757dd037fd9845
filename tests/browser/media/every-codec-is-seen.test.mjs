// VP8 is what everybody uses unless told otherwise; these are the others that the router lists, each encoded by one browser and
// decoded by another. A browser that cannot encode one of them fails the test: nothing is skipped.

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

for (const codec of ["video/VP9", "video/AV1", "video/H264"]) {
  test(`a camera in ${codec} is seen, also by who comes later`, async (context) => {
    const roomId = await createMeeting(await user(cloud, "ada"));
    const ada = await participant(cloud, roomId, "ada", { codec });
    const encoded = async () => (await ada.page.evaluate(() => window.page.encoded())).filter(({ framesEncoded }) => framesEncoded > 0);
    await until(async () => (await encoded()).length > 0, `pictures that this browser encodes in ${codec}`, { ms: PICTURE_MS });
    const [layer, ...others] = await encoded();
    context.diagnostic(`${codec} by ${layer.encoderImplementation}, ${layer.scalabilityMode}`);
    assert.deepEqual([layer.codec, others], [codec, []]);

    // Both come when the picture has begun: each must be given a key frame.
    for (const name of ["bo", "cy"]) {
      const someone = await participant(cloud, roomId, name, { audio: false, video: false });
      const received = await someone.receives(ada, "camera", { more: 20 });
      assert.equal(received.codec, codec);
      assert.ok(received.keyFramesDecoded > 0, JSON.stringify(received));
      someone.unharmed();
      await someone.page.close();
    }
    ada.unharmed();
    // She would go on encoding beside the next one.
    await ada.page.close();
  });
}
