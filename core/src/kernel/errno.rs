//! Error numbers of Linux (errno(3), asm-generic values) that helpers and map calls return.

/// An error number; helpers return it negated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names and texts are errno(3)'s own")]
pub enum Errno {
    #[error("EPERM")]
    Eperm = 1,
    #[error("ENOENT")]
    Enoent = 2,
    #[error("EIO")]
    Eio = 5,
    #[error("E2BIG")]
    E2big = 7,
    #[error("EBADF")]
    Ebadf = 9,
    #[error("EAGAIN")]
    Eagain = 11,
    #[error("ENOMEM")]
    Enomem = 12,
    #[error("EACCES")]
    Eacces = 13,
    #[error("EFAULT")]
    Efault = 14,
    #[error("EBUSY")]
    Ebusy = 16,
    #[error("EEXIST")]
    Eexist = 17,
    #[error("ENODEV")]
    Enodev = 19,
    #[error("EINVAL")]
    Einval = 22,
    #[error("ENOSPC")]
    Enospc = 28,
    #[error("ERANGE")]
    Erange = 34,
    #[error("EDEADLK")]
    Edeadlk = 35,
    #[error("ENODATA")]
    Enodata = 61,
    #[error("ENONET")]
    Enonet = 64,
    #[error("EPROTO")]
    Eproto = 71,
    #[error("EOVERFLOW")]
    Eoverflow = 75,
    #[error("EPROTONOSUPPORT")]
    Eprotonosupport = 93,
    #[error("EOPNOTSUPP")]
    Eopnotsupp = 95,
    #[error("EAFNOSUPPORT")]
    Eafnosupport = 97,
    #[error("ENETUNREACH")]
    Enetunreach = 101,
    #[error("EALREADY")]
    Ealready = 114,
    #[error("ENOTSUPP")]
    Enotsupp = 524,
}

impl Errno {
    /// The value a helper returns in `r0`: the negated number, sign-extended.
    pub const fn ret(self) -> u64 {
        -(self as i64) as u64
    }
}
