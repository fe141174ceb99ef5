//! The components, one file a region of the screen. They show what they are given and emit messages.
//!
//! | file | holds |
//! |---|---|
//! | [`header`] | what is open, the lessons, replay, share |
//! | [`code`], [`editor`] | the program with its notes; the editor is JavaScript behind one component |
//! | [`origin`] | a classic filter beside its program |
//! | [`list`] | the packet list, of which only what is on screen exists |
//! | [`packet`], [`hex`] | the packet that is looked at: runs, layers, bytes |
//! | [`verifier`], [`log`] | the verifier: verdict, path, log |
//! | [`known`] | what the verifier knows of registers and stack |
//! | [`machine`] | registers, stack, maps, output |
//! | [`footer`] | step buttons and timeline |
//! | [`menu`] | a button with a menu under it |
//! | [`overlay`] | dialogs, notes, the drop target |
//! | [`parts`] | what several of them use |

pub mod code;
pub mod editor;
pub mod footer;
pub mod header;
pub mod hex;
pub mod known;
pub mod list;
pub mod log;
pub mod machine;
pub mod menu;
pub mod origin;
pub mod overlay;
pub mod packet;
pub mod parts;
pub mod verifier;
