// What the pages share: elements, the card, who is signed in, how the service is asked.

export const main = document.querySelector("main");

/** An element with properties and children; text is always text. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text from people, whose direction must not spill into ours. */
export const bdi = (text) => el("bdi", {}, text);

export function show({ kind = "Invitation", sign, tone = "", heading, body = [], actions = [], title }) {
  const h1 = el("h1", { tabIndex: -1 }, ...heading);
  main.replaceChildren(
    ...[
      sign ? el("span", { className: `sign ${tone}`, "aria-hidden": "true" }, sign) : null,
      el("p", { className: "kind" }, kind),
      h1,
      ...body,
      actions.length > 0 ? el("div", { className: "actions" }, ...actions) : null,
    ].filter(Boolean),
  );
  main.setAttribute("aria-busy", "false");
  document.title = title ?? h1.textContent;
  h1.focus({ preventScroll: true });
}

export const paragraph = (...children) => el("p", {}, ...children);
export const link = (href, text, className = "button") => el("a", { href, className }, text);

export function button(text, act, className = "") {
  const element = el("button", { type: "button", className }, text);
  element.addEventListener("click", async () => {
    const all = main.querySelectorAll("button");
    all.forEach((one) => (one.disabled = true));
    try {
      await act();
    } finally {
      all.forEach((one) => (one.disabled = false));
    }
  });
  return element;
}

/** The session token that the identity provider keeps in a cookie of this origin (Clerk: `__session`). */
export function session() {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith("__session="));
  return cookie ? decodeURIComponent(cookie.slice("__session=".length)) : null;
}

export function signIn(text, className = "button primary", extra = {}) {
  const address = document.body.dataset.signIn;
  if (!address) return null;
  const url = new URL(address, location.origin);
  url.searchParams.set("redirect_url", location.origin + location.pathname);
  for (const [name, value] of Object.entries(extra)) url.searchParams.set(name, value);
  return link(url.href, text, className);
}

export class Problem extends Error {
  constructor({ status, code, message, details }) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

/** Asks the service as who is signed in. Throws a [Problem] with a sentence that can be shown. */
export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${session()}` },
      body: body && JSON.stringify(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Problem({ status: 0, code: "offline", message: "The service could not be reached. Check your connection." });
  }
  const read = await answer.json().catch(() => ({}));
  if (answer.ok) return read;
  const message = read.message ?? read.error ?? "Something went wrong.";
  throw new Problem({ status: answer.status, code: read.code ?? "unknown", message, details: read });
}

/** Whether the same request may work later. */
export const isPassing = ({ status, code }) =>
  ["offline", "busy", "unavailable", "rate-limited"].includes(code) || status >= 500 || status === 429;

export const roleName = (role) => (role === "cohost" ? "co-host" : "host");

export function when(startsAt) {
  const date = new Date(startsAt);
  const day = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date);
  const time = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" }).format(date);
  return el("time", { dateTime: date.toISOString() }, `${day}, ${time}`);
}
