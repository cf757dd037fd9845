use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    Event, ProducerKey,
    client::media::{OPUS, PacketBuilder, id, microphone},
};

use crate::support::World;

struct Talk {
    world: World,
    people: Vec<(usize, ProducerKey)>,
    sequence: u16,
}

impl Talk {
    fn new() -> Self {
        let mut world = World::new();
        let people = (0..3).map(|number| {
            let peer = world.connected(Direction::Send);
            (peer, world.produce(peer, MediaKind::Audio, &microphone("0", 5 + number)))
        });
        let people = people.collect();
        Self { world, people, sequence: 0 }
    }

    /// Everybody is this loud, in decibel below overload; `None` sends nothing.
    fn go_on(&mut self, milliseconds: u16, levels: [Option<u8>; 3]) {
        for _ in 0..milliseconds / 20 {
            self.sequence += 1;
            for ((peer, _), level) in self.people.clone().into_iter().zip(levels) {
                let Some(level) = level else { continue };
                let extensions = vec![(id::AUDIO_LEVEL, vec![level])];
                let packet = PacketBuilder {
                    payload_type: OPUS,
                    sequence: self.sequence,
                    ssrc: 5 + peer as u32,
                    extensions,
                    payload: vec![1; 80],
                    ..PacketBuilder::default()
                };
                self.world.send(peer, &packet);
            }
            self.world.run_ms(20);
        }
    }

    /// Who was said to speak since the last call.
    fn told(&mut self) -> Vec<Option<usize>> {
        let people = &self.people;
        let told = self.world.events.iter().filter_map(|event| match event {
            Event::DominantSpeaker { producer, .. } => {
                Some(producer.and_then(|producer| people.iter().position(|(_, own)| *own == producer)))
            }
            _ => None,
        });
        let told = told.collect();
        self.world.events.clear();
        told
    }
}

#[test]
fn when_he_begins_and_when_another_one_does() {
    let mut talk = Talk::new();
    talk.go_on(1000, [Some(110), Some(115), Some(127)]);
    assert_eq!(talk.told(), [], "noise is no speech");
    talk.go_on(1000, [Some(110), Some(40), Some(127)]);
    assert_eq!(talk.told(), [Some(1)]);
    talk.go_on(2000, [Some(42), Some(40), Some(38)]);
    assert_eq!(talk.told(), [], "he is not interrupted by those who are as loud");
    talk.go_on(1000, [Some(30), None, Some(127)]);
    assert_eq!(talk.told(), [Some(0)]);
    // A cough of 60 ms.
    talk.go_on(60, [Some(30), Some(15), Some(127)]);
    talk.go_on(500, [Some(30), Some(127), Some(127)]);
    assert_eq!(talk.told(), []);
    let silenced = talk.people[0].1;
    talk.world.worker.pause_producer(silenced).expect("pause");
    talk.world.settle();
    assert_eq!(talk.told(), [None], "who was muted does not speak");
    talk.go_on(1000, [Some(20), Some(127), Some(127)]);
    assert_eq!(talk.told(), []);
}

#[test]
fn not_more_often_than_every_300_ms() {
    let mut talk = Talk::new();
    let before = talk.world.now;
    for _ in 0..20 {
        talk.go_on(100, [Some(10), None, None]);
        talk.go_on(100, [None, Some(10), None]);
    }
    let passed = (talk.world.now - before).as_millis() / Duration::from_millis(300).as_millis();
    assert!(talk.told().len() as u128 <= passed + 1);
}
