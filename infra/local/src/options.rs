//! The command line and the environment → [`Options`].

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    clock::Clock,
    functions::Catalogue,
    media::Wanted,
    start::{Options, Run},
    table::Place,
};

/// What `--help` prints.
pub const HELP: &str = "\
dais-local: what template.yaml describes, in one process

  --spawn                  run the functions as their binaries on a Runtime API, one process per environment
  --functions <folder>     where these binaries are (default: beside this program)
  --parameter <Name=Value> a parameter of the template; may be repeated
  --clock-speed <n>        let the local clock run n times as fast
  --unlimited              do not apply the rates of an AWS account, for measurements
  --help                   print this

Environment: PORT (3000; 0 picks one), DATA_DIR (.data), MEMORY=1 (keep nothing), TEMPLATE (template.yaml),
PING_INTERVAL_MS, PING_TIMEOUT_MS, MAX_PAYLOAD_BYTES, TRACK_GUESTS (parameters of the template),
HEARTBEAT_MS (run the schedules this often, in real milliseconds), RUST_LOG (info),
NODES (media nodes, 1; they are dais-media-node beside this program),
CONFORMANCE=1 (an echo in the place of signaling, as the public protocol test suites expect).
";

/// Variables of the environment that are parameters of the template.
const PARAMETERS: [(&str, &str); 4] = [
    ("PING_INTERVAL_MS", "PingIntervalMs"),
    ("PING_TIMEOUT_MS", "PingTimeoutMs"),
    ("MAX_PAYLOAD_BYTES", "MaxPayloadBytes"),
    ("TRACK_GUESTS", "TrackGuests"),
];

const DEFAULT_PORT: u16 = 3000;

/// The program of a media node, beside this one.
const NODE_PROGRAM: &str = "dais-media-node";
/// More would be too many for a laptop.
const MOST_NODES: usize = 16;

/// What was asked for.
#[derive(Debug)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Start.
    Start(Box<Options>),
}

/// Reads the arguments (without the program's name) and the environment; `own` is the path of this program.
///
/// # Errors
/// A sentence that names the argument or variable.
pub fn read(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
    own: PathBuf,
) -> Result<Command, String> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut parameters: BTreeMap<String, String> =
        PARAMETERS.iter().filter_map(|(name, parameter)| Some(((*parameter).to_owned(), variable(name)?))).collect();
    let (mut spawn, mut folder, mut speed, mut throttled) = (false, None, 1, true);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let argument = argument.into_string().map_err(|argument| format!("{argument:?} is not an option"))?;
        let mut value = |what: &str| arguments.next().ok_or_else(|| format!("{argument} needs {what}"));
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--spawn" => spawn = true,
            "--functions" => folder = Some(PathBuf::from(value("a folder")?)),
            "--unlimited" => throttled = false,
            "--clock-speed" => speed = number(&argument, &text(value("a number")?)?)?,
            "--parameter" => {
                let given = text(value("Name=Value")?)?;
                let (name, value) = given.split_once('=').ok_or_else(|| format!("{argument} needs Name=Value"))?;
                parameters.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(format!("there is no option {argument}: see --help")),
        }
    }
    let run = if spawn {
        let beside = || own.parent().map(PathBuf::from).unwrap_or_default();
        Run::Spawned(folder.unwrap_or_else(beside))
    } else if folder.is_some() {
        return Err("--functions goes with --spawn".to_owned());
    } else {
        match variable("CONFORMANCE").as_deref() {
            None | Some("0") => Run::InProcess(Catalogue::of_this_project()),
            Some("1") => Run::InProcess(Catalogue::for_conformance()),
            Some(other) => return Err(format!("CONFORMANCE must be 1 or 0, not {other}")),
        }
    };
    Ok(Command::Start(Box::new(Options {
        port: variable("PORT").map_or(Ok(DEFAULT_PORT), |port| number("PORT", &port))?,
        place: match variable("MEMORY").as_deref() {
            None | Some("0") => Place::Directory(variable("DATA_DIR").unwrap_or_else(|| ".data".to_owned()).into()),
            Some("1") => Place::Memory,
            Some(other) => return Err(format!("MEMORY must be 1 or 0, not {other}")),
        },
        template: variable("TEMPLATE").unwrap_or_else(|| "template.yaml".to_owned()).into(),
        run,
        parameters,
        heartbeat: match variable("HEARTBEAT_MS") {
            None => None,
            Some(ms) => Some(Duration::from_millis(number::<u64>("HEARTBEAT_MS", &ms)?.max(1))),
        },
        clock: Clock::with_speed(speed),
        throttled,
        nodes: nodes(variable("NODES"), &own)?,
    })))
}

