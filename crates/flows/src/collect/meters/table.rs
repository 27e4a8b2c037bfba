//! Meters in a table: what a `[[meter]]` says, one meter a line.
//!
//! What comes in: CSV with a header of field names in any order, `,` or `;` between them. What goes out: the same rows a
//! file with `[[meter]]` gives, each field with where it stands. An empty field is not said.

use std::borrow::Cow;
use std::ops::Range;

use tidstro_wire::csv_fields;
use toml::Spanned;

use super::{MetersFault, WrittenMeter};

/// The fields a column may have.
const COLUMNS: [&str; 12] = [
    "device",
    "address",
    "carrier",
    "client",
    "server",
    "physical",
    "security",
    "password_variable",
    "profile",
    "period",
    "logs",
    "deviation_minutes",
];
/// Between the logs of one meter.
const BETWEEN_LOGS: char = '|';

/// One line and where it stands in the text.
type Line<'t> = (&'t str, Range<usize>);

/// One field and where it stands in the text.
type Field<'t> = (Cow<'t, str>, Range<usize>);

/// Reads the table; lines that are empty or begin with `#` say nothing.
pub(super) fn rows(text: &str) -> Result<Vec<WrittenMeter>, MetersFault> {
    let mut lines = lines(text);
    let Some((number, header)) = lines.next() else { return Ok(Vec::new()) };
    let separator = if header.0.contains(';') { b';' } else { b',' };
    let columns = columns(number, &header, separator)?;
    let read = |(line, row): (usize, Line<'_>)| {
        let fields = fields(line, &row, separator)?;
        if fields.len() != columns.len() {
            return Err(MetersFault::Fields { line, expected: columns.len(), got: fields.len() });
        }
        meter(&columns, &fields, line)
    };
    lines.map(read).collect()
}

/// Lines that say something, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    let mut at = 0;
    let all = (1..).zip(text.split_inclusive('\n')).map(move |(number, line)| {
        let start = at;
        at += line.len();
        (number, trimmed((line, start..at)))
    });
    all.filter(|(_, (line, _))| !line.is_empty() && !line.starts_with('#'))
}

fn trimmed((text, range): Line<'_>) -> Line<'_> {
    let start = range.start + (text.len() - text.trim_start().len());
    let text = text.trim().trim_matches('\u{feff}');
    (text, start..start + text.len())
}

fn columns(line: usize, header: &Line<'_>, separator: u8) -> Result<Vec<&'static str>, MetersFault> {
    let known = |(name, _): &Field<'_>| {
        let column = COLUMNS.into_iter().find(|column| column == name);
        column.ok_or_else(|| MetersFault::Column { line, got: name.chars().take(60).collect() })
    };
    let columns = fields(line, header, separator)?.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let twice =
        columns.iter().enumerate().find(|(at, column)| columns.iter().take(*at).any(|seen| seen == *column));
    match twice {
        Some((_, column)) => Err(MetersFault::Column { line, got: (*column).to_owned() }),
        None => Ok(columns),
    }
}

fn fields<'t>(line: usize, (text, range): &Line<'t>, separator: u8) -> Result<Vec<Field<'t>>, MetersFault> {
    let read = csv_fields(text, separator).map_err(|fault| MetersFault::Quote { line, fault })?;
    let start = range.start;
    Ok(read
        .into_iter()
        .map(|field| (field.text, start + field.place.start..start + field.place.end))
        .collect())
}

