//! Who may do what to whom: the one table, used by every handler, the media node, the web app and the tests.

use crate::Role;

/// What somebody wants to do in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Make somebody a host.
    MakeHost,
    /// Take the host role from somebody, or step down.
    RemoveHost,
    /// Make somebody a co-host.
    MakeCohost,
    /// Take the co-host role from somebody.
    RemoveCohost,
    /// Change description, start or policy.
    EditMeeting,
    /// End the meeting for everybody.
    EndMeeting,
    /// Read the audit trail.
    ReadLog,
    /// Invite hosts and co-hosts.
    InviteHost,
    /// Mute or unmute one person.
    MuteOne,
    /// Switch one person's camera off or allow it again.
    CameraOne,
    /// Stop one person's screen share or allow it again.
    ScreenShareOne,
    /// Remove one person from the room.
    RemoveFromRoom,
    /// The room-wide switches: all microphones, cameras, screen shares.
    RoomWide,
}

impl Action {
    /// All actions, for tests that try every cell.
    pub const ALL: [Action; 13] = [
        Action::MakeHost,
        Action::RemoveHost,
        Action::MakeCohost,
        Action::RemoveCohost,
        Action::EditMeeting,
        Action::EndMeeting,
        Action::ReadLog,
        Action::InviteHost,
        Action::MuteOne,
        Action::CameraOne,
        Action::ScreenShareOne,
        Action::RemoveFromRoom,
        Action::RoomWide,
    ];
}

/// The table. `target` is the role of the person it is done to; actions on the whole meeting ignore it.
///
/// | action | by host, to host / co-host / participant | by co-host, to host / co-host / participant | by participant |
/// |---|---|---|---|
/// | make host | yes / yes / yes | no | no |
/// | remove host | yes / yes / yes (nothing to take) | no | no |
/// | make co-host | no / yes / yes | no | no |
/// | remove co-host | no / yes / yes (nothing to take) | no | no |
/// | edit, end, read the log, invite | yes | no | no |
/// | mute, camera, screen share of one | yes / yes / yes | no / yes / yes | no |
/// | remove from the room | yes / yes / yes | no / no / yes | no |
/// | room-wide switches | yes | yes | no |
///
/// The last-host rule and "not yourself" are not permissions but rules of [`crate::Meeting::decide`].
pub fn allows(actor: Role, action: Action, target: Role) -> bool {
    use Action::*;
    use Role::*;
    match (actor, action, target) {
        (Participant, _, _) => false,

        (Host, MakeCohost | RemoveCohost, Host) => false,
        (Host, _, _) => true,

        (CoHost, RoomWide, _) => true,
        (CoHost, MuteOne | CameraOne | ScreenShareOne, CoHost | Participant) => true,
        (CoHost, RemoveFromRoom, Participant) => true,
        (CoHost, _, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action::*;
    use Role::*;

    /// Every allowed cell, written out a second time and differently; all others must be refused.
    #[test]
    fn every_cell_is_as_the_contract_says() {
        let mut allowed = Vec::new();
        for target in Role::ALL {
            for action in [MakeHost, RemoveHost, EditMeeting, EndMeeting, ReadLog, InviteHost] {
                allowed.push((Host, action, target));
            }
            for action in [MuteOne, CameraOne, ScreenShareOne, RemoveFromRoom, RoomWide] {
                allowed.push((Host, action, target));
            }
            allowed.push((CoHost, RoomWide, target));
        }
        for target in [CoHost, Participant] {
            allowed.extend([(Host, MakeCohost, target), (Host, RemoveCohost, target)]);
            allowed.extend([MuteOne, CameraOne, ScreenShareOne].map(|action| (CoHost, action, target)));
        }
        allowed.push((CoHost, RemoveFromRoom, Participant));

        for actor in Role::ALL {
            for action in Action::ALL {
                for target in Role::ALL {
                    let expected = allowed.contains(&(actor, action, target));
                    assert_eq!(allows(actor, action, target), expected, "{actor:?} {action:?} {target:?}");
                }
            }
        }
    }
}
