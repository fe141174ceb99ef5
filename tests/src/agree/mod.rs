//! Holding the verifier to the running kernel: the same programs to both, and where the two differ.
//!
//! | file | what it is about |
//! |---|---|
//! | `answer` | what a verifier says of a program: verdict, message, log |
//! | `source` | a program's source: a file of cases, assembly, C, an object |
//! | `cases` | the files of `tests/verifier`: small programs with the kernel's recorded answer |
//! | `ask` | a program given to the kernel |
//! | `generate` | programs made up by a grammar and by mutation, and made small where the two differ |
//! | `network` | packets between interfaces, here and on real ones |
//! | `ours` | a program given to our verifier |
//! | `check` | all cases: our answers beside the recorded ones and the kernel's logs |
//! | `compiled` | every C program of the repository, in every way that clang builds it |
//! | `replay` | programs on packets, here and in the kernel |
//! | `told`, `facts` | what another kernel told when it was asked: answers to the cases, and what tables hold too |
//! | `compare`, `diff` | two answers to one program; two logs line by line |

pub mod answer;
pub mod ask;
pub mod cases;
pub mod check;
pub mod compare;
pub mod compiled;
pub mod diff;
pub mod facts;
pub mod generate;
pub mod network;
pub mod ours;
pub mod replay;
pub mod source;
pub mod told;
