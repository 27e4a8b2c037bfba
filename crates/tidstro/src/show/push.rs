//! Pushes of DLMS meters and P1 telegrams as tables and JSON.

use serde::Serialize;
use serde_json::value::RawValue;
use tidstro_dlms::{Framing, P1Telegram, Push, RawAlarm, Security, pushed_alarms};
use tidstro_model::{DeviceName, Quality, Reading};

use super::Table;
use super::telegram::{is_invalid, value_json, value_text};

/// What a message of an electricity meter says, whichever form it came in.
pub(crate) struct Said<'a> {
    pub(crate) line: u64,
    /// What carried it: a framing's word, or `P1`.
    form: &'static str,
    /// System title, where it has one.
    title: Option<String>,
    name: Option<DeviceName>,
    security: &'static str,
    counter: Option<u32>,
    moment: Option<String>,
    service: Option<&'static str>,
    layout: Option<&'static str>,
    alarms: Vec<RawAlarm>,
    /// Readings, each with the channel of the sub-meter it is of; none for the meter's own.
    readings: Vec<(Option<u8>, &'a Reading)>,
    /// What gave no reading: its code where it has one, where it stands, and what is wrong.
    faults: Vec<(Option<String>, usize, String)>,
}

impl<'a> Said<'a> {
    /// What a push says.
    pub(crate) fn push(line: u64, framing: Framing, push: &'a Push) -> Self {
        let header = match push.security {
            Security::Ciphered(header) => Some(header),
            Security::Clear => None,
        };
        let moment = push.moment.and_then(|moment| {
            let instant = moment.instant().map(|at| at.to_string());
            instant.or_else(|| moment.civil().map(|local| local.to_string()))
        });
        let fault = |fault: &tidstro_dlms::ItemFault| {
            (Some(fault.obis.to_string()), fault.offset, fault.kind.to_string())
        };
        Self {
            line,
            form: framing.word(),
            title: header.map(|header| header.title.to_string()),
            name: push.device_name(),
            security: push.security.word(),
            counter: header.map(|header| header.invocation_counter),
            moment,
            service: Some(push.service.word()),
            layout: push.layout,
            alarms: pushed_alarms(&push.items, push.moment),
            readings: push.readings.iter().map(|reading| (None, reading)).collect(),
            faults: push.faults.iter().map(fault).collect(),
        }
    }

    /// What a P1 telegram says, sub-meters behind the meter's own values.
    pub(crate) fn p1(line: u64, telegram: &'a P1Telegram) -> Self {
        let own = telegram.readings.iter().map(|reading| (None, reading));
        let of_sub_meters = telegram.sub_meters.iter().flat_map(|sub_meter| {
            sub_meter.readings.iter().map(|(_, reading)| (Some(sub_meter.channel), reading))
        });
        let fault = |fault: &tidstro_dlms::LineFault| (None, fault.offset, fault.kind.to_string());
        Self {
            line,
            form: "P1",
            title: None,
            name: telegram.device_name(),
            security: "clear",
            counter: None,
            moment: telegram.moment.map(|stamp| stamp.local.to_string()),
            service: None,
            layout: None,
            alarms: Vec::new(),
            readings: own.chain(of_sub_meters).collect(),
            faults: telegram.faults.iter().map(fault).collect(),
        }
    }

    /// How many readings there are.
    pub(crate) const fn count(&self) -> usize {
        self.readings.len()
    }

    /// How many of them have no value.
    pub(crate) fn invalid(&self) -> usize {
        self.readings.iter().filter(|(_, reading)| is_invalid(reading)).count()
    }

    /// How many values are no reading.
    pub(crate) const fn faults(&self) -> usize {
        self.faults.len()
    }

    /// The message as people read it.
    pub(crate) fn table(&self) -> String {
        let mut table =
            Table::new(&["quantity", ">value", ">tariff", ">channel", "function", "obis", ">byte"]);
        for (channel, reading) in &self.readings {
            table.row(row(*channel, reading));
        }
        let faults = self.faults.iter().map(|(obis, offset, what)| match obis {
            Some(obis) => format!("  no reading: byte {offset}: {obis} {what}\n"),
            None => format!("  no reading: byte {offset}: {what}\n"),
        });
        let readings = if self.readings.is_empty() { String::new() } else { table.to_string() };
        format!("{}\n{readings}{}", self.head(), faults.collect::<String>())
    }

