//! What programs tell user space, strings and numbers.
