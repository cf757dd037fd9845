// The least that a Node program needs to be a Lambda function. AWS's own runtime client does more and starts later.

import http from "node:http";

const agent = new http.Agent({ keepAlive: true });

function call(method, path, body) {
  const options = { agent, method, headers: { "content-type": "application/json" } };
  const address = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/${path}`;
  return new Promise((resolve, reject) => {
    const request = http.request(address, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Serves events for ever: `handle` gives the answer, and what is to be done after it. */
export async function run(handle) {
  for (;;) {
    const { headers, text } = await call("GET", "next");
    const id = headers["lambda-runtime-aws-request-id"];
    try {
      const { answer, later } = await handle(JSON.parse(text));
      await call("POST", `${id}/response`, JSON.stringify(answer));
      await later();
    } catch (error) {
      await call("POST", `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
}