/// The media nodes that are asked for; one if nothing is said, and its program is there.
fn nodes(asked: Option<String>, own: &Path) -> Result<Wanted, String> {
    let program = own.with_file_name(NODE_PROGRAM);
    let count = match asked {
        Some(count) => number("NODES", &count)?,
        None => usize::from(program.is_file()),
    };
    if count > MOST_NODES {
        return Err(format!("NODES must be at most {MOST_NODES}, not {count}"));
    }
    if count > 0 && !program.is_file() {
        return Err(format!("NODES={count} needs the program {}: build it, or set NODES=0", program.display()));
    }
    Ok(Wanted { count, program })
}

fn text(value: OsString) -> Result<String, String> {
    value.into_string().map_err(|value| format!("{value:?} is not text"))
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} must be a whole number, not {value}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn options(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Box<Options>, String> {
        let environment: BTreeMap<&str, &str> = environment.iter().copied().collect();
        let variable = |name: &str| environment.get(name).map(|value| (*value).to_owned());
        match read(arguments.iter().map(OsString::from), variable, PathBuf::from("/bin/dais-local"))? {
            Command::Start(options) => Ok(options),
            Command::Help => panic!("help"),
        }
    }

    #[test]
    fn silence_means_port_3000_and_a_file() {
        let options = options(&[], &[("PORT", "")]).unwrap();
        assert_eq!(options.port, 3000);
        assert!(matches!(&options.place, Place::Directory(path) if path.as_os_str() == ".data"));
        assert!(options.parameters.is_empty() && options.throttled);
        assert_eq!(options.nodes.count, 0, "there is no /bin/dais-media-node");
    }

    #[test]
    fn arguments_win_over_the_environment() {
        let options = options(
            &["--spawn", "--parameter", "PingIntervalMs=2", "--parameter", "Other=a=b"],
            &[("PING_INTERVAL_MS", "1"), ("TRACK_GUESTS", "true"), ("MEMORY", "1"), ("PORT", "0")],
        )
        .unwrap();
        let expected = [("Other", "a=b"), ("PingIntervalMs", "2"), ("TrackGuests", "true")];
        assert_eq!(options.parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert!(matches!(&options.run, Run::Spawned(folder) if folder.as_os_str() == "/bin"));
        assert!(matches!(options.place, Place::Memory));
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, environment, name) in [
            (&["--what"][..], &[][..], "--what"),
            (&["--functions"][..], &[][..], "--functions"),
            (&["--functions", "x"][..], &[][..], "--spawn"),
            (&["--parameter", "x"][..], &[][..], "--parameter"),
            (&["--clock-speed", "fast"][..], &[][..], "--clock-speed"),
            (&[][..], &[("PORT", "many")][..], "PORT"),
            (&[][..], &[("MEMORY", "yes")][..], "MEMORY"),
            (&[][..], &[("NODES", "some")][..], "NODES"),
            (&[][..], &[("NODES", "1000")][..], "NODES"),
            (&[][..], &[("NODES", "1")][..], "/bin/dais-media-node"),
            (&[][..], &[("HEARTBEAT_MS", "-1")][..], "HEARTBEAT_MS"),
        ] {
            let sentence = options(arguments, environment).unwrap_err();
            assert!(sentence.contains(name), "{sentence}");
        }
    }
}
