//! `GET …/participants`.

use serde_json::json;

use crate::support::{ADA, BO, NOW_MS, STRANGER, World, enter};

#[tokio::test]
async fn participants_are_as_on_the_socket() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for (person, connection) in [(ADA, "c-ada"), (BO, "c-bo-1"), (BO, "c-bo-2")] {
        enter(&world, person, connection, "m").await;
    }
    let participant = |id: &str, name: &str, host: bool| {
        json!({
            "id": id, "name": name, "imageUrl": null, "isHost": host, "isCoHost": false,
            "isAudioMuted": true, "isVideoPaused": true,
            "audioLocked": false, "videoLocked": false, "screenShareLocked": false,
        })
    };
    let expected = json!({
        "success": true, "total": 2, "version": 1,
        "participants": [participant("user_ada", "Ada", true), participant("user_bo", "Bo", false)],
    });
    for person in [ADA, BO] {
        let reply = world.by(person).get("/api/meetings/m/participants").await;
        assert_eq!((reply.status, &reply.body), (200, &expected), "{person:?}");
    }
}

#[tokio::test]
async fn who_has_a_role_sees_an_empty_room_too() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let reply = world.by(ADA).get("/api/meetings/m/participants").await;
    assert_eq!((reply.status, &reply.body["participants"]), (200, &json!([])));
}

#[tokio::test]
async fn to_all_others_the_room_does_not_exist() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, BO, "c-bo", "m").await;
    let real = world.by(STRANGER).get("/api/meetings/m/participants").await;
    let unreal = world.by(STRANGER).get("/api/meetings/nowhere/participants").await;
    real.assert_error(404, "room-not-found");
    assert_eq!(real, unreal);
}

#[tokio::test]
async fn who_was_there_two_hours_ago_is_not_in_the_room() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, BO, "c-bo", "m").await;
    let later = NOW_MS + 7_200_000;
    world.by(BO).at(later).get("/api/meetings/m/participants").await.assert_error(404, "room-not-found");
    assert_eq!(world.by(ADA).at(later).get("/api/meetings/m/participants").await.body["total"], 0);
}
