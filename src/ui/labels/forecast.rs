//! What is foretold of a move before it begins, and said of its end while it runs.

use std::time::Duration;

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::{
    Advice, Assumed, Ends, Forecast, Lever, Policy, Retry, Span, Step, Tracker, Trend, Way,
};
use crate::model::{Bytes, MigrationPhase, NoEnd};

use super::migration::{bytes, duration, rate};

/// A length of time that is reckoned, not measured: `40 ms`, `1.5 s`, `12 s`, `2 min 5 s`.
#[must_use]
pub fn rough(time: Duration) -> String {
    match time.as_millis() {
        0..1000 => {
            let step = if time.as_millis() < 100 { 5 } else { 10 };
            let milliseconds = time.as_millis().div_ceil(step) * step;
            gettext_f("{milliseconds} ms", &[("milliseconds", &milliseconds.to_string())])
        }
        10_000..60_000 => {
            let seconds = format!("{:.0}", time.as_secs_f64());
            gettext_f("{seconds} s", &[("seconds", &seconds)])
        }
        _ => duration(time),
    }
}

/// From this to that.
#[must_use]
pub fn range(least: Duration, most: Duration) -> String {
    let (least, most) = (rough(least), rough(most));
    if least == most {
        return least;
    }
    gettext_f("{least} to {most}", &[("least", &least), ("most", &most)])
}

/// A span of time.
#[must_use]
pub fn span(span: &Span) -> String {
    range(span.least, span.most)
}

/// A way to move a guest.
#[must_use]
pub fn way(way: Way) -> String {
    match way {
        Way::Live => gettext("Live"),
        Way::LiveSlowed => gettext("Live, slowed if needed"),
        Way::Postcopy => gettext("Post-copy"),
        Way::Stopped => gettext("Offline"),
    }
}

/// Whether a way ends by itself, where that is not sure.
#[must_use]
pub fn ends(ends: Ends) -> Option<String> {
    match ends {
        Ends::Surely => None,
        Ends::Likely => Some(gettext("may not finish")),
        Ends::Never(pause) => {
            Some(gettext_f("needs a pause of {time}", &[("time", &rough(pause))]))
        }
    }
}

/// What is best, in a sentence.
#[must_use]
pub fn advice(forecast: &Forecast, guest: &str) -> String {
    let rewritten = rate(forecast.rewritten);
    let speed = rate(forecast.speed);
    let values = [("name", guest), ("rewritten", &rewritten), ("speed", &speed)];
    match forecast.advice {
        Advice::Live => gettext_f(
            "Move it live: {name} rewrites {rewritten}, and {speed} can be sent.",
            &values,
        ),
        Advice::LiveWithPause(pause) => {
            let pause = rough(pause);
            let [name, rewritten, speed] = values;
            gettext_f(
                "Move it live and allow a pause of {pause}: {name} rewrites {rewritten}, and {speed} can be sent.",
                &[name, rewritten, speed, ("pause", &pause)],
            )
        }
        Advice::Slowed => gettext_f(
            "Let it be slowed down if needed: {name} rewrites {rewritten}, and {speed} can be sent.",
            &values,
        ),
    }
}

/// What a forecast stands on.
#[must_use]
pub fn grounds(forecast: &Forecast, watched: u32, link_moves: usize) -> String {
    let watched = usize::try_from(watched).unwrap_or(usize::MAX);
    let watched = ngettext_f("Watched for {n} second.", "Watched for {n} seconds.", watched, &[]);
    format!("{watched} {}", link_grounds(forecast, link_moves))
}

fn link_grounds(forecast: &Forecast, link_moves: usize) -> String {
    let speed = rate(forecast.speed);
    let values = [("speed", &*speed)];
    match forecast.assumed {
        Some(Assumed::Usual) => gettext_f(
            "No earlier move tells what the link carries: {speed} are assumed, so the times are wide.",
            &values,
        ),
        Some(Assumed::Cards) => gettext_f(
            "No earlier move tells what the link carries: {speed} are assumed, as both hosts have network cards for that, so the times are wide.",
            &values,
        ),
        None if link_moves == 0 => gettext("Reckoned with the bandwidth limit."),
        None => ngettext_f(
            "Reckoned with what {n} earlier move over this link took.",
            "Reckoned with what {n} earlier moves over this link took.",
            link_moves,
            &[],
        ),
    }
}

/// How much longer it takes, while that can be said.
#[must_use]
pub fn time_left(tracker: &Tracker) -> Option<String> {
    let (least, most) = tracker.time_left()?;
    Some(gettext_f("{time} left", &[("time", &range(least, most))]))
}

