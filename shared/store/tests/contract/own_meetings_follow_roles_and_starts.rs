//! `meetings_of`: which meetings are somebody's own, and in which order.

use dais_domain::{Command, Role, Timestamp};
use dais_store::{ListQuery, OwnMeeting, Period, Store};

use crate::support::*;

on_both_tables! {
    a_creator_has_his_meeting_as_host,
    a_role_makes_a_meeting_somebodys_own,
    a_role_taken_away_takes_the_meeting_away,
    a_removal_takes_the_meeting_away,
    the_creator_keeps_his_meeting_whatever_his_role,
    hosting_leaves_out_where_he_is_not_host_now,
    periods_divide_at_now_and_have_their_order,
    a_moved_start_moves_the_meeting_for_all_who_have_it,
    a_moved_start_moves_the_meeting_of_a_creator_without_role,
    meetings_come_as_they_are_now,
}

fn query(period: Period) -> ListQuery {
    ListQuery { period, hosting: false, now: at(0), limit: 100, after: None }
}

async fn own(store: &impl Store, who: &str, query: ListQuery) -> Vec<OwnMeeting> {
    let page = store.meetings_of(&user(who), &query).await.unwrap();
    assert_eq!(page.next, None);
    page.meetings
}

async fn ids(store: &impl Store, who: &str, query: ListQuery) -> Vec<String> {
    own(store, who, query).await.into_iter().map(|own| own.meeting.id.to_string()).collect()
}

async fn all(store: &impl Store, who: &str) -> Vec<String> {
    ids(store, who, query(Period::All)).await
}

async fn a_creator_has_his_meeting_as_host(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    assert_eq!(own(&store, "ada", query(Period::All)).await, [OwnMeeting { meeting, role: Role::Host }]);
    assert_eq!(all(&store, "bo").await, [""; 0]);
}

async fn a_role_makes_a_meeting_somebodys_own(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    changed(&store, "m1", "ada", Command::MakeCohost(user("bo"))).await;
    assert_eq!(own(&store, "bo", query(Period::All)).await[0].role, Role::CoHost);
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    let listed = own(&store, "bo", query(Period::All)).await;
    assert_eq!((listed.len(), listed[0].role), (1, Role::Host));
}

async fn a_removal_takes_the_meeting_away(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    changed(&store, "m1", "ada", Command::Remove(user("bo"))).await;
    changed(&store, "m1", "ada", Command::Remove(user("cy"))).await;
    for name in ["bo", "cy"] {
        assert_eq!(all(&store, name).await, [""; 0]);
    }
    changed(&store, "m1", "ada", Command::MakeHost(user("di"))).await;
    changed(&store, "m1", "di", Command::Remove(user("ada"))).await;
    assert_eq!(own(&store, "ada", query(Period::All)).await[0].role, Role::Participant, "he created it");
}

async fn a_role_taken_away_takes_the_meeting_away(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    changed(&store, "m1", "ada", Command::RemoveHost(user("bo"))).await;
    assert_eq!(all(&store, "bo").await, [""; 0]);
    changed(&store, "m1", "ada", moved_to(at(90))).await;
    assert_eq!(all(&store, "bo").await, [""; 0]);
    changed(&store, "m1", "ada", Command::MakeCohost(user("bo"))).await;
    assert_eq!(all(&store, "bo").await, ["m1"]);
}

async fn the_creator_keeps_his_meeting_whatever_his_role(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    changed(&store, "m1", "bo", Command::RemoveHost(user("ada"))).await;
    assert_eq!(own(&store, "ada", query(Period::All)).await[0].role, Role::Participant);
    changed(&store, "m1", "bo", Command::MakeCohost(user("ada"))).await;
    assert_eq!(own(&store, "ada", query(Period::All)).await[0].role, Role::CoHost);
    changed(&store, "m1", "bo", Command::RemoveCohost(user("ada"))).await;
    assert_eq!(all(&store, "ada").await, ["m1"]);
}

async fn hosting_leaves_out_where_he_is_not_host_now(store: impl Store) {
    for (id, start) in [("m1", 10), ("m2", 20), ("m3", 30)] {
        created(&store, id, "ada", at(start)).await;
        changed(&store, id, "ada", Command::MakeHost(user("bo"))).await;
    }
    changed(&store, "m2", "bo", Command::RemoveHost(user("ada"))).await;
    changed(&store, "m3", "ada", Command::RemoveHost(user("bo"))).await;
    changed(&store, "m3", "ada", Command::MakeCohost(user("bo"))).await;
    let hosting = ListQuery { hosting: true, ..query(Period::All) };
    assert_eq!(ids(&store, "ada", hosting.clone()).await, ["m3", "m1"]);
    assert_eq!(ids(&store, "bo", hosting).await, ["m2", "m1"]);
}

async fn periods_divide_at_now_and_have_their_order(store: impl Store) {
    let just_before = Timestamp::from_ms(at(0).as_ms() - 1);
    let starts = [
        ("long-ago", Timestamp::from_ms(0)),
        ("ago", ago(3600)),
        ("just-before", just_before),
        ("now", at(0)),
        ("soon", at(60)),
        ("last", Timestamp::MAX),
    ];
    for (id, starts_at) in starts {
        created(&store, id, "ada", starts_at).await;
    }
    assert_eq!(ids(&store, "ada", query(Period::Upcoming)).await, ["now", "soon", "last"]);
    assert_eq!(ids(&store, "ada", query(Period::Past)).await, ["just-before", "ago", "long-ago"]);
    let all_of_them = ["last", "soon", "now", "just-before", "ago", "long-ago"];
    assert_eq!(all(&store, "ada").await, all_of_them);
}

async fn a_moved_start_moves_the_meeting_for_all_who_have_it(store: impl Store) {
    for (id, start) in [("m1", 10), ("m2", 20)] {
        created(&store, id, "ada", at(start)).await;
        changed(&store, id, "ada", Command::MakeCohost(user("bo"))).await;
    }
    for who in ["ada", "bo"] {
        assert_eq!(all(&store, who).await, ["m2", "m1"]);
    }
    changed(&store, "m1", "ada", moved_to(at(30))).await;
    for who in ["ada", "bo"] {
        assert_eq!(all(&store, who).await, ["m1", "m2"]);
    }
    changed(&store, "m1", "ada", moved_to(ago(30))).await;
    for who in ["ada", "bo"] {
        assert_eq!(ids(&store, who, query(Period::Upcoming)).await, ["m2"]);
        assert_eq!(ids(&store, who, query(Period::Past)).await, ["m1"]);
    }
}

async fn a_moved_start_moves_the_meeting_of_a_creator_without_role(store: impl Store) {
    created(&store, "m1", "ada", at(10)).await;
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    changed(&store, "m1", "bo", Command::RemoveHost(user("ada"))).await;
    changed(&store, "m1", "bo", moved_to(ago(30))).await;
    assert_eq!(ids(&store, "ada", query(Period::Past)).await, ["m1"]);
}

async fn meetings_come_as_they_are_now(store: impl Store) {
    created(&store, "m1", "ada", at(10)).await;
    let meeting = changed(&store, "m1", "ada", Command::End).await;
    assert_eq!(own(&store, "ada", query(Period::All)).await, [OwnMeeting { meeting, role: Role::Host }]);
}
