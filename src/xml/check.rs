//! Whether a text the user wrote is XML at all; what libvirt thinks of it only libvirt knows.

/// Why a text is not XML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlProblem {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// The parser's own words, untranslated.
    pub detail: String,
}

/// Looks whether `text` is one well-formed XML element.
///
/// # Errors
///
/// The first place where it is not, and why.
pub fn check(text: &str) -> Result<(), XmlProblem> {
    roxmltree::Document::parse(text).map(|_| ()).map_err(|error| problem(&error))
}

/// The longest text that is read as a pool or volume; libvirt's own are some kilobytes.
const MOST: usize = 4 << 20;

/// A text of a pool or volume, read. Entities are refused, for they could grow without end.
pub(super) fn parse(text: &str) -> Result<roxmltree::Document<'_>, XmlProblem> {
    if text.len() > MOST {
        let detail = format!("{} bytes, at most {MOST} are read", text.len());
        return Err(XmlProblem { line: 1, column: 1, detail });
    }
    roxmltree::Document::parse(text).map_err(|error| problem(&error))
}

impl XmlProblem {
    /// The outermost element is another one.
    pub(super) fn no(wanted: &str, found: &str) -> Self {
        let detail = format!("expected <{wanted}>, found <{found}>");
        Self { line: 1, column: 1, detail }
    }
}

/// The parser's complaint as a value.
pub(super) fn problem(error: &roxmltree::Error) -> XmlProblem {
    let at = error.pos();
    XmlProblem { line: at.row, column: at.col, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_first_fault() {
        assert_eq!(check("<domain><name>a</name></domain>"), Ok(()));
        let problem = check("<domain>\n  <name>a</nam>\n</domain>").unwrap_err();
        assert_eq!(problem.line, 2);
        assert!(problem.detail.contains("nam"), "{problem:?}");
        assert!(check("").is_err() && check("no xml").is_err());
    }
}
