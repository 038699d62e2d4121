//! The page of `/metrics`: a registry written in the format a scraper asked for.
//!
//! The library writes OpenMetrics alone. Its text is taken line by line as it is written and put right in
//! place: infinities in the spelling both formats prescribe, and everything else that the classic format
//! says differently. Of a piece of many lines only the last is put right: who hands over many at once writes
//! gauges as both formats have them. A compressed page never exists uncompressed as a whole.

use std::fmt;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

use super::classic::{self, Classic};
use super::negotiate::{self, Format};

/// Compression works on pieces of this size, in bytes.
const PIECE: usize = 64 * 1024;

/// A page ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The value of `Content-Encoding`; `None`: the body is plain.
    pub content_encoding: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// Writes the registry in the format and encoding that a request's `Accept` and `Accept-Encoding` prefer.
/// It fails only if a collector fails.
pub fn encode(
    registry: &Registry,
    accept: Option<&str>,
    accept_encoding: Option<&str>,
) -> Result<Encoded, fmt::Error> {
    let format = Format::negotiate(accept);
    let gzip = negotiate::accepts_gzip(accept_encoding);
    let mut page = Page::new(format, gzip);
    text::encode_registry(&mut page, registry)?;
    if format == Format::OpenMetrics {
        text::encode_eof(&mut page)?;
    }
    let content_encoding = gzip.then_some("gzip");
    Ok(Encoded { content_type: format.content_type(), content_encoding, body: page.finish()? })
}

/// Takes OpenMetrics text and keeps the page.
struct Page {
    buffer: String,
    /// Where the line that is being written begins in `buffer`.
    line: usize,
    /// `None`: the page is OpenMetrics.
    classic: Option<Classic>,
    /// `None`: the page is plain.
    gzip: Option<GzEncoder<Vec<u8>>>,
}

impl Page {
    fn new(format: Format, gzip: bool) -> Self {
        Self {
            buffer: String::with_capacity(PIECE),
            line: 0,
            classic: (format == Format::Text).then(Classic::default),
            gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
        }
    }

    fn end_line(&mut self) -> fmt::Result {
        match &mut self.classic {
            Some(classic) => classic.convert(&mut self.buffer, self.line),
            None => classic::spell_infinity(&mut self.buffer, self.line),
        }
        if self.gzip.is_some() && self.buffer.len() >= PIECE {
            self.compress()?;
        }
        self.line = self.buffer.len();
        Ok(())
    }

    fn compress(&mut self) -> fmt::Result {
        if let Some(gzip) = &mut self.gzip {
            gzip.write_all(self.buffer.as_bytes()).map_err(|_| fmt::Error)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, fmt::Error> {
        self.compress()?;
        match self.gzip {
            Some(gzip) => gzip.finish().map_err(|_| fmt::Error),
            None => Ok(self.buffer.into_bytes()),
        }
    }
}

impl fmt::Write for Page {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.buffer.push_str(piece);
        if piece.ends_with('\n') { self.end_line() } else { Ok(()) }
    }
}
