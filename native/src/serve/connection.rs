//! Connections: at most so many, none of them slow for long, no request larger than one of ours.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep},
};

use super::Ending;

/// Connections at the same time; more wait until one of them ends, which the times below see to.
const CONNECTIONS: u32 = 256;
/// Bytes of a request's head.
const HEAD: usize = 16 << 10;
/// Headers of a request.
const HEADERS: usize = 64;
/// How long a head may take, and how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may take nothing of what it is sent.
const WRITE_TIME: Duration = Duration::from_secs(20);
/// How long connections may take to end when the command does.
const END_TIME: Duration = Duration::from_secs(3);
/// How long to wait when there is no connection to be had: descriptors are short.
const BREATH: Duration = Duration::from_millis(50);

/// Accepts connections until the command ends, then lets those that are there end.
pub async fn accept(listeners: Vec<TcpListener>, router: Router, mut ending: Ending) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let told = ending.clone();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, any(&listeners).await)
        };
        tokio::select! {
            () = ending.come() => break,
            (place, stream) = next => match (place, stream) {
                (Ok(place), Ok(stream)) => {
                    tokio::spawn(connection(stream, router.clone(), told.clone(), place));
                }
                _ => tokio::time::sleep(BREATH).await,
            },
        }
    }
    drop(listeners);
    let all = places.acquire_many(CONNECTIONS);
    let _ = tokio::time::timeout(END_TIME, all).await;
}

/// The next connection on any of the listeners.
async fn any(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    poll_fn(|context| {
        let mut accepted = listeners.iter().map(|listener| listener.poll_accept(context));
        let first = accepted.find(Poll::is_ready).unwrap_or(Poll::Pending);
        first.map_ok(|(stream, _)| stream)
    })
    .await
}

async fn connection(stream: TcpStream, router: Router, mut ending: Ending, place: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(Patient::new(stream, place)), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    // How it ended is the other side's business.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = ending.come() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A stream whose other side must take what it is sent, with whatever lasts as long.
struct Patient<S, T> {
    stream: S,
    /// Runs out when nothing was taken for [`WRITE_TIME`].
    stuck: Option<Pin<Box<Sleep>>>,
    _held: T,
}

impl<S: AsyncWrite + Unpin, T> Patient<S, T> {
    fn new(stream: S, held: T) -> Patient<S, T> {
        Patient { stream, stuck: None, _held: held }
    }

    fn write(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = write(Pin::new(&mut self.stream), context) {
            self.stuck = None;
            return Poll::Ready(written);
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + WRITE_TIME)));
        ready!(stuck.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin, T: Unpin> AsyncRead for Patient<S, T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl<S: AsyncWrite + Unpin, T: Unpin> AsyncWrite for Patient<S, T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write(context, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write_vectored(context, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_left_and_who_is_slow_is_not() {
        let (mut reader, writer) = tokio::io::duplex(16);
        let mut writer = Patient::new(writer, ());
        let begun = Instant::now();
        let slow = async {
            for _ in 0..4 {
                tokio::time::sleep(WRITE_TIME / 2).await;
                reader.read_exact(&mut [0; 16]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(writer.write_all(&[0; 64]), slow);
        written.unwrap();
        writer.write_all(&[0; 16]).await.unwrap();
        let error = writer.write_all(&[0]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), (WRITE_TIME / 2 * 4 + WRITE_TIME).as_secs());
    }
}
