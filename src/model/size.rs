//! Amounts that carry their unit in their type.

/// An amount of memory or data in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// An amount in MiB (2²⁰ bytes), or a rate in MiB/s: the unit of libvirt's migration bandwidth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mebibytes(pub u64);

impl Bytes {
    /// From KiB, the unit of libvirt's memory figures.
    #[must_use]
    pub const fn from_kib(kib: u64) -> Self {
        Self(kib.saturating_mul(1024))
    }
}

impl From<Mebibytes> for Bytes {
    fn from(amount: Mebibytes) -> Self {
        Self(amount.0.saturating_mul(1 << 20))
    }
}
