//! What `bpfscope serve` tells the page that it serves: the kernel of its machine, and by the address the token for it.
//!
//! From any other server the page has neither, and asks for nothing.

use bpfscope_web::protocol::Machine;
use gloo::storage::{SessionStorage, Storage};
use wasm_bindgen::JsValue;
use web_sys::{Location, window};

/// Where the token is kept while the tab is open.
const KEY: &str = "bpfscope.token";

/// The kernel that the server of this page offers.
pub fn machine() -> Option<Machine> {
    let window = window()?;
    let note = window.document()?.query_selector("meta[name=bpfscope-serve]").ok()??;
    let release = note.get_attribute("content").filter(|release| !release.is_empty())?;
    let location = window.location();
    let token = token(&location)?;
    Some(Machine { release, address: format!("ws://{}/kernel?token={token}", location.host().ok()?) })
}

/// The token. It is taken out of the address, so that it is in no link that is copied from there.
fn token(location: &Location) -> Option<String> {
    let search = location.search().ok()?;
    if let Some(token) = search.strip_prefix("?token=").filter(|token| token.chars().all(|c| c.is_ascii_hexdigit())) {
        // Where the browser keeps nothing, it holds for this visit.
        let _ = SessionStorage::set(KEY, token);
        let address = format!("{}{}", location.pathname().ok()?, location.hash().ok()?);
        let _ = window()?.history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        return Some(token.to_owned());
    }
    SessionStorage::get(KEY).ok()
}
