//! The simulated meter, read by the product's own client: what comes is what it truly measured, on each carrier and
//! with each way to prove who one is, and each fault is one.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidstro_dlms::{
    Authentication, Carried, Carrier, CarrierFault, Client, ClientConfig, ClientFault, Column, Data,
    Definition, Get, HdlcConfig, HdlcLink, Key, Keys, Password, Profile, Protection, Scale, Selection,
    ServerAddress, Step, SystemTitle, WrapperLink, logged_alarms,
};
use tidstro_model::Obis;
use tidstro_world::meter_server::{
    Access, Capture, LoggedEvent, MeterFault, MeterPlan, MeterServer, MeterSession,
};

const LOAD_PROFILE: Obis = Obis([1, 0, 99, 1, 0, 255]);
const LOG: Obis = Obis([0, 0, 99, 98, 4, 255]);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn since() -> Timestamp {
    at("2024-03-01T00:00:00Z")
}

fn now() -> Timestamp {
    at("2024-03-02T00:07:00Z")
}

fn keyed() -> Access {
    Access::Keys { encryption: [0x11; 16], authentication: [0x22; 16] }
}

fn plan(access: Access) -> MeterPlan {
    MeterPlan { access, pdu_max: 300, ..MeterPlan::new("12345678", 7, since()) }
}

fn client(access: &Access, counter: u32) -> Client {
    let (authentication, protection) = match access {
        Access::Open => (Authentication::None, None),
        Access::Password(password) => (Authentication::Low(Password::new(password)), None),
        Access::Keys { encryption, authentication } => {
            let keys = Keys {
                encryption: Key::Aes128(*encryption),
                authentication: Some(Key::Aes128(*authentication)),
            };
            (Authentication::Gmac, Some(Protection { keys, control: 0x30, counter, meter_counter: None }))
        }
    };
    let title = SystemTitle(*b"TIDclint");
    Client::new(ClientConfig { title, authentication, protection, max_apdu: 1024 }, b"a challenge of ours")
}

fn wrapper() -> Carrier {
    Carrier::Wrapper(WrapperLink::new(16, 1, Duration::from_secs(5)))
}

fn hdlc() -> Carrier {
    Carrier::Hdlc(HdlcLink::new(HdlcConfig::new(16, ServerAddress::new(1, Some(17)).unwrap())))
}

/// One connection of a client to a meter, without a network.
struct Call<'c> {
    meter: &'c mut MeterServer,
    session: MeterSession,
    carrier: Carrier,
    client: Client,
    now: Timestamp,
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Carrier(CarrierFault),
    Client(ClientFault),
    HungUp,
}

impl<'c> Call<'c> {
    fn new(meter: &'c mut MeterServer, carrier: Carrier, client: Client) -> Self {
        let session = meter.connect();
        Self { meter, session, carrier, client, now: now() }
    }

    fn until_done(&mut self, first: Carried) -> Result<Carried, Ended> {
        let mut step = first;
        loop {
            step = match step {
                Carried::Send(bytes) => {
                    let reaction = self.session.receive(self.meter, &bytes, self.now);
                    if reaction.hangs_up {
                        return Err(Ended::HungUp);
                    }
                    self.carrier.receive(&reaction.bytes, Duration::ZERO).map_err(Ended::Carrier)?
                }
                Carried::Wait => self.carrier.timed_out(Duration::ZERO).map_err(Ended::Carrier)?,
                done => return Ok(done),
            }
        }
    }

    fn run(&mut self, request: Vec<u8>) -> Result<Step, Ended> {
        let mut request = request;
        loop {
            let bytes = self.carrier.send(&request, Duration::ZERO).map_err(Ended::Carrier)?;
            let Carried::Apdu(answer) = self.until_done(Carried::Send(bytes))? else { panic!("no answer") };
            match self.client.receive(&answer).map_err(Ended::Client)? {
                Step::Send(next) => request = next,
                step => return Ok(step),
            }
        }
    }