/// Where a move is heading, in a sentence.
#[must_use]
pub fn trend(tracker: &Tracker) -> Option<String> {
    let again = matches!(tracker.phase(), MigrationPhase::Pass(_));
    match tracker.trend().filter(|_| again)? {
        Trend::FirstPass => None,
        Trend::Converging => Some(gettext("Each pass leaves less: it comes to an end.")),
        Trend::Crawling => Some(gettext("Each pass leaves a little less.")),
        Trend::Holding | Trend::Diverging if !tracker.never_ends() => Some(gettext_f(
            "Each pass leaves as much as before. The guest is being slowed down, by {percent} % so far.",
            &[("percent", &tracker.throttle_percent().to_string())],
        )),
        Trend::Holding => Some(gettext("Each pass leaves as much as it began with.")),
        Trend::Diverging => Some(gettext("Each pass leaves more than it began with.")),
    }
}

/// That it will not finish, or takes long, and what pause would do, with numbers.
#[must_use]
pub fn verdict(tracker: &Tracker, guest: &str) -> Option<String> {
    if !tracker.drags_on() {
        return None;
    }
    let never = tracker.never_ends();
    let counted = tracker.dirty_bps().map(|rate| Bytes(rate).as_f64());
    let rewritten = rate(if never { tracker.rewrites() } else { counted }?);
    let speed = rate(tracker.speed()?);
    let pause = rough(tracker.needed_pause()?);
    let values = [("name", guest), ("rewritten", &rewritten), ("speed", &speed), ("pause", &pause)];
    Some(if never {
        gettext_f(
            "At this rate it will not finish: {name} rewrites {rewritten}, and {speed} are sent. A pause of {pause} would do.",
            &values,
        )
    } else {
        gettext_f(
            "It takes long: {name} rewrites {rewritten}, and hardly more are sent, {speed}. With a pause of {pause} it would be over at once.",
            &values,
        )
    })
}

/// What a lever would do now.
#[must_use]
pub fn effect(lever: Lever, tracker: &Tracker) -> String {
    match lever {
        Lever::MaxDowntime(ms) => {
            let pause = tracker.pause_if_allowed(Duration::from_millis(ms));
            pause.map_or_else(
                || gettext("It finishes with this pass."),
                |(least, most)| {
                    gettext_f(
                        "It finishes with this pass, and the guest stands still for {time}.",
                        &[("time", &range(least, most))],
                    )
                },
            )
        }
        Lever::Bandwidth(_) => tracker.needed_speed().map_or_else(
            || gettext("As fast as the link carries."),
            |speed| {
                gettext_f(
                    "As fast as the link carries; {speed} would do.",
                    &[("speed", &rate(speed))],
                )
            },
        ),
        Lever::PauseGuest => tracker.pause_if_finished_now().map_or_else(
            || gettext("The guest stands still until the rest has moved, then goes on there."),
            |(least, most)| {
                gettext_f(
                    "The guest stands still for {time} until the rest has moved, then goes on there.",
                    &[("time", &range(least, most))],
                )
            },
        ),
        Lever::Postcopy => gettext_f(
            "The guest goes on at the destination at once and fetches {left} from here. It cannot be cancelled then.",
            &[("left", &bytes(tracker.left()))],
        ),
        Lever::Cancel => gettext("The guest stays at the source."),
    }
}

/// A second try, on its button.
#[must_use]
pub fn retry(retry: Retry) -> String {
    match retry {
        Retry::Allowing(ms) => {
            let pause = rough(Duration::from_millis(ms));
            gettext_f("Start Again with a Pause of {time}", &[("time", &pause)])
        }
        Retry::Unlimited => gettext("Start Again Without a Limit"),
        Retry::Postcopy => gettext("Start Again with Post-Copy"),
        Retry::Stopped => gettext("Start Again Offline"),
        Retry::Slowed => gettext("Start Again Slowed"),
        Retry::Compressed => gettext("Start Again Compressed"),
        Retry::Direct => gettext("Start Again Directly"),
        Retry::Encrypted => gettext("Start Again Encrypted"),
        Retry::WithoutPostcopy => gettext("Start Again Without Post-Copy"),
    }
}

/// What a second try would do.
#[must_use]
pub fn retry_effect(retry: Retry) -> String {
    match retry {
        Retry::Allowing(ms) => gettext_f(
            "The guest may stand still for {time}: what it rewrites fits into that.",
            &[("time", &rough(Duration::from_millis(ms)))],
        ),
        Retry::Unlimited => gettext("As fast as the link carries."),
        Retry::Postcopy => gettext(
            "After three passes the guest goes on at the destination and fetches the rest. It cannot be cancelled then.",
        ),
        Retry::Slowed => gettext("QEMU slows the guest down, as far as it takes."),
        Retry::Compressed => gettext(
            "Of memory sent again only what differs goes over. Of use when little changes at a time.",
        ),
        Retry::Stopped => {
            gettext("The guest stands still until all its memory has moved: that always ends.")
        }
        Retry::Direct => gettext(
            "This computer relays what the hosts say to each other, so that the source needs no login at the destination. It has to stay connected until the end.",
        ),
        Retry::Encrypted => {
            gettext("Everything sent is encrypted, with the certificates of both hosts.")
        }
        Retry::WithoutPostcopy => {
            gettext("The guest goes on at the destination when all its memory is there.")
        }
    }
}

