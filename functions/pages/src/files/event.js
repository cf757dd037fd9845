// A meeting's page for whoever comes from an e-mail: what it is, who hosts it, and what the reader may do there.

import { ask, bdi, button, el, isPassing, paragraph, session, show, signIn, when } from "/invitation/shell.js";

const id = decodeURIComponent(location.pathname.split("/")[2] ?? "");

function rows(meeting) {
  const rows = [["When", when(meeting.startsAt)]];
  if (meeting.hostedBy) rows.push(["Hosts", bdi(meeting.hostedBy)]);
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

function shown(meeting) {
  const role = meeting.isHost ? "You are a host of this meeting." : meeting.isCoHost ? "You are a co-host of this meeting." : null;
  show({
    kind: meeting.endedAt ? "Meeting, over" : "Meeting",
    heading: [bdi(meeting.description)],
    body: [
      el("div", { className: "box" }, el("dl", {}, ...rows(meeting))),
      paragraph(role ?? "You take part in this meeting."),
      el("p", { className: "note" }, "Open it in your meeting app: its id is ", el("code", {}, meeting.id), "."),
    ],
  });
}

async function start() {
  if (!session()) {
    return show({ kind: "Meeting", heading: ["Sign in to see this meeting"], actions: [signIn("Sign in")].filter(Boolean) });
  }
  try {
    shown(await ask("GET", `/api/meetings/${encodeURIComponent(id)}`));
  } catch (problem) {
    const again = isPassing(problem);
    show({
      kind: "Meeting",
      sign: "!",
      tone: "bad",
      heading: [problem.status === 404 ? "There is no such meeting" : problem.status === 401 ? "Sign in again" : "That did not work"],
      body: [paragraph(problem.status === 404 ? "Check the address." : problem.message)],
      actions: [again ? button("Try again", start, "primary") : problem.status === 401 ? signIn("Sign in") : null].filter(Boolean),
    });
  }
}

start();
