//! What the graph of a migration draws: bounded, whatever the time it takes.

use std::time::Duration;

use crate::model::Bytes;

/// Points kept; past that every second one goes and the next are taken half as often.
const POINTS: usize = 240;
/// Pass marks kept; the oldest go first.
const MARKS: usize = 64;

/// One point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Since the start.
    pub at: Duration,
    /// Still to send, memory and disks.
    pub left: Bytes,
    /// Bytes a second.
    pub speed: f64,
    /// Memory the guest rewrites, bytes a second; 0 before QEMU looked.
    pub rewritten: f64,
}

/// Memory left and speed over time, with marks where a pass began.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    points: Vec<Point>,
    passes: Vec<Duration>,
    stride: u32,
    skipped: u32,
}

impl Default for History {
    fn default() -> Self {
        Self { points: Vec::new(), passes: Vec::new(), stride: 1, skipped: 0 }
    }
}

impl History {
    /// Adds a point, or leaves it out when the graph is long already.
    pub fn push(&mut self, point: Point) {
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        if self.points.len() == POINTS {
            let mut index = 0_usize;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride = self.stride.saturating_mul(2);
        }
        self.points.push(point);
    }

    /// Marks the beginning of a pass.
    pub fn mark(&mut self, at: Duration) {
        if self.passes.len() == MARKS {
            self.passes.remove(0);
        }
        self.passes.push(at);
    }

    /// The points, oldest first.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// When passes after the first began, oldest first.
    #[must_use]
    pub fn passes(&self) -> &[Duration] {
        &self.passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_stays_small_and_whole() {
        let mut history = History::default();
        for quarter in 0..14_400_u64 {
            let at = Duration::from_millis(quarter * 250);
            history.push(Point { at, left: Bytes(quarter), speed: 1.0, rewritten: 0.0 });
            history.mark(at);
        }
        assert!(history.points().len() <= POINTS);
        assert!(history.points().len() > POINTS / 4);
        assert_eq!(history.passes().len(), MARKS);
        assert_eq!(history.points()[0].at, Duration::ZERO);
        assert!(history.points().last().is_some_and(|p| p.at > Duration::from_secs(3500)));
        assert!(history.points().windows(2).all(|pair| pair[0].at < pair[1].at));
    }
}