/// What a second try of a move that runs would do.
#[must_use]
pub fn cancel_and_retry(retry: Retry) -> String {
    format!("{} {}", gettext("Cancels this move and begins anew."), retry_effect(retry))
}

/// Why a policy gave a move up, with numbers as far as known.
#[must_use]
pub fn no_end(why: &NoEnd, guest: &str) -> String {
    let (pass, allowed) = (why.pass.to_string(), rough(why.allowed));
    let values = [("name", guest), ("pass", &pass), ("allowed", &allowed)];
    let (Some(rewritten), Some(sent), Some(needed)) = (why.rewritten_bps, why.sent_bps, why.needed)
    else {
        return gettext_f(
            "In pass {pass} {name} still rewrote more than fits into the allowed pause of {allowed}.",
            &values,
        );
    };
    let texts = [super::rate(rewritten), super::rate(sent), rough(needed)];
    let [name, pass, allowed] = values;
    let more = [("rewritten", &*texts[0]), ("speed", &*texts[1]), ("needed", &*texts[2])];
    let [rewritten, speed, needed] = more;
    gettext_f(
        "In pass {pass} {name} rewrote {rewritten}, and {speed} were sent. {allowed} of pause were allowed; {needed} would have done.",
        &[name, pass, allowed, rewritten, speed, needed],
    )
}

/// Who decides when a move does not finish.
#[must_use]
pub fn policy(policy: Policy) -> String {
    match policy {
        Policy::None => gettext("Leave it to me"),
        Policy::MinimalPause => gettext("Minimal pause"),
        Policy::PauseIfNeeded => gettext("Pause if needed"),
        Policy::Postcopy => gettext("Post-copy"),
        Policy::VeryLarge => gettext("Very large guest"),
    }
}

/// What a policy will do when.
#[must_use]
pub fn policy_preview(policy: Policy) -> String {
    let begins = policy.initial_pause_ms().map(|ms| rough(Duration::from_millis(ms)));
    let (Some(begins), Some((after, most)), Some(last)) =
        (begins, policy.longest_pause(), policy.last_resort())
    else {
        return gettext(
            "When a move does not finish, the page Migrations says so, and what can be done.",
        );
    };
    let passes = (after + 1).to_string();
    let grows = gettext_f(
        "Begins with a pause of {begins}, and allows more with each pass, from pass {passes} on {most}.",
        &[("begins", &begins), ("passes", &passes), ("most", &rough(most))],
    );
    format!("{grows} {}", last_resort(last))
}

/// The policy of a move that runs, and what it does.
#[must_use]
pub fn policy_at_work(policy: Policy) -> String {
    let (name, preview) = (self::policy(policy), policy_preview(policy));
    gettext_f("By itself ({policy}): {preview}", &[("policy", &name), ("preview", &preview)])
}

fn last_resort(step: Step) -> String {
    let pass = (step.after + 1).to_string();
    let values = [("pass", pass.as_str())];
    match step.lever {
        Lever::Cancel => gettext_f(
            "When no end is in sight in pass {pass}, gives up: the guest stays here.",
            &values,
        ),
        Lever::Postcopy => gettext_f(
            "When no end is in sight in pass {pass}, or it is far, switches to post-copy.",
            &values,
        ),
        Lever::PauseGuest => {
            gettext_f("When no end is in sight in pass {pass}, pauses the guest.", &values)
        }
        Lever::MaxDowntime(_) | Lever::Bandwidth(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reckoned_is_rounded() {
        let text = |ms| rough(Duration::from_millis(ms));
        let texts = [42, 137, 1500, 12_400, 125_000].map(text);
        assert_eq!(texts, ["45 ms", "140 ms", "1.5 s", "12 s", "2 min 5 s"]);
        let second = Duration::from_secs(1);
        assert_eq!(range(second, second), "1.0 s");
        assert_eq!(range(second, 2 * second), "1.0 s to 2.0 s");
    }

    #[test]
    fn what_was_given_up_is_explained_with_the_numbers_that_are_known() {
        let mut why = NoEnd {
            pass: 11,
            allowed: Duration::from_millis(500),
            needed: Some(Duration::from_millis(2010)),
            rewritten_bps: Some(40 << 20),
            sent_bps: Some(16 << 20),
        };
        assert_eq!(
            no_end(&why, "busy").replace('\u{a0}', " "),
            "In pass 11 busy rewrote 40.0 MiB/s, and 16.0 MiB/s were sent. 500 ms of pause were allowed; 2.0 s would have done."
        );
        why.needed = None;
        let text = no_end(&why, "busy");
        assert!(text.contains("pass 11") && text.contains("pause of 500 ms"), "{text}");
    }

    #[test]
    fn a_policy_says_what_it_will_do() {
        let text = policy_preview(Policy::MinimalPause);
        assert!(text.contains("100 ms") && text.contains("from pass 7 on 500 ms"), "{text}");
        assert!(text.contains("in pass 11, gives up"), "{text}");
        assert!(
            policy_preview(Policy::Postcopy)
                .contains("in pass 4, or it is far, switches to post-copy")
        );
    }
}
