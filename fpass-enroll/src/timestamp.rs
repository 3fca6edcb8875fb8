//! Seconds since 1970, read and written as dates.

use std::fmt;

use thiserror::Error;

const DAY: u64 = 24 * 60 * 60;
/// Last second of the year 9999: later times are shown as numbers.
const LAST: u64 = 253_402_300_799;

/// A time in seconds since the Unix epoch. `Display` gives `2026-11-23 14:02 UTC`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(pub(crate) u64);

/// The text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a time is YYYY-MM-DD, YYYY-MM-DD HH:MM in UTC, or seconds since 1970")]
pub struct TimestampError;

/// Reads a time.
///
/// # Errors
/// When it has none of the three forms, or the day does not exist.
pub(crate) fn parse(text: &str) -> Result<Timestamp, TimestampError> {
    if let Ok(seconds) = text.parse() {
        return Ok(Timestamp(seconds));
    }
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let numbers = |text: &str, separator| -> Option<Vec<u64>> {
        text.split(separator).map(|part| part.parse().ok()).collect()
    };
    let (Some(day), Some(clock)) = (numbers(day, '-'), numbers(clock, ':')) else {
        return Err(TimestampError);
    };
    let (&[year, month, day], &[hour, minute]) = (&*day, &*clock) else {
        return Err(TimestampError);
    };
    let is_day = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day);
    if !is_day || hour > 23 || minute > 59 {
        return Err(TimestampError);
    }
    let days = (1970..year).map(days_of_year).sum::<u64>()
        + (1..month).map(|month| days_of_month(year, month)).sum::<u64>()
        + day
        - 1;
    Ok(Timestamp(days * DAY + (hour * 60 + minute) * 60))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > LAST {
            return write!(f, "{} s", self.0);
        }
        let (year, month, day) = date(self.0 / DAY);
        let minutes = self.0 % DAY / 60;
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
    }
}

/// Proleptic Gregorian date of a day counted from 1970-01-01.
fn date(mut day: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while day >= days_of_month(year, month) {
        day -= days_of_month(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_times_are_refused_and_each_form_is_read() {
        for text in ["", "yesterday", "2024-02-30", "2024-13-01", "1969-01-01", "2024-01-01 24:00"]
        {
            assert_eq!(parse(text), Err(TimestampError), "{text:?}");
        }
        for (text, seconds) in [
            ("1709251199", 1_709_251_199),
            ("2024-03-01", 1_709_251_200),
            ("2000-02-29 12:34", 951_827_640),
            ("9999-12-31T23:59", LAST - 59),
        ] {
            assert_eq!(parse(text), Ok(Timestamp(seconds)), "{text:?}");
        }
    }

    #[test]
    fn known_times_read_as_their_dates() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_827_696, "2000-02-29 12:34 UTC"),
            (1_709_251_199, "2024-02-29 23:59 UTC"),
            (1_709_251_200, "2024-03-01 00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
            (LAST, "9999-12-31 23:59 UTC"),
            (u64::MAX, "18446744073709551615 s"),
        ] {
            assert_eq!(Timestamp(seconds).to_string(), shown);
        }
    }
}
