//! Dark and light: what the user chose, else what the system prefers.

use gloo::storage::{LocalStorage, Storage};
use serde::{Deserialize, Serialize};
use web_sys::window;

const KEY: &str = "bpfscope.theme";

/// A theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// What was chosen on an earlier visit, else what the system prefers.
    pub fn remembered() -> Theme {
        LocalStorage::get(KEY).unwrap_or_else(|_| Theme::preferred())
    }

    fn preferred() -> Theme {
        let light = window().and_then(|w| w.match_media("(prefers-color-scheme: light)").ok().flatten());
        if light.is_some_and(|query| query.matches()) { Theme::Light } else { Theme::Dark }
    }

    /// The other one.
    pub fn other(self) -> Theme {
        match self {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Dark,
        }
    }

    /// Remembers the choice. Where the browser keeps nothing, it holds for this visit.
    pub fn remember(self) {
        let _ = LocalStorage::set(KEY, self);
    }

    /// Colours the page.
    pub fn apply(self) {
        let root = window().and_then(|w| w.document()).and_then(|d| d.document_element());
        if let Some(root) = root {
            let name = match self {
                Theme::Dark => "dark",
                Theme::Light => "light",
            };
            let _ = root.set_attribute("data-theme", name);
        }
    }
}
