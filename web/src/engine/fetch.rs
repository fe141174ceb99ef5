//! Lessons and captures that come with the page, from beside it: every address is relative.

use js_sys::{Function, JsString, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::lab::{Lesson, Scenario};
use crate::protocol::{BundledCapture, Refusal};

/// The list of lessons.
///
/// # Errors
/// When it cannot be had.
pub async fn lessons() -> Result<Vec<Lesson>, Refusal> {
    let what = "The list of lessons";
    let bytes = get("lessons/index.json").await.map_err(refusal(what))?;
    serde_json::from_slice(&bytes).map_err(refusal(what))
}

/// The list of captures.
///
/// # Errors
/// When it cannot be had.
pub async fn captures() -> Result<Vec<BundledCapture>, Refusal> {
    let what = "The list of captures";
    let bytes = get("pcaps/index.json").await.map_err(refusal(what))?;
    serde_json::from_slice(&bytes).map_err(refusal(what))
}

/// A lesson's scenario.
///
/// # Errors
/// When its program cannot be had.
pub async fn lesson(lesson: &Lesson) -> Result<Scenario, Refusal> {
    let path = file_name(&lesson.source).map(|name| format!("lessons/{name}")).map_err(refusal(&lesson.title))?;
    let bytes = get(&path).await.map_err(refusal(&lesson.title))?;
    Ok(lesson.scenario(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A capture's bytes.
///
/// # Errors
/// When there is none of that name.
pub async fn capture(name: &str) -> Result<Vec<u8>, Refusal> {
    let path = file_name(name).map(|name| format!("pcaps/{name}")).map_err(refusal(name))?;
    get(&path).await.map_err(refusal(name))
}

fn refusal<E: ToString>(what: &str) -> impl FnOnce(E) -> Refusal + use<'_, E> {
    move |why| Refusal { what: what.to_owned(), why: why.to_string() }
}

/// Names come from links: one that would leave its directory is no name of ours.
fn file_name(name: &str) -> Result<&str, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().all(plain) && !name.starts_with('.') && !name.is_empty() {
        Ok(name)
    } else {
        Err(format!("`{name}` is not the name of anything that comes with this page"))
    }
}

async fn get(path: &str) -> Result<Vec<u8>, String> {
    let failed = |_: JsValue| format!("{path} cannot be loaded: is the network there?");
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &JsString::from("fetch")).map_err(failed)?.unchecked_into();
    let promise = fetch.call1(&global, &JsValue::from_str(path)).map_err(failed)?;
    let response: Response = JsFuture::from(js_sys::Promise::from(promise)).await.map_err(failed)?.unchecked_into();
    if !response.ok() {
        return Err(format!("{path} is not there (the server answers {})", response.status()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_that_leaves_its_directory_is_refused() {
        assert_eq!(file_name("http-and-dns.pcap"), Ok("http-and-dns.pcap"));
        for name in ["", "..", "../Cargo.toml", "a/b", "//host/x", ".hidden", "a%2fb"] {
            assert!(file_name(name).is_err(), "{name}");
        }
    }
}
