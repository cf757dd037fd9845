// What the signaling function needs to run outside of the local cloud, with the table and the sockets of one.

/** Its environment, as template.yaml and Lambda give it. */
export function functionEnvironment(cloud, table, more = {}) {
  return {
    TABLE_NAME: table,
    WS_MANAGEMENT_URL: `${cloud.url}/_aws/connections/live`,
    IDENTITY_ISSUER: `${cloud.url}/_local`,
    IDENTITY_AUTHORIZED_PARTIES: cloud.url,
    ALLOWED_ORIGINS: cloud.url,
    PING_INTERVAL_MS: "300000",
    PING_TIMEOUT_MS: "60000",
    LOG_FORMAT: "json",
    RUST_LOG: "info",
    AWS_ENDPOINT_URL_DYNAMODB: `${cloud.url}/_aws/dynamodb/SignalingFunction`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIALOCALLOCALLOCAL0",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/bench",
    AWS_LAMBDA_LOG_STREAM_NAME: "bench",
    ...more,
  };
}

/** A MESSAGE event of the WebSocket API with a Socket.IO event that asks for an acknowledgement. */
export function messageEvent(connectionId, atMs, event) {
  return {
    requestContext: {
      routeKey: "$default",
      eventType: "MESSAGE",
      messageId: "L0SM9cOFvHcCIhw=",
      extendedRequestId: "L0SM9F2bPHcFjtA=",
      requestTime: "21/Nov/2026:03:00:00 +0000",
      messageDirection: "IN",
      stage: "live",
      connectedAt: atMs,
      requestTimeEpoch: atMs,
      requestId: "L0SM9F2bPHcFjtA=",
      domainName: "abcdefghij.execute-api.us-east-1.amazonaws.com",
      connectionId,
      apiId: "abcdefghij",
      identity: { sourceIp: "127.0.0.1" },
    },
    body: `421${JSON.stringify(event)}`,
    isBase64Encoded: false,
  };
}

/** The name of the table, and the connections of a room by user: read as the function may read them. */
export async function roomItems(cloud, roomId) {
  const { calls } = await cloud.tool("/_local/calls?limit=100000&function=SignalingFunction");
  const table = calls.findLast((call) => call.table).table;
  const answer = await fetch(`${cloud.url}/_aws/dynamodb/SignalingFunction`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.Query" },
    body: JSON.stringify({
      TableName: table,
      KeyConditionExpression: "pk = :pk AND sk < :end",
      ExpressionAttributeValues: { ":pk": { S: `M#${roomId}` }, ":end": { S: "D" } },
    }),
  });
  if (!answer.ok) throw new Error(`the table answered ${answer.status}: ${await answer.text()}`);
  const { Items } = await answer.json();
  const connectionOf = (userId) => Items.find((item) => item.user_id?.S === userId).connection_id.S;
  return { table, connectionOf };
}
