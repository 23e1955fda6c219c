//! The contents of a volume as a stream, holes and all. (`virt` has no holes, and its callbacks
//! are unsound; a blocking stream on a thread of its own needs none.)

use std::ffi::c_int;

use virt::connect::Connect;
use virt::storage_vol::StorageVol;
use virt_sys as sys;

use super::{check, last_failure};
use crate::model::{Failure, FailureKind};

/// What came out of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many bytes.
    Data(usize),
    /// So many zeros that are not stored.
    Hole(u64),
    /// No more.
    End,
}

/// A stream to or from a volume. Dropped before [`Self::finish`] it is aborted.
#[derive(Debug)]
pub(crate) struct VolumeStream {
    stream: sys::virStreamPtr,
    sparse: bool,
    open: bool,
}

impl VolumeStream {
    fn new(connect: &Connect) -> Result<Self, Failure> {
        // SAFETY: the connection is valid.
        let stream = unsafe { sys::virStreamNew(connect.as_ptr(), 0) };
        if stream.is_null() {
            return Err(last_failure());
        }
        Ok(Self { stream, sparse: false, open: false })
    }

    /// Opens a volume to be read from its begin; with holes where the host tells of them.
    pub(crate) fn download(connect: &Connect, volume: &StorageVol) -> Result<Self, Failure> {
        Self::open(connect, |stream, sparse| {
            let flags = if sparse { sys::VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM } else { 0 };
            // SAFETY: stream and volume are valid; length 0 is all of it.
            unsafe { sys::virStorageVolDownload(volume.as_ptr(), stream, 0, 0, flags) }
        })
    }

    /// Opens a volume to be written from its begin, `length` bytes in all.
    pub(crate) fn upload(
        connect: &Connect,
        volume: &StorageVol,
        length: u64,
    ) -> Result<Self, Failure> {
        Self::open(connect, |stream, sparse| {
            let flags = if sparse { sys::VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM } else { 0 };
            // SAFETY: stream and volume are valid.
            unsafe { sys::virStorageVolUpload(volume.as_ptr(), stream, 0, length, flags) }
        })
    }

    /// Sparse first; a host, driver or device that knows no holes gets a plain stream.
    fn open(
        connect: &Connect,
        begin: impl Fn(sys::virStreamPtr, bool) -> c_int,
    ) -> Result<Self, Failure> {
        let mut stream = Self::new(connect)?;
        stream.sparse = true;
        match check(begin(stream.stream, true)) {
            Ok(_) => {}
            Err(failure) if failure.kind == FailureKind::LinkLost => return Err(failure),
            Err(_) => {
                stream = Self::new(connect)?;
                check(begin(stream.stream, false))?;
            }
        }
        stream.open = true;
        Ok(stream)
    }

    /// Whether holes can be told.
    pub(crate) const fn is_sparse(&self) -> bool {
        self.sparse
    }

    /// Waits for the next part.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Result<Received, Failure> {
        let flags = if self.sparse { sys::VIR_STREAM_RECV_STOP_AT_HOLE } else { 0 };
        let data = buffer.as_mut_ptr().cast();
        // SAFETY: the stream is valid; libvirt writes at most `buffer.len()` bytes.
        let got = unsafe { sys::virStreamRecvFlags(self.stream, data, buffer.len(), flags) };
        match got {
            -3 => {
                let mut length = 0;
                // SAFETY: the stream is valid and stands at a hole; libvirt writes one number.
                check(unsafe { sys::virStreamRecvHole(self.stream, &mut length, 0) })?;
                Ok(Received::Hole(u64::try_from(length).unwrap_or(0)))
            }
            0 => Ok(Received::End),
            count => check(count).map(|count| Received::Data(usize::try_from(count).unwrap_or(0))),
        }
    }

    /// Sends all of it.
    pub(crate) fn send(&mut self, mut data: &[u8]) -> Result<(), Failure> {
        while !data.is_empty() {
            // SAFETY: the stream is valid; libvirt reads at most `data.len()` bytes.
            let sent = check(unsafe {
                sys::virStreamSend(self.stream, data.as_ptr().cast(), data.len())
            })?;
            let sent = usize::try_from(sent).unwrap_or(0);
            data = data.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Sends zeros that need not be stored; only where [`Self::is_sparse`].
    pub(crate) fn send_hole(&mut self, length: u64) -> Result<(), Failure> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        // SAFETY: the stream is valid.
        check(unsafe { sys::virStreamSendHole(self.stream, length, 0) }).map(drop)
    }

    /// Waits until the host has all, and says whether it has.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.open = false;
        // SAFETY: the stream is valid and open.
        check(unsafe { sys::virStreamFinish(self.stream) }).map(drop)
    }
}

impl Drop for VolumeStream {
    fn drop(&mut self) {
        // SAFETY: the stream is valid, and freed once.
        unsafe {
            if self.open {
                sys::virStreamAbort(self.stream);
            }
            sys::virStreamFree(self.stream);
        }
    }
}
