// Shows the mails of /_local/outbox.json and looks for new ones. All text goes in as text, and a mail's HTML into its frame.

const byId = (id) => document.getElementById(id);
const [main, list, mail, frame, told] = ["main", "list", "mail", "frame", "told"].map(byId);
let mails = [];
let shownList = "";
let shownMail = "";
let tab = "html";

const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

const state = (of) => element("span", of.state, `state ${of.state}`);
const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const chosen = () => mails.find((one) => one.messageId === decodeURIComponent(location.hash.slice(1))) ?? mails[0];
const address = (id, rest) => `/_local/outbox/${encodeURIComponent(id)}/${rest}`;

function showList() {
  const current = chosen()?.messageId;
  const looks = JSON.stringify([current, mails.map((one) => [one.messageId, one.state])]);
  if (looks === shownList) return;
  shownList = looks;
  main.toggleAttribute("data-empty", mails.length === 0);
  byId("clear").hidden = mails.length === 0;
  document.title = `Outbox (${mails.length}) – Dais, local cloud`;
  list.replaceChildren(...mails.map((one) => {
    const link = element("a");
    link.href = `#${encodeURIComponent(one.messageId)}`;
    if (one.messageId === current) link.setAttribute("aria-current", "true");
    const first = element("div", undefined, "first");
    first.append(element("span", one.to.join(", "), "to"), element("time", time(one.sentAt)));
    link.append(first, element("div", one.subject, "subject"));
    if (one.state !== "sent") link.append(state(one));
    return link;
  }));
}

function showMail() {
  const one = chosen();
  mail.hidden = !one;
  const looks = one ? `${one.messageId} ${one.state}` : "";
  if (looks === shownMail) return;
  const another = shownMail.split(" ")[0] !== one?.messageId;
  shownMail = looks;
  if (!one) return;
  byId("subject").textContent = one.subject;
  const facts = { From: one.from, To: one.to.join(", "), Sent: `${one.sentAt} by ${one.sentBy}`, State: state(one) };
  byId("facts").replaceChildren(...Object.entries(facts).flatMap(([name, value]) => {
    const told = element("dd");
    told.append(value);
    return [element("dt", name), told];
  }));
  byId("files").replaceChildren(...one.attachments.map((file, number) => {
    const link = element("a", `📎 ${file.fileName} · ${file.size} bytes`);
    link.href = address(one.messageId, `attachments/${number}`);
    link.download = file.fileName;
    const item = element("li");
    item.append(link);
    return item;
  }));
  const headers = { From: one.from, To: one.to.join(", "), Subject: one.subject, ...one.headers };
  byId("headers").replaceChildren(...Object.entries(headers).map(([name, value]) => {
    const row = element("tr");
    row.append(element("th", name), element("td", value));
    return row;
  }));
  const text = byId("part-text");
  text.replaceChildren(...linked(one.text ?? "This mail has no text part."));
  if (another) {
    told.textContent = "";
    showHtml();
    showTab(one.html ? tab : "text");
  }
}

function showHtml() {
  const scheme = byId("dark").checked ? "dark" : "light";
  frame.src = address(chosen().messageId, `html?scheme=${scheme}`);
  frame.classList.toggle("dark", scheme === "dark");
}

// Addresses in plain text as links, as mail programs show them.
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = element("a", part);
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  });
}

function showTab(name) {
  for (const button of document.querySelectorAll("[data-tab]")) {
    button.setAttribute("aria-selected", String(button.dataset.tab === name));
    byId(`part-${button.dataset.tab}`).hidden = button.dataset.tab !== name;
  }
  for (const label of document.querySelectorAll(".only-html")) label.hidden = name !== "html";
}

async function look() {
  try {
    mails = (await (await fetch("/_local/outbox.json")).json()).messages;
  } catch {
    return; // The local cloud is being restarted; the next look finds it again.
  }
  showList();
  showMail();
}

for (const button of document.querySelectorAll("[data-tab]")) {
  button.addEventListener("click", () => {
    tab = button.dataset.tab;
    showTab(tab);
  });
}
for (const button of document.querySelectorAll("[data-feedback]")) {
  button.addEventListener("click", async () => {
    const one = chosen();
    const answer = await fetch(`/_local/mail/${encodeURIComponent(one.messageId)}/${button.dataset.feedback}`, { method: "POST" });
    const { delivered = [], error } = await answer.json();
    const names = delivered.map(({ function: name, error }) => (error ? `${name} (${error})` : name));
    told.textContent = error ?? `Told to ${names.join(", ") || "nobody: no function listens to it"}.`;
    await look();
  });
}
byId("narrow").addEventListener("change", (event) => frame.classList.toggle("narrow", event.target.checked));
byId("dark").addEventListener("change", showHtml);
byId("clear").addEventListener("click", async () => {
  await fetch("/_local/outbox", { method: "DELETE" });
  await look();
});
addEventListener("hashchange", () => {
  showList();
  showMail();
});
byId("origin").textContent = location.origin;
byId("dark").checked = matchMedia("(prefers-color-scheme: dark)").matches;
await look();
setInterval(() => document.hidden || look(), 1500);
