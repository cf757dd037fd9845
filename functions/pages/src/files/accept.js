// The acceptance page. It shows an invitation and asks: nothing is accepted before somebody presses the button.
// The token goes from the address into this tab's memory at once, so that it stays neither in the history nor in a referrer.

import { ask, bdi, button, el, isPassing, link, main, paragraph, roleName, session, show, signIn, when } from "/invitation/shell.js";

const KEPT = "dais.invitation";

/** `/events/{id}/accept-host?token=…` or `/accept-invite/{token}`; after a reload what this tab remembers. */
function takeToken() {
  const inQuery = new URLSearchParams(location.search).get("token");
  const inPath = /^\/accept-invite\/([^/]+)$/.exec(location.pathname)?.[1];
  const token = inQuery ?? (inPath && inPath !== "-" ? decodeURIComponent(inPath) : null);
  if (!token) return sessionStorage.getItem(KEPT);
  sessionStorage.setItem(KEPT, token);
  history.replaceState(null, "", inPath ? "/accept-invite/-" : location.pathname);
  return token;
}

function details({ meeting, role, inviterName, expiresAt }) {
  const rows = [["When", when(meeting.startsAt)]];
  if (meeting.hostedBy) rows.push(["Hosts", bdi(meeting.hostedBy)]);
  if (inviterName) rows.push(["Invited by", bdi(inviterName)]);
  if (role) rows.push(["You will be", roleName(role)]);
  if (expiresAt) rows.push(["Open until", when(expiresAt)]);
  const list = rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return el("div", { className: "box" }, el("h2", {}, bdi(meeting.title)), el("dl", {}, ...list));
}

const toMeeting = ({ meeting }, className = "button primary") =>
  link(meeting.link ?? `/events/${encodeURIComponent(meeting.id)}`, "Go to the meeting", className);

function signedOut(expired = false) {
  show({
    heading: [expired ? "Sign in again to go on" : "Sign in to see your invitation"],
    body: [
      paragraph(
        expired
          ? "Your session has ended. You come back here afterwards."
          : "An invitation is for one person. Sign in with the account that it was sent to; you come back here afterwards.",
      ),
    ],
    actions: [signIn("Sign in")].filter(Boolean),
  });
}

function pending(invitation) {
  show({
    kind: `${roleName(invitation.role)} invitation`,
    heading: ["You've been invited to ", el("span", { className: "whole" }, "co-host"), " ", bdi(invitation.meeting.title)],
    body: [details(invitation)],
    actions: [
      button("Accept", () => answer(accept, invitation), "primary"),
      button("Decline", () => confirmDecline(invitation)),
    ],
  });
}

function confirmDecline(invitation) {
  show({
    kind: `${roleName(invitation.role)} invitation`,
    heading: ["Decline the invitation to ", bdi(invitation.meeting.title), "?"],
    body: [paragraph("It cannot be accepted any more then. A host can invite you again.")],
    actions: [
      button("Yes, decline", () => answer(decline, invitation), "primary"),
      button("Back", () => pending(invitation)),
    ],
  });
}

async function accept(invitation) {
  const accepted = await ask("POST", "/api/host-invitations/accept", { token });
  const role = accepted.meeting?.isHost ? "host" : roleName(accepted.role ?? invitation.role);
  sessionStorage.removeItem(KEPT);
  show({
    sign: "✓",
    tone: "ok",
    kind: "Invitation accepted",
    heading: [accepted.alreadyHost ? "You already are a " : "You are now a ", role, " of ", bdi(invitation.meeting.title)],
    body: [details({ meeting: { ...invitation.meeting, ...accepted.meeting, title: invitation.meeting.title } })],
    actions: [toMeeting(invitation)],
  });
}

async function decline(invitation) {
  await ask("POST", "/api/host-invitations/decline", { token });
  sessionStorage.removeItem(KEPT);
  show({
    sign: "–",
    kind: "Invitation declined",
    heading: ["You declined to co-host ", bdi(invitation.meeting.title)],
    body: [paragraph("Nothing else happens. If you change your mind, ask a host to invite you again.")],
  });
}

/** Runs an answer; what can be mended stays on the page, what cannot becomes the page. */
async function answer(act, invitation) {
  main.querySelector(".problem")?.remove();
  try {
    await act(invitation);
  } catch (problem) {
    if (isPassing(problem)) {
      main.append(el("p", { className: "problem", role: "alert" }, problem.message));
    } else {
      refused(problem, invitation);
    }
  }
}

const ASK = "Ask the person who invited you for a new invitation.";
const ENDS = {
  "invitation-not-found": ["This invitation cannot be found", `The link may be incomplete, or it is for somebody else. ${ASK}`],
  "invitation-used": ["This invitation has been used", "An invitation works once. If it was you, you have your role already."],
  "invitation-declined": ["This invitation was declined", ASK],
  "invitation-revoked": ["This invitation was taken back", "A host has revoked it."],
  "invitation-expired": ["This invitation has expired", ASK],
  "invitation-bounced": ["This invitation could not be delivered", ASK],
  "invitation-replaced": ["There is a newer invitation", "Use the link in the latest e-mail: it replaced this one."],
  "invitation-inviter-not-host": ["This invitation no longer holds", "The person who invited you is not a host any more. Ask another host."],
  "invitation-meeting-over": ["The meeting is over", "There is nothing left to co-host."],
  "invitation-meeting-gone": ["The meeting does not exist any more", "There is nothing left to co-host."],
  "meeting-ended": ["The meeting is over", "There is nothing left to co-host."],
};

function refused(problem, invitation) {
  const { code, details: body = {} } = problem;
  if (problem.status === 401) return signedOut(true);
  if (code === "invitation-wrong-account") {
    const hint = body.hint ?? body.account;
    return show({
      sign: "!",
      heading: ["This invitation is for another account"],
      body: [paragraph("It was sent to ", hint ? el("strong", {}, hint) : "another address", ". Sign in with the account of that address; the invitation waits.")],
      actions: [signIn("Use another account", "button primary", { prompt: "select_account" })].filter(Boolean),
    });
  }
  if (isPassing(problem)) {
    return show({
      sign: "!",
      tone: "bad",
      heading: ["That did not work"],
      body: [paragraph(problem.message)],
      actions: [button("Try again", start, "primary")],
    });
  }
  const [heading, text] = ENDS[code] ?? ["This invitation cannot be accepted", problem.message];
  const meeting = invitation?.meeting ?? body.meeting;
  show({
    sign: "!",
    heading: [heading],
    body: [paragraph(text)],
    actions: meeting ? [toMeeting({ meeting }, "button")] : [],
  });
}

const token = takeToken();

async function start() {
  if (!token) {
    return show({
      sign: "!",
      heading: ["This link is incomplete"],
      body: [paragraph("Open the link in the e-mail once more, or copy all of it into the address line.")],
    });
  }
  if (!session()) return signedOut();
  try {
    const invitation = await ask("POST", "/api/host-invitations/preview", { token });
    if (invitation.state === "accepted" || invitation.alreadyHost) return already(invitation);
    pending(invitation);
  } catch (problem) {
    refused(problem);
  }
}

function already(invitation) {
  show({
    sign: "✓",
    tone: "ok",
    heading: ["You already are a ", roleName(invitation.currentRole ?? invitation.role), " of ", bdi(invitation.meeting.title)],
    body: [details({ meeting: invitation.meeting })],
    actions: [toMeeting(invitation)],
  });
}

start();