    fn head(&self) -> String {
        let title = self.title.as_ref().map(|title| format!("title {title}"));
        let name = self.name.map(|name| format!("name {name}"));
        let who: Vec<_> = title.into_iter().chain(name).collect();
        let who = if who.is_empty() { "a meter that gives no name".to_owned() } else { who.join(", ") };
        let mut head = format!("line {}: {who}, {}", self.line, self.form);
        head.extend(self.service.map(|service| format!(", {service}")));
        head.extend(self.moment.as_ref().map(|moment| format!(", meter clock {moment}")));
        head.push_str(&format!(", {}", self.security));
        head.extend(self.counter.map(|counter| format!(", counter {counter}")));
        head.extend(self.layout.map(|layout| format!(", list {layout}")));
        for RawAlarm { obis, code, .. } in &self.alarms {
            head.push_str(&format!("\n  alarm: {obis} = {code:#x}"));
        }
        head
    }

    /// One object for each reading.
    pub(crate) fn readings_json(&self) -> Result<Vec<PushReadingJson>, serde_json::Error> {
        self.readings.iter().map(|(channel, reading)| self.reading_json(*channel, reading)).collect()
    }

    fn reading_json(
        &self,
        channel: Option<u8>,
        reading: &Reading,
    ) -> Result<PushReadingJson, serde_json::Error> {
        let quality = if is_invalid(reading) { Quality::Missing } else { Quality::Measured };
        Ok(PushReadingJson {
            line: self.line,
            form: self.form,
            system_title: self.title.clone(),
            name: self.name.map(|name| name.to_string()),
            security: self.security,
            counter: self.counter,
            meter_time: self.moment.clone(),
            service: self.service,
            layout: self.layout,
            alarms: self.alarms.iter().map(alarm_json).collect(),
            quantity: reading.quantity.code(),
            value: value_json(&reading.value)?,
            unit: reading.unit.code(),
            quality: quality.word(),
            function: reading.function.word(),
            storage: reading.storage,
            tariff: reading.tariff,
            channel,
            obis: reading.obis.map(|obis| obis.to_string()),
            offset: reading.offset,
        })
    }

    /// One object for each value that is no reading.
    pub(crate) fn faults_json(&self) -> Vec<serde_json::Value> {
        let fault = |(obis, offset, what): &(Option<String>, usize, String)| {
            serde_json::json!({
                "line": self.line,
                "system_title": self.title,
                "name": self.name.map(|name| name.to_string()),
                "obis": obis,
                "offset": offset,
                "not_decoded": what,
            })
        };
        self.faults.iter().map(fault).collect()
    }
}

fn row(channel: Option<u8>, reading: &Reading) -> Vec<String> {
    vec![
        reading.quantity.to_string(),
        value_text(reading),
        reading.tariff.to_string(),
        channel.map(|channel| channel.to_string()).unwrap_or_default(),
        reading.function.word().to_owned(),
        reading.obis.map(|obis| obis.to_string()).unwrap_or_default(),
        reading.offset.to_string(),
    ]
}

fn alarm_json(alarm: &RawAlarm) -> serde_json::Value {
    serde_json::json!({ "obis": alarm.obis.to_string(), "code": alarm.code })
}

/// One reading, with everything that says whose it is.
#[derive(Serialize)]
pub(crate) struct PushReadingJson {
    line: u64,
    form: &'static str,
    system_title: Option<String>,
    name: Option<String>,
    security: &'static str,
    counter: Option<u32>,
    meter_time: Option<String>,
    service: Option<&'static str>,
    layout: Option<&'static str>,
    alarms: Vec<serde_json::Value>,
    quantity: &'static str,
    value: Option<Box<RawValue>>,
    unit: &'static str,
    quality: &'static str,
    function: &'static str,
    storage: u64,
    tariff: u32,
    /// Of a meter behind this one.
    channel: Option<u8>,
    obis: Option<String>,
    offset: u32,
}
