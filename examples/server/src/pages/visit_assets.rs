//! The visit page's stylesheet and modules. A page must never meet modules of another version, so browsers ask each time
//! and are told when nothing has changed.

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::app::App;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! assets {
    ($($kind:ident $path:literal,)+) => {
        /// Address, kind and content of each.
        const ASSETS: &[(&str, &str, &str)] = &[$((
            concat!("/static/", $path),
            $kind,
            include_str!(concat!("../../static/", $path)),
        )),+];
    };
}

assets! {
    CSS "visit.css",
    JAVASCRIPT "visit/api.js",
    JAVASCRIPT "visit/chat.js",
    JAVASCRIPT "visit/check.js",
    JAVASCRIPT "visit/devices.js",
    JAVASCRIPT "visit/dom.js",
    JAVASCRIPT "visit/lobby.js",
    JAVASCRIPT "visit/media.js",
    JAVASCRIPT "visit/media/chime.js",
    JAVASCRIPT "visit/media/janus.js",
    JAVASCRIPT "visit/media/local.js",
    JAVASCRIPT "visit/people.js",
    JAVASCRIPT "visit/quality.js",
    JAVASCRIPT "visit/recording.js",
    JAVASCRIPT "visit/room.js",
    JAVASCRIPT "visit/stage.js",
    JAVASCRIPT "visit/vendor/chime.js",
    TEXT "visit/vendor/chime.LICENSES.txt",
    JAVASCRIPT "visit/visit.js",
}

pub(super) fn routes() -> Router<App> {
    ASSETS.iter().fold(Router::new(), |routes, &(path, kind, text)| {
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12]));
        routes.route(path, get(move |headers: HeaderMap| std::future::ready(answer(&headers, &tag, kind, text))))
    })
}

fn answer(headers: &HeaderMap, tag: &str, kind: &'static str, text: &'static str) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let fresh = [(header::CACHE_CONTROL, "public, no-cache"), (header::ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, fresh).into_response();
    }
    (fresh, [(header::CONTENT_TYPE, kind)], text).into_response()
}
