//! Holding the verifier to the running kernel: the same programs to both, and where the two differ.
//!
//! | file | what it is about |
//! |---|---|
//! | `answer` | what a verifier says of a program: verdict, message, log |
//! | `cases` | the files of `tests/verifier`: small programs with the kernel's recorded answer |
//! | `ask` | a program given to the kernel |
//! | `source` | a program's source: a file of cases, assembly, C, an object |

pub mod answer;
pub mod ask;
pub mod cases;
pub mod source;
