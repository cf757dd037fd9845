// RED (RFC 2198): each packet of sound brings those before it again. Stock mediasoup-client plays it when it comes, but negotiates one codec
// alone for what it sends. A front end that wants to send it adds RED to the answer before the browser sees it, and to what it tells the node.

const OFFERED = /a=rtpmap:(\d+) red\/48000\/2\r\n/;
const OPUS = /a=rtpmap:(\d+) opus\/48000\/2\r\n/;

/**
 * From now on, every peer connection of this page sends RED around Opus. Call it once, before the transports are made. Gives what makes the
 * parameters that the node is told out of those that mediasoup-client gives.
 */
export function sendRed() {
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  let payloadType;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const red = OFFERED.exec(this.localDescription?.sdp ?? "")?.[1];
    if (description?.type !== "answer" || !red) return setRemoteDescription.call(this, description);
    payloadType = Number(red);
    return setRemoteDescription.call(this, { type: "answer", sdp: withRed(description.sdp, red) });
  };
  return (kind, sent) => {
    if (kind !== "audio" || !payloadType) return sent;
    const red = { mimeType: "audio/red", payloadType, clockRate: 48000, channels: 2, parameters: {}, rtcpFeedback: [] };
    return { ...sent, codecs: [...sent.codecs, red] };
  };
}

/** Puts RED before the Opus of each section of an answer: what comes first is what is sent. */
function withRed(sdp, red) {
  const sections = sdp.split(/^(?=m=)/m).map((section) => {
    const opus = section.startsWith("m=audio") && OPUS.exec(section)?.[1];
    if (!opus) return section;
    const first = section.replace(/^(m=audio \S+ \S+) /, `$1 ${red} `);
    return `${first}a=rtpmap:${red} red/48000/2\r\na=fmtp:${red} ${opus}/${opus}\r\n`;
  });
  return sections.join("");
}
