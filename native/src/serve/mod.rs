//! `bpfscope serve`: the playground from the command itself, on this machine alone.
//!
//! | file | holds |
//! |---|---|
//! | [`page`] | the page, which is part of the command, as answers to requests |
//! | [`guard`] | who may ask: names of this machine, the page's own origin, the token |
//! | [`connection`] | connections: how many, how slow, how large a request |
//! | [`mod@kernel`] | the kernel of this machine over a WebSocket, job by job |
//!
//! It listens on 127.0.0.1, and on ::1 where there is one. What is served to everybody who can reach that is the page, which
//! is public. The kernel answers only who knows the token of the address that is printed, from the page's own origin;
//! programs are verified and test-run, and there is no way to attach one.

mod connection;
mod guard;
mod kernel;
mod page;

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::{
        Query, State,
        rejection::QueryRejection,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

use self::{guard::Guard, kernel::Machine, page::Page};
use crate::{args::ServeArgs, error::Error};

/// Pages that may ask the kernel at the same time.
const CLIENTS: usize = 8;

/// What every request is answered from.
struct Serving {
    page: Page,
    guard: Guard,
    machine: Option<Arc<Machine>>,
    clients: Arc<Semaphore>,
    ending: Ending,
}

/// That the command ends.
#[derive(Clone)]
struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Waits for it.
    async fn come(&mut self) {
        // Who would tell is there as long as anything is served.
        let _ = self.0.wait_for(|ends| *ends).await;
    }
}

/// Serves until it is interrupted.
///
/// # Errors
/// There is no page in this command, the port is taken, or `--kernel` where there is no Linux.
pub fn run(args: &ServeArgs) -> Result<(), Error> {
    let machine = args.kernel.then(Machine::new).transpose()?;
    let page = Page::new(machine.as_ref().map(Machine::release))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(args.port, page, machine))
}

async fn serve(port: u16, page: Page, machine: Option<Machine>) -> Result<(), Error> {
    let listeners = listen(port).await?;
    let port = listeners[0].local_addr()?.port();
    let guard = Guard::new(port)?;
    let mut address = format!("http://127.0.0.1:{port}/");
    if machine.is_some() {
        address += &format!("?token={}", guard.token());
    }
    let (end, ending) = watch::channel(false);
    let ending = Ending(ending);
    let serving = Arc::new(Serving {
        page,
        guard,
        machine: machine.map(Arc::new),
        clients: Arc::new(Semaphore::new(CLIENTS)),
        ending: ending.clone(),
    });
    let mut out = io::stdout();
    writeln!(out, "bpfscope is at {address} (Ctrl-C ends it)")?;
    out.flush()?;
    let interrupted = async {
        interruption().await;
        end.send_replace(true);
    };
    tokio::join!(connection::accept(listeners, router(serving), ending), interrupted);
    Ok(())
}

/// Listens where only this machine reaches it.
async fn listen(port: u16) -> Result<Vec<TcpListener>, Error> {
    let taken = |error: io::Error| {
        let choose = if error.kind() == io::ErrorKind::AddrInUse { ": choose another with --port" } else { "" };
        Error::Usage(format!("cannot serve on 127.0.0.1:{port}: {error}{choose}"))
    };
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
    let port = v4.local_addr()?.port();
    let v6 = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await;
    Ok([Some(v4), v6.ok()].into_iter().flatten().collect())
}

fn router(serving: Arc<Serving>) -> Router {
    Router::new()
        .route("/kernel", get(kernel))
        .fallback(page::answer)
        .layer(middleware::from_fn_with_state(serving.clone(), guard::check))
        .with_state(serving)
}

#[derive(Deserialize)]
struct Asking {
    #[serde(default)]
    token: String,
}

/// The WebSocket that offers the kernel.
async fn kernel(
    State(serving): State<Arc<Serving>>,
    headers: HeaderMap,
    asking: Result<Query<Asking>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Some(machine) = &serving.machine else {
        return (StatusCode::NOT_FOUND, "no kernel here: `bpfscope serve --kernel` offers it\n").into_response();
    };
    if !asking.is_ok_and(|Query(asking)| serving.guard.knows(&asking.token)) {
        return (StatusCode::FORBIDDEN, "this takes the token of the address that the command printed\n")
            .into_response();
    }
    if !headers.contains_key(axum::http::header::ORIGIN) {
        return (StatusCode::FORBIDDEN, "only the page itself may ask, and this says not where it comes from\n")
            .into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Ok(place) = serving.clients.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages ask the kernel already\n").into_response();
    };
    let (machine, ending) = (machine.clone(), serving.ending.clone());
    upgrade.max_message_size(kernel::MESSAGE).max_frame_size(kernel::MESSAGE).on_upgrade(|socket| async move {
        kernel::talk(socket, machine, ending).await;
        drop(place);
    })
}

/// Waits for Ctrl-C, or for what asks a command to end.
async fn interruption() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