fn meter(columns: &[&str], fields: &[Field<'_>], line: usize) -> Result<WrittenMeter, MetersFault> {
    let said = |name: &str| {
        let at = columns.iter().position(|column| *column == name)?;
        fields.get(at).filter(|(text, _)| !text.is_empty())
    };
    let text = |name: &str| said(name).map(|(text, at)| Spanned::new(at.clone(), text.clone().into_owned()));
    let needed = |name: &'static str| text(name).ok_or(MetersFault::Unsaid { line, field: name });
    let logs = said("logs").map(|(text, at)| {
        text.split(BETWEEN_LOGS).map(|log| Spanned::new(at.clone(), log.trim().to_owned())).collect()
    });
    Ok(WrittenMeter {
        device: needed("device")?,
        address: needed("address")?,
        carrier: text("carrier"),
        client: number("client", said("client"), line)?,
        server: number("server", said("server"), line)?,
        physical: number("physical", said("physical"), line)?,
        security: text("security"),
        password_variable: said("password_variable").map(|(text, _)| text.clone().into_owned()),
        profile: text("profile"),
        period: text("period"),
        logs,
        deviation_minutes: number("deviation_minutes", said("deviation_minutes"), line)?,
    })
}

fn number<N: std::str::FromStr>(
    field: &'static str,
    said: Option<&Field<'_>>,
    line: usize,
) -> Result<Option<N>, MetersFault> {
    let Some((text, _)) = said else { return Ok(None) };
    let fault = || MetersFault::Field {
        line,
        field,
        got: text.chars().take(60).collect(),
        expected: "a whole number that fits",
    };
    text.parse().map(Some).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::super::*;

    const HEAD: &str = "table = [\"grid.csv\"]\n[client]\ntitle = \"5444420000000001\"\n";

    fn parse(table: &str) -> Result<Meters, MetersFault> {
        Meters::parse(HEAD, &mut |name| {
            assert_eq!(name, "grid.csv");
            Ok(table.to_owned())
        })
    }

    #[test]
    fn a_line_says_what_a_toml_table_says() {
        let table = "\u{feff}# grid 543\ndevice; address; carrier; physical; logs; security; period; deviation_minutes\n\
             title 5444420000000007; 192.0.2.7:4059;;;;;;\n\n\
             \"name A1\"; [2001:db8::7]:4059; hdlc; 17; 0-0:99.98.0 | 0-0:99.98.4; none; PT1H; -60\n";
        let meters = parse(table).unwrap();
        let toml = "[client]\ntitle = \"5444420000000001\"\n\
            [[meter]]\ndevice = \"title 5444420000000007\"\naddress = \"192.0.2.7:4059\"\n\
            [[meter]]\ndevice = \"name A1\"\naddress = \"[2001:db8::7]:4059\"\ncarrier = \"hdlc\"\nphysical = 17\n\
            logs = [\"0-0:99.98.0\", \"0-0:99.98.4\"]\nsecurity = \"none\"\nperiod = \"PT1H\"\ndeviation_minutes = -60\n";
        let same = Meters::parse(toml, &mut |_| Err(std::io::ErrorKind::NotFound.into())).unwrap();
        assert_eq!(meters.list, same.list);
    }

    #[test]
    fn each_fault_names_the_table_and_its_line() {
        let good = "title 5444420000000007,192.0.2.7:4059,\n";
        for (table, said) in [
            ("device,adress,client\n", "line 1: `adress` is no field"),
            ("device,address,device\n", "line 1: `device` is no field"),
            (
                "device,address\n\"title 5444420000000007,x\n",
                "line 2: the quote that opens column 1 is not closed",
            ),
            (
                "device,address,client\n\ntitle 5444420000000007,192.0.2.7:4059\n",
                "line 3: has 2 fields, expected 3",
            ),
            ("device,address,client\n,192.0.2.7:4059,\n", "line 2: says no `device`"),
            (
                "device,address,client\ntitle 5444420000000007,192.0.2.7,\n",
                "line 2: `address` is `192.0.2.7`",
            ),
            ("device,address,client\ntitle 5444420000000007,192.0.2.7:4059,x\n", "line 2: `client` is `x`"),
        ] {
            let fault = parse(table).unwrap_err().to_string();
            assert!(fault.starts_with(&format!("`grid.csv` {said}")), "{fault}");
        }
        let twice = format!("device,address,client\n{good}{good}");
        assert!(parse(&twice).unwrap_err().to_string().starts_with("`grid.csv` line 3: meter"));
        assert!(matches!(parse("device,address\n"), Err(MetersFault::Empty)));
        let missing = Meters::parse(HEAD, &mut |_| Err(std::io::ErrorKind::NotFound.into()));
        assert!(missing.unwrap_err().to_string().starts_with("`grid.csv` cannot be read"));
    }
}
