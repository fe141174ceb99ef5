//! `Scenario`, `Replay`, links, and the values that front ends show.

pub mod view;