    fn associate(&mut self) -> Result<(), Ended> {
        let first = self.carrier.open(Duration::ZERO).map_err(Ended::Carrier)?;
        assert_eq!(self.until_done(first)?, Carried::Open);
        let request = self.client.associate().map_err(Ended::Client)?;
        self.run(request).map(|step| assert_eq!(step, Step::Associated))
    }

    fn get(
        &mut self,
        class: u16,
        obis: Obis,
        attribute: i8,
        selection: Option<Selection>,
    ) -> Result<Data, Ended> {
        let get = Get { class, obis, attribute, selection };
        let request = self.client.get(&get).map_err(Ended::Client)?;
        match self.run(request)? {
            Step::Value(data) => Ok(data),
            step => panic!("expected a value, got {step:?}"),
        }
    }

    fn profile(&mut self, obis: Obis) -> Result<Profile, Ended> {
        let mut columns = Vec::new();
        for definition in Definition::list(&self.get(7, obis, 3, None)?).unwrap() {
            let scale = match definition.scale_attribute() {
                Some(attribute) => {
                    Scale::read(&self.get(definition.class, definition.obis, attribute, None)?)
                }
                None => None,
            };
            columns.push(Column { definition, scale });
        }
        let period = self.get(7, obis, 4, None)?.integer().unwrap();
        Ok(Profile { obis, columns, period_seconds: u32::try_from(period).unwrap() })
    }
}

/// Value and end of each row, as the client reads them.
fn load_profile(call: &mut Call<'_>, selection: Option<Selection>) -> Result<Vec<(Timestamp, i64)>, Ended> {
    let profile = call.profile(LOAD_PROFILE)?;
    let buffer = call.get(7, LOAD_PROFILE, 2, selection)?;
    let values = profile.values(&profile.rows(&buffer, None).unwrap());
    Ok(values.iter().map(|value| (value.interval.end(), value.quantity.number.mantissa())).collect())
}

#[test]
fn everything_is_read_on_each_carrier_by_each_way_in() {
    for access in [Access::Open, Access::Password(b"secret".to_vec()), keyed()] {
        for carrier in [wrapper(), hdlc()] {
            let mut meter = MeterServer::new(plan(access.clone()));
            let mut call = Call::new(&mut meter, carrier, client(&access, 1));
            call.associate().unwrap();
            let clock = call.get(8, Obis([0, 0, 1, 0, 0, 255]), 2, None).unwrap();
            assert_eq!(clock.date_time().and_then(|clock| clock.instant()), Some(now()));
            let rows = load_profile(&mut call, None).unwrap();
            let truth = plan(access.clone());
            let ends = (1..=96).map(|quarter| since() + SignedDuration::from_mins(15 * quarter));
            let expected: Vec<_> = ends.map(|end| (end, i64::from(truth.register_wh(end)))).collect();
            assert_eq!(rows, expected);
            let released = call.client.release().unwrap();
            assert_eq!(call.run(released), Ok(Step::Released));
            let last = call.carrier.close(Duration::ZERO).unwrap();
            assert_eq!(call.until_done(last), Ok(Carried::Closed));
            assert_eq!(meter.repeated_counters(), 0);
        }
    }
}

#[test]
fn rows_are_chosen_by_time_and_by_number() {
    let access = Access::Open;
    let missing = [at("2024-03-01T02:00:00Z")].into();
    let plan =
        MeterPlan { capture: Capture::Interval, period_seconds: 3600, missing, ..plan(access.clone()) };
    let mut meter = MeterServer::new(plan.clone());
    let mut call = Call::new(&mut meter, wrapper(), client(&access, 1));
    call.associate().unwrap();
    let clock = |hour| {
        let local = jiff::civil::date(2024, 3, 1).at(hour, 0, 0, 0);
        tidstro_dlms::DateTime::of(local, Some(-60), 0).unwrap()
    };
    let row = |text| (at(text), i64::from(plan.energy_wh(at(text))));
    let expected = [row("2024-03-01T01:00:00Z"), row("2024-03-01T03:00:00Z")];
    let range = Selection::Range { from: clock(2), to: clock(4) };
    assert_eq!(load_profile(&mut call, Some(range)).unwrap(), expected);
    let entries = Selection::Entries { from: 1, to: 2 };
    assert_eq!(load_profile(&mut call, Some(entries)).unwrap(), expected);
    let last = load_profile(&mut call, Some(Selection::Entries { from: 23, to: 0 })).unwrap();
    assert_eq!(last, [row("2024-03-02T00:00:00Z")]);
}

