//! BENCHMARKS.md.

use std::fmt::Write as _;

use super::figures::{Series, number};
use super::machine;

/// One line of a table.
pub struct Row {
    /// What was measured, with its unit.
    pub what: String,
    /// Vireo's figures.
    pub ours: Series,
    /// Those of raw libvirt doing the same calls in the same run.
    pub raw: Option<Series>,
    /// The most that it may be.
    pub goal: Option<Goal>,
}

/// The most that a figure may be.
#[derive(Clone, Copy)]
pub enum Goal {
    /// The median, in the row's unit.
    Median(f64),
    /// The median, as a multiple of raw libvirt's.
    Ratio(f64),
}

impl Row {
    /// A row without goal or comparison.
    pub fn new(what: impl Into<String>, ours: Series) -> Self {
        Self { what: what.into(), ours, raw: None, goal: None }
    }

    /// Beside raw libvirt.
    pub fn beside(self, raw: Series) -> Self {
        Self { raw: Some(raw), ..self }
    }

    /// With a goal for the median.
    pub fn goal(self, most: f64) -> Self {
        Self { goal: Some(Goal::Median(most)), ..self }
    }

    /// With a goal for the ratio.
    pub fn goal_ratio(self, most: f64) -> Self {
        Self { goal: Some(Goal::Ratio(most)), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        let raw = self.raw.as_ref().map(Series::median).filter(|&raw| raw > 0.0)?;
        Some(self.ours.median() / raw)
    }

    fn met(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::Median(most) => self.ours.median() <= most,
            Goal::Ratio(most) => self.ratio()? <= most,
        })
    }

    fn line(&self) -> String {
        let goal = match self.goal {
            None => String::new(),
            Some(Goal::Median(most)) => format!("[≤ {}]", number(most)),
            Some(Goal::Ratio(most)) => format!("[≤ {most:.2} ×]"),
        };
        let met = match self.met() {
            None => "",
            Some(true) => "met",
            Some(false) => "**missed**",
        };
        let raw = self.raw.as_ref().map(Series::text).unwrap_or_default();
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (what, ours, count) = (&self.what, self.ours.text(), self.ours.len());
        format!("| {what} | {ours} | {count} | {raw} | {ratio} | {goal} | {met} |")
    }
}

/// Everything that was measured.
#[derive(Default)]
pub struct Report {
    body: String,
}

impl Report {
    /// A table with a sentence on how it was measured.
    pub fn section(&mut self, title: &str, how: &str, rows: &[Row]) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.body, "\n## {title}\n\n{how}\n");
        let _ = writeln!(self.body, "| | Vireo | n | raw libvirt | ratio | goal | |");
        let _ = writeln!(self.body, "|---|---|---|---|---|---|---|");
        for row in rows {
            super::say(&row.line());
            let _ = writeln!(self.body, "{}", row.line());
        }
    }

    /// A section of its own making.
    pub fn text(&mut self, title: &str, how: &str, text: &str) {
        let _ = writeln!(self.body, "\n## {title}\n\n{how}\n\n{text}");
    }

    /// A page of another run with this run's only section, in place of the one with that title or
    /// before the notes.
    pub fn renew(&self, page: &str, title: &str) -> String {
        let heading = format!("\n## {title}\n");
        let notes = page.find("\n## What the figures say").unwrap_or(page.len());
        let (before, after) = match page.find(&heading) {
            None => page.split_at(notes),
            Some(from) => {
                let rest = &page[from + heading.len()..];
                let next = rest.find("\n## ").unwrap_or(rest.len());
                (&page[..from], &rest[next..])
            }
        };
        format!(
            "{}\n{}\n{}",
            before.trim_end(),
            self.body.trim_end(),
            after.trim_start_matches('\n').replacen("## ", "\n## ", 1)
        )
    }

    /// The whole page; `notes` are by hand and go to the end.
    pub fn page(&self, seconds: u64, notes: &str) -> String {
        format!(
            "# Benchmarks\n\nWritten by `make bench` in {seconds} s. Medians, and in brackets the \
             smallest and the largest of n; beside them raw libvirt doing the same calls in the \
             same run, and goals in square brackets. Compare ratios taken in one run, never \
             absolute times of two days.\n\n{}{}\n{notes}",
            machine::described(),
            self.body
        )
    }
}
