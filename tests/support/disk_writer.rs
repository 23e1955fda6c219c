//! A guest that writes to its disk and rewrites its memory, without an operating system: a boot sector.
//!
//! ```text
//! start:  xor ax, ax / mov ds, ax / mov ss, ax / mov sp, 7c00h
//! again:  add dword [lba], 8          ; a page of the image further each time
//!         mov bx, 1000h
//! fill:   mov es, bx / xor di, di / mov cx, 8000h / mov ax, [lba] / rep stosw
//!         add bh, 10h / cmp bh, 90h / jb fill     ; 512 KiB of memory are other than before
//!         mov si, packet / mov ax, 4300h / mov dl, 80h / int 13h     ; a sector is written
//!         xor cx, cx / mov dx, 20000 / mov ah, 86h / int 15h         ; 20 ms
//!         jmp again
//! packet: db 10h, 0 / dw 1 / dw 7c00h, 0
//! lba:    dq 0
//! ```

use std::path::Path;

const CODE: [u8; 75] = [
    0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0x66, 0x83, 0x06, 0x43, 0x7c, 0x08, 0xbb,
    0x00, 0x10, 0x8e, 0xc3, 0x31, 0xff, 0xb9, 0x00, 0x80, 0xa1, 0x43, 0x7c, 0xf3, 0xab, 0x80, 0xc7,
    0x10, 0x80, 0xff, 0x90, 0x72, 0xec, 0xbe, 0x3b, 0x7c, 0xb8, 0x00, 0x43, 0xb2, 0x80, 0xcd, 0x13,
    0x31, 0xc9, 0xba, 0x20, 0x4e, 0xb4, 0x86, 0xcd, 0x15, 0xeb, 0xce, 0x10, 0x00, 0x01, 0x00, 0x00,
    0x7c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

/// Makes an image of `mib` MiB that boots into it; sparse, so that it grows with every write.
pub fn image(at: &Path, mib: u64) {
    let mut sector = [0_u8; 512];
    sector[..CODE.len()].copy_from_slice(&CODE);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(at, sector).unwrap();
    std::fs::File::options().write(true).open(at).unwrap().set_len(mib << 20).unwrap();
}

/// A practice guest's definition, changed so that it boots from its disk, which is `disk`, and stops when
/// that fails.
pub fn booting(definition: &str, old: &Path, disk: &Path) -> String {
    let between = |text: &str, from: &str, to: &str| {
        let (before, rest) = text.split_once(from).unwrap();
        format!("{before}{}", rest.split_once(to).unwrap().1)
    };
    let xml = between(definition, "<kernel>", "</kernel>");
    let xml = between(&xml, "<cmdline>", "</cmdline>");
    xml.replace("</os>", "<boot dev='hd'/></os>")
        .replace("type='raw'/>", "type='raw' error_policy='stop'/>")
        .replace(old.to_str().unwrap(), disk.to_str().unwrap())
}
