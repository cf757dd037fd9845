use futures::SinkExt;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{
    client::{Socket, open},
    cloud::{Cloud, cloud},
};

const FRAME: usize = 32 * 1024;

async fn opened() -> (Cloud, Socket) {
    let mut cloud = cloud().await;
    let socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    (cloud, socket)
}

/// A message of this size in frames that are allowed.
async fn send_in_frames(socket: &mut Socket, bytes: usize) {
    let text = format!("say {}", "x".repeat(bytes - 4)).into_bytes();
    let parts: Vec<&[u8]> = text.chunks(FRAME).collect();
    for (index, part) in parts.iter().enumerate() {
        let kind = if index == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(part.to_vec(), OpCode::Data(kind), index + 1 == parts.len());
        socket.0.send(Message::Frame(frame)).await.unwrap();
    }
}

#[tokio::test]
async fn a_frame_of_32_kb_passes_and_one_more_byte_does_not() {
    let (mut cloud, mut socket) = opened().await;
    let most = format!("say {}", "x".repeat(FRAME - 4));
    assert_eq!(socket.ask(&most).await.len(), FRAME - 4);
    cloud.event("socket").await;
    socket.send(&format!("{most}x")).await;
    assert_eq!(socket.closed().await, 1009);
    let end = &cloud.event("socket").await["requestContext"];
    assert_eq!((&end["eventType"], &end["disconnectStatusCode"]), (&"DISCONNECT".into(), &1009.into()));
}

#[tokio::test]
async fn a_far_larger_frame_still_learns_why() {
    let (_cloud, mut socket) = opened().await;
    socket.send(&"x".repeat(5_000_000)).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn a_message_of_128_kb_passes_in_frames_and_one_more_byte_does_not() {
    let (mut cloud, mut socket) = opened().await;
    send_in_frames(&mut socket, 4 * FRAME).await;
    assert_eq!(socket.text().await.len(), 4 * FRAME - 4);
    cloud.event("socket").await;
    send_in_frames(&mut socket, 4 * FRAME + 1).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn a_binary_message_closes() {
    let (_cloud, mut socket) = opened().await;
    socket.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(socket.closed().await, 1003);
}
