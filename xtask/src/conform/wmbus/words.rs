//! The words in which states are published, and those in which the program shows the same ones.
//!
//! What comes in: a field's text. What goes out: its words, and which flag of the program means each. Data; a word that is
//! not here means no flag.

/// Published word, and the program's. One may have several where makers mean different things by it.
const SAME: &[(&str, &str)] = &[
    // The status byte (EN 13757-3:2018 table 17), in whose bits some makers have put their own.
    ("BUSY", "busy"),
    ("ERROR", "application-error"),
    ("ALARM", "abnormal"),
    ("POWER_LOW", "power-low"),
    ("PERMANENT_ERROR", "permanent-error"),
    ("TEMPORARY_ERROR", "temporary-error"),
    // Error flags of makers.
    ("BATTERY_LOW", "low-battery"),
    ("CLEANING_RECOMMENDED", "dust-to-clean"),
    ("CODE_203_PHASE_SEQUENCE_REVERSED", "203-phase-sequence"),
    ("DRY", "dry"),
    ("DRY", "dry-or-hot"),
    ("ERROR_FLOW_MEASUREMENT_SYSTEM_ERROR", "flow-measurement"),
    ("HIGH_TEMPERATURE", "dry-or-hot"),
    ("I_3_OVERFLOW", "i3-overflow"),
    ("LEAKAGE_OR_NO_USAGE", "leak-or-no-use"),
    ("LEAK_FLOW_HIGH", "leak-flow"),
    ("LEAK_FLOW_LOW", "leak-flow"),
    ("LOW", "low"),
    ("METER_BLOCKED", "meter-blocked"),
    ("MINIMUM_FLOW", "minimum-flow"),
    ("NO_FLOW_PREV_MONTH", "no-flow-last-month"),
    ("OPEN", "open"),
    ("OPEN_C", "taken-off"),
    ("REVERSE_THIS_MONTH", "reverse-this-month"),
    ("SABOTAGE_ENCLOSURE", "enclosure-opened"),
    ("SEAL_BROKEN", "seal-broken"),
    ("SENSOR_BREAK", "sensor-broken"),
    ("SENSOR_T1_BELOW_MEASURING_RANGE", "t1-below-range"),
    ("SENSOR_T2_BELOW_MEASURING_RANGE", "t2-below-range"),
    ("SINGLE_PHASE_METER", "single-phase-meter"),
    ("SMOKE", "smoke"),
    ("TAMPERING", "tampering"),
    ("TAMPER_WHILE_REMOVED", "taken-off"),
    ("UNDERFLOW", "underflow"),
    ("UNEXPECTED_RST", "unexpected-reset"),
    ("V1_COMMUNICATION_ERROR", "v1-not-heard"),
    ("V_2_OVERFLOW", "v2-overflow"),
    ("mechanical_fraud", "mechanical-fraud-now-or-before"),
    ("meter_blocked", "meter-blocked"),
    ("22-31 days", "dry-lately-22-31-days"),
];

/// Beginnings of words that end in the flags themselves, in hexadecimal.
const RAW: &[&str] =
    &["ERROR_FLAGS_", "OTHER_FLAGS_", "STATUS_FLAGS_", "STATUS_", "UNKNOWN_MFCT_STATUS_", "UNKNOWN_"];

/// The errors of one maker, by the number of their bit.
const ERRORS: &[&str] = &["CODE_101", "CODE_102", "CODE_201", "CODE_202", "CODE_203", "CODE_204", "CODE_205"];

/// The words of a field; none where it says that all is well. How long something lasted is one word.
pub(super) fn of<'a>(field: &str, text: &'a str) -> Vec<&'a str> {
    let is_well = |word: &&str| !matches!(*word, "" | "OK" | "no_alarm");
    match field.starts_with("time_") {
        true => [text].into_iter().filter(is_well).collect(),
        false => text.split([' ', ',']).filter(is_well).collect(),
    }
}

/// Whether a published word and one of the program's mean the same.
pub(super) fn mean(published: &str, word: &str) -> bool {
    SAME.contains(&(published, word))
}

/// The flags that a word of unknown flags names.
pub(super) fn raw(word: &str) -> Option<u64> {
    let hex = RAW.iter().find_map(|beginning| word.strip_prefix(beginning))?;
    u64::from_str_radix(hex, 16).ok()
}

/// Whether a word names the byte that fills up a telegram (EN 13757-3:2018, 6.3.5) as if it were a state.
pub(super) fn is_filler(word: &str) -> bool {
    word == "MODE_2F"
}

/// Whether a word is the error whose number, and not whose bit, the upper half of the first byte would be.
pub(super) fn is_number_of_bits(word: &str, raw: u64) -> bool {
    let error = usize::try_from(raw >> 4).ok().and_then(|number| ERRORS.get(number));
    error.is_some_and(|error| word.starts_with(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word that a table no longer has would never be found, and its rows would fail without a hint.
    #[test]
    fn every_word_of_the_program_is_in_its_tables() {
        let tables = [
            include_str!("../../../../crates/metering/alarms/status-byte.toml"),
            include_str!("../../../../crates/metering/alarms/error-flags.toml"),
        ];
        for (_, word) in SAME {
            let written = format!("word = \"{word}\"");
            assert!(tables.iter().any(|table| table.contains(&written)), "{word}");
        }
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(of("status", "OK"), [""; 0]);
        assert_eq!(
            of("current_alarms", "meter_blocked,mechanical_fraud"),
            ["meter_blocked", "mechanical_fraud"]
        );
        assert_eq!(of("time_dry", "22-31 days"), ["22-31 days"]);
        assert_eq!(
            (raw("ERROR_FLAGS_100"), raw("POWER_LOW"), raw("UNKNOWN_WORD")),
            (Some(0x100), None, None)
        );
        assert!(is_number_of_bits("CODE_203_PHASE_SEQUENCE_REVERSED", 0x40));
        assert!(!is_number_of_bits("CODE_203_PHASE_SEQUENCE_REVERSED", 0x10), "here it is the bit");
    }
}
