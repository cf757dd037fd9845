//! Puts the parts together and takes them apart again.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    serve::ListenerExt,
};
use dais_function::SettingsError;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{AbortHandle, JoinHandle},
    time::timeout,
};

use crate::{
    chaos::Chaos,
    clock::Clock,
    event_bus::EventBus,
    functions::Catalogue,
    gateway::{self, Connections, Gateway, Rates, Surroundings, connections::ConnectionsApi},
    identity_provider::{IdentityError, IdentityProvider},
    invoke::{InProcess, Invoker, Lambda, SpawnError, Spawned, SpawnedSettings, attribution::Doors, runtime_api},
    ledger::Ledger,
    mail::{self, Ses},
    media::{self, MediaNodes, NodeSettings, Wanted},
    scheduler::Scheduler,
    services::OfThisProcess,
    table::{self, Place, Table, TableError},
    template::{Template, TemplateError, TemplateReader},
    tools,
    wiring::{deliver, handlers, identities, local_parameters, permit, takes_webhooks, websocket_base},
};

/// Where the local cloud pretends to be.
pub const REGION: &str = "us-east-1";

/// What remains undone after this time when it stops stays undone.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What to start.
#[derive(Debug)]
pub struct Options {
    /// Port of the origin; 0 picks one.
    pub port: u16,
    /// Where tables, keys and users live.
    pub place: Place,
    /// The template.
    pub template: PathBuf,
    /// How functions are run.
    pub run: Run,
    /// Values of template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Time between two runs of every schedule, by the machine's time, instead of the template's.
    pub heartbeat: Option<Duration>,
    /// The clock.
    pub clock: Clock,
    /// Whether the account's and the template's rates count.
    pub throttled: bool,
    /// Media nodes.
    pub nodes: Wanted,
}

impl Options {
    /// A local cloud on a free port that keeps nothing and runs this project's functions as parts of this process.
    pub fn in_memory(template: PathBuf) -> Self {
        Self {
            port: 0,
            place: Place::Memory,
            template,
            run: Run::InProcess(Catalogue::of_this_project()),
            parameters: BTreeMap::new(),
            heartbeat: None,
            clock: Clock::new(),
            throttled: true,
            nodes: Wanted::default(),
        }
    }
}

/// How functions are run.
#[derive(Debug)]
pub enum Run {
    /// As parts of this process.
    InProcess(Catalogue),
    /// As the programs in this folder, on the Runtime API.
    Spawned(PathBuf),
}

/// Why it does not start. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken: stop who has it, or set PORT.
    #[error("port {port} cannot be used: {source}; set PORT to another one, or to 0 to pick one")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The template cannot be run.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The tables cannot be opened.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The identity provider cannot be opened.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A program is missing.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The template has a function that nobody has written.
    #[error("the function {function} has the binary {binary}, for which infra/local/src/functions.rs has no code")]
    UnknownFunction {
        /// Logical id.
        function: String,
        /// Name of the binary.
        binary: String,
    },
    /// A function cannot start with its settings.
    #[error("the function {function} cannot start: {source}")]
    Settings {
        /// Logical id.
        function: String,
        /// What is wrong with its settings.
        source: SettingsError,
    },
}

/// A local cloud that runs.
pub struct Running {
    /// `http://127.0.0.1:3000`.
    pub origin: String,
    /// Its time.
    pub clock: Clock,
    /// Its faults.
    pub chaos: Chaos,
    /// What ran.
    pub ledger: Ledger,
    /// Who signs in.
    pub identity: IdentityProvider,
    /// The open sockets.
    pub connections: Connections,
    /// The mails that were sent.
    pub ses: Ses,
    /// The processes of functions, if they are run so.
    pub spawned: Option<Spawned>,
    /// The media nodes.
    pub media: MediaNodes,
    gateway: Arc<Gateway>,
    lambda: Lambda,
    background: Vec<AbortHandle>,
    stop: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
}

