// Who sits in the rooms.

/** The address of sockets of a server at `url`. */
export const socketUrl = (url) => `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;

/** People beyond this number come with more tabs instead: to tell everybody of everybody takes the square of them. */
const MOST_PEOPLE = 200;

/** `count` sockets' worth of people with tokens, everybody's first tab before anybody's second. */
export async function members(cloud, count) {
  const people = [];
  while (people.length < Math.min(count, MOST_PEOPLE)) {
    const some = Array.from({ length: Math.min(20, count - people.length) }, (_, at) => cloud.token(`person${people.length + at}`));
    people.push(...(await Promise.all(some)));
  }
  return Array.from({ length: count }, (_, at) => people[at % people.length]).map(({ token, userId }) => ({ token, userId }));
}
