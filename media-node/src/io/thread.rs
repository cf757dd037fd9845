//! One worker: a thread that owns a media plane and its socket. Others hand it jobs; it hands out events.

use std::{
    net::{SocketAddr, UdpSocket},
    os::fd::AsRawFd,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use dais_media_plane::{Event, Identity, SystemRandom, Worker, WorkerConfig};
use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket as MioSocket};
use tokio::sync::{mpsc::UnboundedSender, oneshot};

use super::{
    batch::{BATCH, Receiver, Sender, Waiting},
    gathering::{Gathering, Turn},
    socket::{self, SocketError},
};
use crate::settings::Loss;

const SOCKET: Token = Token(0);
const WAKE: Token = Token(1);

/// Batches that are read before what they made is sent and others get their turn.
const BATCHES_PER_TURN: usize = 4;
/// The longest sleep, so that counters stay fresh.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// How long the memory of a burst is kept for the next one.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// What a worker needs to start.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Which one it is, from 0.
    pub number: usize,
    /// Where its socket listens. Port 0 lets the system pick.
    pub listen: SocketAddr,
    /// The address that clients are told, with the port of the socket.
    pub announced: std::net::IpAddr,
    /// How long after the beginning of a busy turn the next one begins, see [`super::gathering`]. What arrives meanwhile is read
    /// with one system call, and what goes to the same receiver leaves with one.
    pub gather: Duration,
    /// Media packets that are thrown away. For tests.
    pub loss: Loss,
}

/// Something that happened in a worker's plane.
#[derive(Debug)]
pub struct PlaneEvent {
    /// Which worker.
    pub worker: usize,
    /// What.
    pub event: Event,
}

/// The worker's thread is no more. The node must end.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the worker has ended")]
pub struct Gone;

type Job = Box<dyn FnOnce(&mut Worker, Instant) + Send>;

/// What the socket of a worker has done.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Datagrams received.
    pub received: AtomicU64,
    /// Datagrams handed to the kernel.
    pub sent: AtomicU64,
    /// Datagrams that the kernel refused.
    pub dropped: AtomicU64,
    /// Datagrams, timers and jobs whose handling panicked. Each is a defect; none ends the worker, and whose they were is
    /// thrown off.
    pub panics: AtomicU64,
}

/// A worker, for those outside of its thread. Clones share it.
#[derive(Debug, Clone)]
pub struct WorkerHandle {
    number: usize,
    address: SocketAddr,
    jobs: mpsc::Sender<Job>,
    waker: Arc<Waker>,
    traffic: Arc<Traffic>,
}

impl WorkerHandle {
    /// Which worker it is.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Where clients reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its socket has done.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Does a job on the worker's thread, between two batches of packets.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Worker, Instant) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |plane, now| {
            // Nobody may wait for it any more; it is done all the same.
            let _ = answer.send(job(plane, now));
        });
        self.jobs.send(job).map_err(|_| Gone)?;
        self.waker.wake().map_err(|_| Gone)?;
        answered.await.map_err(|_| Gone)
    }
}

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its socket cannot be had.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system refuses a thread or a poll.
    #[error("a worker cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Starts a worker. It ends when its handles are gone.
pub fn start(
    settings: WorkerSettings,
    identity: Arc<Identity>,
    events: UnboundedSender<PlaneEvent>,
) -> Result<WorkerHandle, StartError> {
    let socket = socket::open(settings.listen)?;
    let address = SocketAddr::new(settings.announced, socket.local_addr()?.port());
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let (jobs, queue) = mpsc::channel();
    let traffic = Arc::new(Traffic::default());
    let handle = WorkerHandle { number: settings.number, address, jobs, waker, traffic: Arc::clone(&traffic) };

    let config = WorkerConfig::new(socket.local_addr()?, vec![address]);
    let plane = Worker::new(config, identity, Box::new(SystemRandom), Instant::now());
    let dice = Dice { state: 0x9e37_79b9_7f4a_7c15, loss: settings.loss };
    let (number, gathering) = (settings.number, Gathering::new(settings.gather));
    let thread = Thread { plane, socket, queue, events, traffic, number, gathering, dice };
    std::thread::Builder::new().name(format!("media-{}", settings.number)).spawn(move || thread.run(poll))?;
    Ok(handle)
}

/// What was read in one turn.
#[derive(Debug, Clone, Copy, Default)]
struct Read {
    /// Datagrams.
    count: u64,
    /// There may be more.
    more: bool,
}

struct Thread {
    plane: Worker,
    socket: UdpSocket,
    queue: mpsc::Receiver<Job>,
    events: UnboundedSender<PlaneEvent>,
    traffic: Arc<Traffic>,
    number: usize,
    gathering: Gathering,
    dice: Dice,
}

impl Thread {
    fn run(mut self, mut poll: Poll) {
        if let Err(error) = self.turns(&mut poll) {
            tracing::error!(worker = self.number, %error, "a worker has ended");
        }
    }