#[test]
fn a_log_says_what_happened_and_a_clock_how_far_it_is_ahead() {
    let event = |at, code| LoggedEvent { log: 4, at, code };
    let events = vec![event(at("2024-03-01T10:00:00Z"), 79), event(at("2024-03-09T10:00:00Z"), 85)];
    let plan = MeterPlan { clock_ahead: SignedDuration::from_secs(90), events, ..plan(Access::Open) };
    let mut meter = MeterServer::new(plan);
    let mut call = Call::new(&mut meter, hdlc(), client(&Access::Open, 1));
    call.associate().unwrap();
    let clock = call.get(8, Obis([0, 0, 1, 0, 0, 255]), 2, None).unwrap();
    let ahead = clock.date_time().and_then(|clock| clock.instant()).unwrap().duration_since(now());
    assert_eq!(ahead, SignedDuration::from_secs(90));
    let log = call.profile(LOG).unwrap();
    let buffer = call.get(7, LOG, 2, None).unwrap();
    let codes: Vec<_> =
        logged_alarms(&log, &log.rows(&buffer, None).unwrap()).iter().map(|alarm| alarm.code).collect();
    assert_eq!(codes, [79], "what has not happened yet is not logged");
    let missing = call.get(7, Obis([0, 0, 99, 98, 1, 255]), 2, None);
    assert_eq!(missing, Err(Ended::Client(ClientFault::Access { result: 4 })));
}

#[test]
fn each_fault_ends_the_call_and_the_next_one_is_sound() {
    let read = |meter: &mut MeterServer, carrier, counter| {
        let mut call = Call::new(meter, carrier, client(&keyed(), counter));
        call.associate().and_then(|()| load_profile(&mut call, None)).map(|rows| rows.len())
    };
    for (fault, is_it) in [
        (MeterFault::CutAfterBlocks(2), (|ended: &Ended| *ended == Ended::HungUp) as fn(&Ended) -> bool),
        (MeterFault::WrongTag, |ended| matches!(ended, Ended::Client(ClientFault::Refused(_)))),
        (MeterFault::Deaf, |ended| matches!(ended, Ended::Carrier(CarrierFault::NoAnswer { .. }))),
        (MeterFault::Busy, |ended| matches!(ended, Ended::Client(ClientFault::Rejected { result: 2, .. }))),
    ] {
        for carrier in [wrapper as fn() -> Carrier, hdlc] {
            let mut meter = MeterServer::new(MeterPlan { faults: vec![Some(fault)], ..plan(keyed()) });
            let ended = read(&mut meter, carrier(), 1).unwrap_err();
            assert!(is_it(&ended), "{fault:?}: {ended:?}");
            assert_eq!(read(&mut meter, carrier(), 1000), Ok(96));
            assert_eq!((meter.connections(), meter.repeated_counters()), (2, 0));
        }
    }
}

#[test]
fn a_counter_used_again_is_noticed_and_not_answered() {
    let mut meter = MeterServer::new(plan(keyed()));
    for _ in 0..2 {
        let mut call = Call::new(&mut meter, wrapper(), client(&keyed(), 1));
        let _ = call.associate();
    }
    assert_eq!(meter.repeated_counters(), 1);
}

#[test]
fn any_bytes_are_taken() {
    let mut meter = MeterServer::new(plan(keyed()));
    let mut session = meter.connect();
    for seed in 0..2000_u32 {
        let bytes = seed.wrapping_mul(2_654_435_761).to_be_bytes();
        let begin: &[u8] = if seed % 3 == 0 { &[0x7e, 0xa0, 0x06] } else { &[0, 1, 0, 16, 0, 1, 0, 4] };
        session.receive(&mut meter, &[begin, &bytes].concat(), now());
    }
}
