//! Ways of saying the same thing, between which one chooses: how an export is reached, how an adapter is named.

/// How the export of a server is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// NFS.
    #[default]
    Nfs,
    /// GlusterFS.
    Gluster,
    /// CIFS.
    Cifs,
    /// Left to mount.
    Auto,
}

impl Protocol {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Nfs, Self::Gluster, Self::Cifs, Self::Auto];
}

/// How an adapter is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdapterWay {
    /// By its name.
    #[default]
    Name,
    /// By its PCI address.
    Address,
    /// Fibre Channel, by WWNs.
    FibreChannel,
}

impl AdapterWay {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Name, Self::Address, Self::FibreChannel];
}