    fn turns(&mut self, poll: &mut Poll) -> std::io::Result<()> {
        let mut mio_socket = MioSocket::from_std(self.socket.try_clone()?);
        poll.registry().register(&mut mio_socket, SOCKET, Interest::READABLE)?;
        let (mut ready, mut receiver, mut sender) = (Events::with_capacity(4), Receiver::new(), Sender::new());
        let (mut more, mut trimmed) = (false, Instant::now());
        loop {
            let now = Instant::now();
            let sleep = match self.plane.deadline() {
                _ if more => Duration::ZERO,
                Some(deadline) => deadline.saturating_duration_since(now).min(LONGEST_SLEEP),
                None => LONGEST_SLEEP,
            };
            match poll.poll(&mut ready, Some(sleep)) {
                Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let began = Instant::now();
            if !self.jobs() {
                return Ok(());
            }
            let readable = more || ready.iter().any(|event| event.token() == SOCKET);
            let read = if readable { self.receive(&mut receiver)? } else { Read::default() };
            more = read.more;
            let now = Instant::now();
            if self.plane.deadline().is_some_and(|deadline| deadline <= now) {
                self.advance(now);
            }
            let sent = self.send(&mut sender);
            while let Some(event) = self.plane.poll_event() {
                // Without anybody to hear it the node is ending.
                let _ = self.events.send(PlaneEvent { worker: self.number, event });
            }
            if now.saturating_duration_since(trimmed) > KEPT_FOR {
                self.plane.egress().trim();
                trimmed = now;
            }
            let pause = self.gathering.pause(Turn { began, received: read.count, sent }, Instant::now());
            if !more && !pause.is_zero() {
                std::thread::sleep(pause);
                more = true;
            }
        }
    }

    /// Does what was asked for. False: nobody can ask any more.
    fn jobs(&mut self) -> bool {
        loop {
            match self.queue.try_recv() {
                Ok(job) => {
                    guarded(&mut self.plane, &self.traffic, |plane| job(plane, Instant::now()));
                }
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Reads what has arrived.
    fn receive(&mut self, receiver: &mut Receiver) -> std::io::Result<Read> {
        let mut read = Read::default();
        for _ in 0..BATCHES_PER_TURN {
            let count = receiver.fill(self.socket.as_raw_fd())?;
            read.count += count as u64;
            self.traffic.received.fetch_add(count as u64, Ordering::Relaxed);
            let now = Instant::now();
            let (plane, dice, traffic) = (&mut self.plane, &mut self.dice, &self.traffic);
            receiver.each(|from, datagram| {
                if dice.loses_incoming(datagram) {
                    return;
                }
                if !guarded(plane, traffic, |plane| plane.receive(now, from, datagram)) {
                    guarded(plane, traffic, |plane| plane.evict(now));
                }
            });
            if count < BATCH {
                return Ok(read);
            }
        }
        Ok(Read { more: true, ..read })
    }

    /// Sends what the plane has made; how many datagrams.
    fn send(&mut self, sender: &mut Sender) -> u64 {
        let egress = self.plane.egress();
        if egress.is_empty() {
            return 0;
        }
        let dice = &mut self.dice;
        let waiting = Waiting { datagrams: egress.datagrams(), buffer: egress.buffer() };
        let keeps = |at: &usize| !dice.loses_outgoing(waiting.bytes(*at));
        let sent = sender.send(self.socket.as_raw_fd(), waiting, keeps);
        self.traffic.sent.fetch_add(sent.sent, Ordering::Relaxed);
        self.traffic.dropped.fetch_add(sent.dropped, Ordering::Relaxed);
        egress.clear();
        sent.sent
    }

    fn advance(&mut self, now: Instant) {
        let (plane, traffic) = (&mut self.plane, &self.traffic);
        if !guarded(plane, traffic, |plane| plane.advance(now)) {
            guarded(plane, traffic, |plane| plane.evict(now));
        }
    }
}

/// Does something with the plane that may panic: of a thousand peers one has found a defect. False: it did.
fn guarded<T>(plane: &mut Worker, traffic: &Traffic, work: impl FnOnce(&mut Worker) -> T) -> bool {
    let is_sound = catch_unwind(AssertUnwindSafe(|| work(plane))).is_ok();
    if !is_sound {
        traffic.panics.fetch_add(1, Ordering::Relaxed);
    }
    is_sound
}

/// Throws media packets away, as a bad network would. Nothing is thrown when no loss is set.
struct Dice {
    state: u64,
    loss: Loss,
}

impl Dice {
    fn loses_incoming(&mut self, datagram: &[u8]) -> bool {
        self.loses(self.loss.incoming, datagram)
    }

    fn loses_outgoing(&mut self, datagram: &[u8]) -> bool {
        self.loses(self.loss.outgoing, datagram)
    }

    fn loses(&mut self, share: f64, datagram: &[u8]) -> bool {
        // RTP and RTCP (RFC 7983); checks and handshakes have tests of their own.
        if share <= 0.0 || !datagram.first().is_some_and(|first| (128..192).contains(first)) {
            return false;
        }
        // xorshift64 (Marsaglia): the same packets in every run.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) as f64 / (1u64 << 53) as f64) < share
    }
}
