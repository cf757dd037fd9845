//! What is printed when all is ready: addresses, tokens, and commands to try them.

use std::fmt::Write;

use crate::{identity_provider::TokenParameters, start::Running};

/// The people who are signed in, for everybody's first try.
const PEOPLE: [&str; 3] = ["Ada", "Bo", "Cy"];

/// Long enough for a day of trying; the cloud's live for 60 seconds.
const TOKEN_LIFE_S: i64 = 24 * 3600;

/// The text before the ready line.
///
/// # Errors
/// A sentence: somebody's token cannot be signed.
pub fn text(running: &Running) -> Result<String, String> {
    let origin = &running.origin;
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "\nDais, local cloud\n\n  REST     {origin}/api/\n  Sockets  {origin}/socket.io/\n  Tools    {origin}/_local/\n  Mail     {origin}/_local/outbox\n  Media    {}\n\n\
         Signed in for a day (a fresh token of 60 seconds: curl '{origin}/_local/token?user=ada'):\n",
        media(running)
    );
    for name in PEOPLE {
        let token = running.identity.token(&TokenParameters {
            name: Some(name.to_owned()),
            ttl_s: TOKEN_LIFE_S,
            ..TokenParameters::for_user(&name.to_lowercase())?
        })?;
        let _ = writeln!(text, "  export {}={}\n", name.to_uppercase(), token.token);
    }
    let _ = write!(
        text,
        "Try it, with the lines above in your shell. Ada makes a meeting:\n\n  \
         curl -X POST {origin}/api/meetings -H \"authorization: Bearer $ADA\" -H 'content-type: application/json' \
         -d '{{\"roomId\":\"demo\",\"userName\":\"Ada\"}}'\n\n\
         and joins it as its host, through a stock client (in the folder tests, after npm ci):\n\n  \
         node -e 'const s=require(\"socket.io-client\").io(\"{origin}\",{{auth:{{token:process.env.ADA}}}});\
         s.onAny((...a)=>console.log(...a));s.on(\"connect\",()=>s.emit(\"join-room\",{{roomId:\"demo\"}},console.log))'\n\n\
         Bo does the same with BO in another shell.\n\n"
    );
    Ok(text)
}

fn media(running: &Running) -> String {
    match running.media.states().len() {
        0 => "no node (NODES=1 starts one)".to_owned(),
        1 => format!("1 node, {}/_local/media", running.origin),
        count => format!("{count} nodes, {}/_local/media", running.origin),
    }
}
