//! How messages cross between page and worker: packed bytes, and beside them what only the browser can copy.
//!
//! A [`File`](web_sys::File) is a reference to bytes on disk; the browser passes it to a worker without
//! reading it, which is what lets a 600 MB capture be replayed without ever being whole in memory. It has
//! no serde form, though. So a [`BlobRef`] writes only its number, and the codec posts
//! `[bytes, blob 0, blob 1, …]`.

use std::cell::RefCell;

use gloo::worker::{Bincode, Codec};
use js_sys::Array;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

thread_local! {
    /// The blobs of the message that is being packed or unpacked at this moment.
    static BLOBS: RefCell<Vec<Blob>> = const { RefCell::new(Vec::new()) };
}

/// A file or another blob inside a message.
#[derive(Clone, Debug, PartialEq)]
pub struct BlobRef(pub Blob);

impl Serialize for BlobRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = BLOBS.with_borrow_mut(|blobs| {
            blobs.push(self.0.clone());
            blobs.len() - 1
        });
        serializer.serialize_u32(number as u32)
    }
}

impl<'de> Deserialize<'de> for BlobRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        let blob = BLOBS.with_borrow(|blobs| blobs.get(number as usize).cloned());
        blob.map(BlobRef).ok_or_else(|| serde::de::Error::custom("the message came without its file"))
    }
}

/// Messages as bytes with blobs beside them.
#[derive(Debug)]
pub struct Packed;

impl Codec for Packed {
    fn encode<I: Serialize>(input: I) -> JsValue {
        BLOBS.with_borrow_mut(Vec::clear);
        let message = Array::of1(&Bincode::encode(input));
        for blob in BLOBS.take() {
            message.push(&blob);
        }
        message.into()
    }

    fn decode<O: for<'de> Deserialize<'de>>(input: JsValue) -> O {
        let message: Array = input.unchecked_into();
        let blobs = message.iter().skip(1).map(JsCast::unchecked_into).collect();
        BLOBS.set(blobs);
        let output = Bincode::decode(message.get(0));
        BLOBS.with_borrow_mut(Vec::clear);
        output
    }
}