/// Starts a local cloud.
///
/// # Errors
/// See [`StartError`].
pub async fn start(options: Options) -> Result<Running, StartError> {
    let failed = |source| StartError::Port { port: options.port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let origin = format!("http://127.0.0.1:{port}");
    let issuer = format!("{origin}/_local");
    let clock = options.clock;
    let chaos = Chaos::new();
    let ledger = Ledger::new(clock.clone());
    let identity = IdentityProvider::open(&options.place, &issuer, clock.clone())?;
    let reader = TemplateReader {
        given: options.parameters,
        fallbacks: local_parameters(port, &identity),
        region: REGION.to_owned(),
    };
    let mut template = reader.read(&options.template)?;
    let node_settings = node_settings(&template, &origin);
    media::grant(&mut template, &node_settings.table, REGION);
    let template = Arc::new(template);

    let surroundings = table::Surroundings {
        clock: clock.clone(),
        chaos: chaos.clone(),
        ledger: ledger.clone(),
        permit: permit(template.policies.clone()),
    };
    let table = Table::open(&options.place, &template.tables, surroundings)?;

    let doors = Doors::default();
    let (invoker, spawned): (Arc<dyn Invoker>, _) = match options.run {
        Run::InProcess(catalogue) => {
            let handlers = handlers(&catalogue, &template, &origin, &doors)?;
            (Arc::new(InProcess::new(handlers, ledger.clone(), REGION.to_owned())), None)
        }
        Run::Spawned(programs) => {
            let settings = SpawnedSettings {
                programs,
                origin: origin.clone(),
                region: REGION.to_owned(),
                websocket_base: websocket_base(&template),
            };
            let spawned = Spawned::new(&template.functions, settings, ledger.clone())?;
            (Arc::new(spawned.clone()), Some(spawned))
        }
    };
    let lambda = Lambda::new(&template.functions, invoker, chaos.clone());
    let connections = Connections::default();
    let surroundings = Surroundings {
        template: Arc::clone(&template),
        lambda: lambda.clone(),
        clock: clock.clone(),
        chaos: chaos.clone(),
        ledger: ledger.clone(),
        connections: connections.clone(),
        rates: if options.throttled { Rates::published() } else { Rates::unlimited() },
    };
    let events = EventBus::new(template.rules.clone(), lambda.clone(), clock.clone(), REGION);
    let ses = Ses::new(mail::Surroundings {
        clock: clock.clone(),
        ledger: ledger.clone(),
        policies: template.policies.clone(),
        events,
        region: REGION,
        identities: identities(&template),
        configuration_sets: template.configuration_sets.clone(),
        throttled: options.throttled,
    });
    let connections_api = ConnectionsApi::new(&surroundings, REGION).map(Arc::new);
    let gateway = Arc::new(Gateway::new(surroundings));
    if takes_webhooks(&template) {
        identity.deliver_through(deliver(Arc::clone(&gateway), (Ipv4Addr::LOCALHOST, port).into()));
    }

    let mut services = table::routes(table.clone()).merge(mail::routes(ses.clone()));
    if let Some(api) = &connections_api {
        services = services.merge(gateway::connections::routes(Arc::clone(api)));
    }
    doors.open(OfThisProcess { table: table.clone(), sockets: connections_api.clone(), others: services.clone() });
    let scheduler = Scheduler::new(lambda.clone(), clock.clone(), REGION);
    let mut router = tools::routes(clock.clone(), chaos.clone(), ledger.clone(), identity.clone(), scheduler.clone())
        .merge(mail::page_routes(ses.clone()))
        .merge(services);
    let media = MediaNodes::start(&options.nodes, &node_settings);
    router = router.merge(media::routes(media.clone(), connections_api.clone()));
    if let Some(spawned) = &spawned {
        router =
            router.merge(runtime_api::routes(spawned.clone(), table.clone(), connections_api.clone(), ses.clone()));
    }
    let (stop, stopped) = watch::channel(false);
    let product = Arc::clone(&gateway);
    let router = router.fallback(move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
        Arc::clone(&product).answer(request, peer)
    });
    let server = tokio::spawn(serve(listener, router, stopped));

    let mut background = vec![tokio::spawn(table.keep_sweeping()).abort_handle()];
    for schedule in template.schedules.clone() {
        background.push(tokio::spawn(scheduler.clone().keep(schedule, options.heartbeat)).abort_handle());
    }
    Ok(Running {
        origin,
        clock,
        chaos,
        ledger,
        identity,
        connections,
        ses,
        spawned,
        media,
        gateway,
        lambda,
        background,
        stop,
        server,
    })
}

impl Running {
    /// The functions.
    pub fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    /// Stops: schedules first, then the sockets (1001, with their `$disconnect`s), then what still runs, then the origin.
    /// Takes two seconds at most; what is not done by then is cut off.
    pub async fn stop(self) {
        for task in &self.background {
            task.abort();
        }
        let orderly = async {
            self.gateway.close().await;
            self.lambda.idle().await;
        };
        // A poll may hold its request for long; it is cut off.
        let _ = tokio::join!(timeout(PATIENCE, orderly), self.media.stop());
        let _ = timeout(PATIENCE / 5, self.lambda.shutdown()).await;
        self.stop.send_replace(true);
        let mut server = self.server;
        if timeout(PATIENCE / 10, &mut server).await.is_err() {
            server.abort();
        }
    }
}

/// What media nodes are told: the table is the one that the functions have.
fn node_settings(template: &Template, origin: &str) -> NodeSettings {
    let table = template.functions.values().find_map(|function| function.environment.get("TABLE_NAME"));
    NodeSettings {
        origin: origin.to_owned(),
        table: table.cloned().unwrap_or_default(),
        stage: template.websocket.as_ref().map(|api| api.stage.clone()).unwrap_or_default(),
        region: REGION.to_owned(),
    }
}

async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Without it small packets wait for each other; a socket that refuses is slower, nothing else.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            // The sender goes with the cloud, which is as good as a stop.
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .await
}
