//! A reader that ends a record which never ends: without it a missing quote would read a whole disk
//! into one field.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Longest record, in bytes.
pub(super) const MAX_RECORD: usize = 1 << 20;
/// What a record's reader may have read ahead of it.
pub(super) const BUFFER: usize = 64 << 10;

/// Bytes that may still be read for the record at hand; shared with the reader of records.
#[derive(Clone)]
pub(super) struct Allowance(Rc<Cell<usize>>);

impl Allowance {
    /// Enough for one record.
    pub(super) fn new() -> Self {
        Self(Rc::new(Cell::new(MAX_RECORD + BUFFER)))
    }

    /// A record begins.
    pub(super) fn renew(&self) {
        self.0.set(MAX_RECORD + BUFFER);
    }

    /// Whether the record at hand is longer than allowed.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// Passes bytes on while there is an allowance.
pub(super) struct Guard<R> {
    inner: R,
    allowance: Allowance,
}

impl<R> Guard<R> {
    /// Guards a reader.
    pub(super) fn new(inner: R, allowance: Allowance) -> Self {
        Self { inner, allowance }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.0.get();
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the record is too long"));
        }
        let most = buffer.len().min(left);
        let count = self.inner.read(&mut buffer[..most])?;
        self.allowance.0.set(left - count);
        Ok(count)
    }
}
