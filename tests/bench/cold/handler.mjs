// The comparison of `make bench-cold`: the role change of the signaling function as one would write it in Node with the AWS
// SDK v3. One read of the room, one transaction with the same items and conditions, the acknowledgement, then the posts.

import { ApiGatewayManagementApiClient, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { DynamoDBClient, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";

import { run } from "./runtime.mjs";

const TableName = process.env.TABLE_NAME;
const table = new DynamoDBClient({});
const sockets = new ApiGatewayManagementApiClient({ endpoint: process.env.WS_MANAGEMENT_URL });

async function room(roomId) {
  const { Items } = await table.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk AND sk < :end",
      ExpressionAttributeValues: { ":pk": { S: `M#${roomId}` }, ":end": { S: "D" } },
      ConsistentRead: true,
    }),
  );
  return { meeting: Items.find(({ sk }) => sk.S === "A"), presences: Items.filter(({ sk }) => sk.S !== "A") };
}

function changed(meeting, host, target, isCoHost, at) {
  const before = Number(meeting.version.N);
  const version = { N: String(before + 1) };
  const now = { N: String(at) };
  const user = target.user_id.S;
  const { [user]: old, ...others } = meeting.roles.M;
  const from = old?.M.role ?? { S: "participant" };
  const to = { S: isCoHost ? "co-host" : "participant" };
  const roles = isCoHost ? { ...others, [user]: { M: { role: to, since: now, name: target.name } } } : others;
  const key = { pk: { S: `U#${user}` }, sk: { S: `M#${meeting.id.S}` } };
  const startsSk = { S: `${meeting.starts_at.N.padStart(20, "0")}#${meeting.id.S}` };
  const pointer = { ...key, meeting_id: meeting.id, version, starts_pk: key.pk, starts_sk: startsSk };
  const change = { type: { S: "role" }, user: target.user_id, name: target.name, from, to };
  const entry = { version, at: now, by: host.user_id, byName: host.name, change: { M: change } };
  const writes = [
    {
      Put: {
        TableName,
        Item: { ...meeting, roles: { M: roles }, version, changed_at: now },
        ConditionExpression: "version = :before",
        ExpressionAttributeValues: { ":before": { N: String(before) } },
      },
    },
    {
      Put: {
        TableName,
        Item: { pk: meeting.pk, sk: { S: `L#${version.N.padStart(20, "0")}` }, schema: { N: "1" }, entry: { M: entry } },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    },
    isCoHost ? { Put: { TableName, Item: pointer } } : { Delete: { TableName, Key: key } },
  ];
  return { writes, version: version.N };
}

async function handle({ requestContext, body }) {
  const [, id, text] = /^42(\d+)(.*)$/s.exec(body);
  const [event, { roomId, participantId }] = JSON.parse(text);
  const { meeting, presences } = await room(roomId);
  const host = presences.find(({ connection_id }) => connection_id.S === requestContext.connectionId);
  const target = presences.find(({ user_id }) => user_id.S === participantId);
  if (meeting.roles.M[host.user_id.S]?.M.role.S !== "host" || !target) throw new Error("refused");
  const isCoHost = event === "make-cohost";
  const { writes, version } = changed(meeting, host, target, isCoHost, requestContext.requestTimeEpoch);
  await table.send(new TransactWriteItemsCommand({ TransactItems: writes }));
  console.error(JSON.stringify({ message: `✅ ${event} completed`, participantId }));

  const post = (to, name, payload, ...more) =>
    sockets.send(
      new PostToConnectionCommand({ ConnectionId: to.connection_id.S, Data: `42${JSON.stringify([name, payload, ...more])}` }),
    );
  const later = async () => {
    const updated = { participantId, updates: { isCoHost } };
    await Promise.all(presences.map((to) => post(to, "participant-updated", updated, version)));
    await post(target, isCoHost ? "cohost-granted" : "cohost-revoked", { by: host.name.S }, version);
    await post(host, "success", { message: isCoHost ? "Co-host status granted" : "Co-host status removed" });
  };
  return { answer: { statusCode: 200, body: `43${id}[{"success":true}]` }, later };
}

await run(handle);
