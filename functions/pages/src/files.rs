//! What is at which path. Everything is part of the program.

/// A page, or a file that pages load.
pub(crate) enum Page {
    Html(Shell),
    File(File),
}

/// The one document of all pages; the script makes the difference.
pub(crate) struct Shell {
    script: &'static str,
}

/// A file that pages load.
pub(crate) struct File {
    pub(crate) media_type: &'static str,
    pub(crate) text: &'static str,
}

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What is at `path`, as API Gateway's routes let it through; a slash at the end does not count.
pub(crate) fn at(path: &str) -> Option<Page> {
    let file = |media_type, text| Some(Page::File(File { media_type, text }));
    let page = |script| Some(Page::Html(Shell { script }));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["events", _, "accept-host"] | ["accept-invite", _] => page("/invitation/accept.js"),
        ["events", _] => page("/invitation/event.js"),
        ["invitation", "page.css"] => file(STYLE, include_str!("files/page.css")),
        ["invitation", "shell.js"] => file(SCRIPT, include_str!("files/shell.js")),
        ["invitation", "accept.js"] => file(SCRIPT, include_str!("files/accept.js")),
        ["invitation", "event.js"] => file(SCRIPT, include_str!("files/event.js")),
        _ => None,
    }
}

impl Shell {
    /// The document. `sign_in_url` is the deployer's, and is escaped all the same.
    pub(crate) fn with_sign_in(&self, sign_in_url: &str) -> String {
        let url = sign_in_url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        include_str!("files/page.html").replace("{{script}}", self.script).replace("{{sign_in_url}}", &url)
    }
}
