import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import test from "node:test";

import { localCloud } from "../support/cloud.mjs";
import { gotNone, next } from "../support/mailbox.mjs";
import { client, connect, join, refusal, token, user } from "../support/people.mjs";
import { authenticated, message, messageOrEnd, opened, refusedStatus } from "../support/raw.mjs";
import { createMeeting } from "../support/rest.mjs";

const cloud = await localCloud();
const ada = await user(cloud, "ada");

const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url"));

const genuine = async (claims) => {
  const [header, payload, signature] = (await token(ada, claims)).split(".");
  return { header: decoded(header), payload: decoded(payload), signature };
};

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rs256 = (header, payload) => {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
};
const hs256 = (header, payload, secret) => {
  const signed = `${base64url({ ...header, alg: "HS256" })}.${base64url(payload)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
};

async function isRefused(auth, code) {
  const error = await refusal(ada, { auth });
  assert.equal(error.data?.code, code, error.message);
  assert.match(error.message, /^[A-Z].*\.$/, "a sentence");
  return error;
}

test("without auth, without a token, and with what is no token", async () => {
  for (const auth of [{}, { token: "" }, { token: null }, { token: 7 }, { token: {} }, { token: ["a.b.c"] }]) {
    await isRefused(auth, "token-missing");
  }
  for (const garbage of ["garbage", "a.b.c", "..", "x".repeat(20_000), "ü.ü.ü", "\u0000"]) {
    await isRefused({ token: garbage }, "token-malformed");
  }
});

test("an expired token", async () => {
  const expired = await token(ada, { ttl: 60 });
  await connect(ada, { auth: { token: expired } });
  await cloud.advance("5m");
  await isRefused({ token: expired }, "token-expired");
});

test("a token from another issuer", async () => {
  const { header, payload } = await genuine();
  await isRefused({ token: rs256(header, { ...payload, iss: "https://elsewhere.example.com" }) }, "wrong-issuer");
  const withoutKey = rs256({ ...header, kid: "ins_elsewhere" }, { ...payload, iss: "https://elsewhere.example.com" });
  await isRefused({ token: withoutKey }, "wrong-issuer");
});

test("a token that somebody else signed in the issuer's name", async () => {
  const { header, payload } = await genuine();
  await isRefused({ token: rs256(header, payload) }, "wrong-signature");
  await isRefused({ token: rs256({ ...header, kid: "unknown" }, payload) }, "unknown-key");
  await isRefused({ token: rs256({ alg: "RS256", typ: "JWT" }, payload) }, "unknown-key");
  await isRefused({ token: "eyJhbGciOiJSUzI1NiJ9.." }, "unknown-key");
  const jwk = publicKey.export({ format: "jwk" });
  await isRefused({ token: rs256({ ...header, jwk }, payload) }, "wrong-signature");
  await isRefused({ token: rs256({ ...header, jku: `${cloud.url}/_local/.well-known/jwks.json` }, payload) }, "wrong-signature");
});

test("a genuine token with another payload", async () => {
  const { header, payload, signature } = await genuine();
  const bo = await user(cloud, "bo");
  await isRefused({ token: `${base64url(header)}.${base64url({ ...payload, sub: bo.userId })}.${signature}` }, "wrong-signature");
});

test("the algorithms none and HS256, also with the public key as the secret", async () => {
  const { header, payload } = await genuine();
  for (const alg of ["none", "None", "NONE"]) {
    await isRefused({ token: `${base64url({ ...header, alg })}.${base64url(payload)}.` }, "wrong-algorithm");
  }
  await isRefused({ token: hs256(header, payload, "secret") }, "wrong-algorithm");
  const { keys } = await cloud.tool("/_local/.well-known/jwks.json");
  for (const secret of [JSON.stringify(keys[0]), keys[0].n, Buffer.from(keys[0].n, "base64url")]) {
    await isRefused({ token: hs256(header, payload, secret) }, "wrong-algorithm");
  }
});

test("a token for another party", async () => {
  await isRefused({ token: await token(ada, { azp: "https://evil.example.com" }) }, "wrong-party");
  const { payload } = await genuine();
  await connect(ada, { auth: { token: await token(ada, { azp: payload.azp }) } });
});

test("a refusal says nothing of a token, and the log has none", async () => {
  const secret = `${await token(ada)}.x`;
  const error = await isRefused({ token: secret }, "token-malformed");
  assert.equal(JSON.stringify([error.message, error.data]).includes(secret.slice(-40)), false);
  assert.deepEqual(cloud.lines(secret.slice(-40)), []);
});

test("an unknown namespace is an invalid one, as the protocol says", async () => {
  for (const namespace of ["/admin", "/meetings", "/%2e"]) {
    const error = await refusal(ada, { namespace });
    assert.equal(error.message, "Invalid namespace");
  }
});

test("an unknown namespace does not disturb the main one", async () => {
  const { socket } = await authenticated(ada);
  socket.send("40/admin,");
  assert.equal(await message(socket), '44/admin,{"message":"Invalid namespace"}');
  socket.send('421["get-socket-id-for-user",{"userId":"user_x"}]');
  assert.match(await message(socket), /^431\[/);
});

for (const packet of ['42["join-room",{"roomId":"r"}]', '420["join-room",{"roomId":"r"}]', '42["no-such-event"]', '42/admin,["join-room"]']) {
  test(`an event before CONNECT is refused or ends the connection: ${packet}`, async () => {
    const { socket } = await opened(cloud);
    socket.send(packet);
    const { message: answer, code } = await messageOrEnd(socket);
    if (code === undefined) assert.match(answer, /^4[23].*"code":"(not-authenticated|unknown-event)"/);
  });
}

test("an event before CONNECT has no effect", async () => {
  const roomId = await createMeeting(ada);
  const host = await connect(ada);
  await join(host, roomId);
  const { socket } = await opened(cloud);
  socket.send(`42["join-room",${JSON.stringify({ roomId, userId: ada.userId })}]`);
  await messageOrEnd(socket);
  socket.send(`42["make-cohost",${JSON.stringify({ roomId, participantId: ada.userId })}]`);
  await cloud.quiet();
  gotNone(host, "participant-joined", "participant-updated", "cohost-granted");
});

test("a refused client may try again on the same connection with a good token", async () => {
  const { socket } = await opened(cloud);
  socket.send('40{"token":"garbage"}');
  assert.match(await message(socket), /^44\{"message":/);
  socket.send(`40${JSON.stringify({ token: await token(ada) })}`);
  assert.match(await message(socket), /^40\{"sid":/);
});

test("a stock client that gets a good token later connects", async () => {
  let tokens = ["garbage", await token(ada)];
  const socket = client(ada, { auth: (give) => give({ token: tokens.shift() }) });
  socket.connect();
  await next(socket, "connect_error");
  socket.connect();
  await next(socket, "connect");
});

test("a browser of an unknown origin is refused with 403, an allowed one and no browser at all are not", async () => {
  assert.equal(await refusedStatus(cloud, undefined, { origin: "https://evil.example.com" }), 403);
  assert.equal(await refusedStatus(cloud, undefined, { origin: "null" }), 403);
  await opened(cloud, undefined, { origin: cloud.url });
  await opened(cloud);
});
