// What Dais is compared with: one Node process, stock socket.io, rooms in memory. The same events with the same payloads and
// rules, and none of the rest: it believes the user id that a client sends, keeps nothing, and ends with its process.
// About the strictest comparison there is.

import { createServer } from "node:http";

import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { serveClient: false, transports: ["websocket"] });

/** Room id → { hosts, coHosts, participants: user id → { name, sockets, isAudioMuted, isVideoPaused } } */
const rooms = new Map();

class Refused extends Error {}

const refuseUnless = (condition, sentence) => {
  if (!condition) throw new Refused(sentence);
};

const shown = (room) => ([id, { name, isAudioMuted, isVideoPaused }]) => ({
  id,
  name,
  imageUrl: null,
  isHost: room.hosts.has(id),
  isCoHost: room.coHosts.has(id),
  isAudioMuted,
  isVideoPaused,
});
const list = (room) => [...room.participants].map(shown(room));

function join(socket, { roomId, userId, userName }) {
  const room = rooms.get(roomId) ?? { hosts: new Set([userId]), coHosts: new Set(), participants: new Map() };
  rooms.set(roomId, room);
  console.log("👤 User joining", { userName, userId });
  const there = room.participants.get(userId);
  const participant = there ?? { name: userName, sockets: new Set(), isAudioMuted: true, isVideoPaused: true };
  participant.sockets.add(socket.id);
  room.participants.set(userId, participant);
  Object.assign(socket.data, { roomId, userId, userName });
  socket.join(roomId);
  socket.emit("existing-participants", list(room));
  if (!there) {
    socket.to(roomId).emit("participant-joined", shown(room)([userId, participant]));
    if (room.participants.size <= 50) io.to(roomId).emit("participant-list-update", list(room));
  }
  console.log("✅ Join complete", { userName, isHost: room.hosts.has(userId) });
  return { isHost: room.hosts.has(userId), isCoHost: room.coHosts.has(userId) };
}

function leave(socket) {
  const { roomId, userId } = socket.data;
  const room = rooms.get(roomId);
  if (!room) return;
  socket.leave(roomId);
  socket.data.roomId = undefined;
  const participant = room.participants.get(userId);
  participant.sockets.delete(socket.id);
  if (participant.sockets.size > 0) return;
  room.participants.delete(userId);
  io.to(roomId).emit("participant-left", { peerId: socket.id, userId });
  if (room.participants.size <= 50) io.to(roomId).emit("participant-list-update", list(room));
}

function setCohost(socket, event, { roomId, participantId }, isCoHost) {
  console.log(`📥 Received ${event}`, { roomId, participantId, fromSocket: socket.id, fromUser: socket.data.userId });
  const room = rooms.get(roomId);
  refuseUnless(room, "Room not found");
  refuseUnless(room.hosts.has(socket.data.userId), "Only hosts can promote co-hosts");
  const target = room.participants.get(participantId);
  refuseUnless(target, "Participant not found");
  refuseUnless(!room.hosts.has(participantId), "Cannot promote host to co-host");
  if (isCoHost) room.coHosts.add(participantId);
  else room.coHosts.delete(participantId);
  io.to(roomId).emit("participant-updated", { participantId, updates: { isCoHost } });
  io.to([...target.sockets]).emit(isCoHost ? "cohost-granted" : "cohost-revoked", { by: socket.data.userName });
  socket.emit("success", { message: isCoHost ? "Co-host status granted" : "Co-host status removed" });
  console.log(`✅ ${event} completed`);
}

const handlers = {
  "join-room": join,
  "leave-room": (socket) => leave(socket),
  "make-cohost": (socket, payload) => setCohost(socket, "make-cohost", payload, true),
  "remove-cohost": (socket, payload) => setCohost(socket, "remove-cohost", payload, false),
};

io.on("connection", (socket) => {
  for (const [event, handler] of Object.entries(handlers)) {
    socket.on(event, (payload, acknowledge) => {
      try {
        acknowledge?.({ success: true, ...handler(socket, payload) });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        socket.emit("error", { message: error.message, event });
        acknowledge?.({ error: error.message });
      }
    });
  }
  socket.on("disconnect", () => leave(socket));
});

http.listen(0, "127.0.0.1", () => process.stderr.write(`ready http://127.0.0.1:${http.address().port}\n`));
