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

    /// For reckoning; exact below 2⁵³ (8 PiB).
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub const fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// The nearest whole amount; none below 0.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // float casts saturate
    pub fn from_f64(bytes: f64) -> Self {
        Self(bytes.round() as u64)
    }
}

impl From<Mebibytes> for Bytes {
    fn from(amount: Mebibytes) -> Self {
        Self(amount.0.saturating_mul(1 << 20))
    }
}
