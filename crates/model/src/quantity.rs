//! What is measured, and in which unit.

use std::fmt;

use crate::Decimal;

/// Declares an enum whose variants have a fixed code for files, SQL and screens.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every variant, in the order of the source.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code used in files, SQL and screens.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Reads a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

coded!(
    /// What is measured (EN 13757-3:2018 tables 10 to 14: primary VIF and the FB and FD extensions).
    QuantityKind {
        /// Active energy, heat or cooling energy.
        Energy = "energy",
        /// Reactive energy.
        ReactiveEnergy = "reactive-energy",
        /// Apparent energy.
        ApparentEnergy = "apparent-energy",
        /// Volume.
        Volume = "volume",
        /// Mass.
        Mass = "mass",
        /// Time since power was applied.
        OnTime = "on-time",
        /// Time of operation.
        OperatingTime = "operating-time",
        /// Power.
        Power = "power",
        /// Maximum powers of all periods, summed up.
        CumulatedMaximumPower = "cumulated-maximum-power",
        /// Reactive power.
        ReactivePower = "reactive-power",
        /// Apparent power.
        ApparentPower = "apparent-power",
        /// Volume per time.
        VolumeFlow = "volume-flow",
        /// Mass per time.
        MassFlow = "mass-flow",
        /// Temperature of the flow.
        FlowTemperature = "flow-temperature",
        /// Temperature of the return.
        ReturnTemperature = "return-temperature",
        /// Flow minus return temperature.
        TemperatureDifference = "temperature-difference",
        /// Temperature outside the pipe: room or outdoor air.
        ExternalTemperature = "external-temperature",
        /// Cold or warm temperature limit.
        TemperatureLimit = "temperature-limit",
        /// Pressure.
        Pressure = "pressure",
        /// Units of a heat cost allocator (EN 834).
        HcaUnits = "hca-units",
        /// Relative humidity.
        Humidity = "humidity",
        /// Voltage.
        Voltage = "voltage",
        /// Current.
        Current = "current",
        /// Frequency.
        Frequency = "frequency",
        /// Phase angle.
        PhaseAngle = "phase-angle",
        /// Active power divided by apparent power.
        PowerFactor = "power-factor",
        /// Heat a heat pump gives per energy it takes.
        CoefficientOfPerformance = "coefficient-of-performance",
        /// A rating factor of a heat cost allocator (EN 834).
        RatingFactor = "rating-factor",
        /// A local date or time the meter states.
        DateTime = "date-time",
        /// Length of time over which a value was averaged.
        AveragingDuration = "averaging-duration",
        /// Age of a value or time since the last telegram.
        ActualityDuration = "actuality-duration",
        /// A duration that none of the others names.
        Duration = "duration",
        /// Time between two storages.
        StorageInterval = "storage-interval",
        /// Time between two telegrams.
        TransmissionPeriod = "transmission-period",
        /// First or last storage number of a cyclic storage, or how many there are.
        StorageNumber = "storage-number",
        /// Start of a tariff.
        TariffStart = "tariff-start",
        /// Duration of a tariff.
        TariffDuration = "tariff-duration",
        /// Period of a tariff.
        TariffPeriod = "tariff-period",
        /// Remaining battery life.
        BatteryLife = "battery-life",
        /// Time the battery has been in use.
        BatteryOperatingTime = "battery-operating-time",
        /// When the battery was, or must be, changed.
        BatteryChange = "battery-change",
        /// Fabrication number.
        FabricationNumber = "fabrication-number",
        /// Enhanced identification.
        Identification = "identification",
        /// Bus address.
        BusAddress = "bus-address",
        /// Access number (transmission count).
        AccessNumber = "access-number",
        /// Model or version of the device.
        ModelVersion = "model-version",
        /// Hardware version.
        HardwareVersion = "hardware-version",
        /// Firmware or other software version.
        SoftwareVersion = "software-version",
        /// Parameter set identification.
        ParameterSet = "parameter-set",
        /// Customer or customer location.
        Customer = "customer",
        /// Medium or device type.
        DeviceType = "device-type",
        /// Manufacturer.
        Manufacturer = "manufacturer",
        /// Error flags of the device.
        ErrorFlags = "error-flags",
        /// Error mask.
        ErrorMask = "error-mask",
        /// A setting of the device: a control signal, a day of the week, a window in which it listens.
        Setting = "setting",
        /// An access code, password or key. What it holds is never given.
        AccessCode = "access-code",
        /// Which parameters are active.
        ParameterState = "parameter-state",
        /// Digital inputs or outputs.
        DigitalIo = "digital-io",
        /// A cumulation, reset or other counter without dimension.
        Counter = "counter",
        /// Prepaid amount.
        Credit = "credit",
        /// Amount owed.
        Debit = "debit",
        /// Speed of the bus.
        BaudRate = "baud-rate",
        /// Delay of an answer on the bus, in bit times.
        ResponseDelay = "response-delay",
        /// Signal strength of the radio.
        SignalStrength = "signal-strength",
        /// A number without dimension.
        Dimensionless = "dimensionless",
        /// What the maker alone defines.
        ManufacturerSpecific = "manufacturer-specific",
        /// A VIF the tables reserve or do not define.
        Other = "other",
    }
);

coded!(
    /// Unit of a number. Powers of ten are in the number's exponent, never in the unit.
    Unit {
        /// No dimension.
        One = "1",
        /// Watt hour.
        WattHour = "Wh",
        /// Joule.
        Joule = "J",
        /// Calorie.
        Calorie = "cal",
        /// British thermal unit.
        BritishThermalUnit = "BTU",
        /// Reactive volt ampere hour.
        VarHour = "varh",
        /// Volt ampere hour.
        VoltAmpereHour = "VAh",
        /// Cubic metre.
        CubicMetre = "m3",
        /// Cubic foot.
        CubicFoot = "ft3",
        /// American gallon.
        AmericanGallon = "US gal",
        /// Kilogram.
        Kilogram = "kg",
        /// Watt.
        Watt = "W",
        /// Reactive volt ampere.
        Var = "var",
        /// Volt ampere.
        VoltAmpere = "VA",
        /// Joule per hour.
        JoulePerHour = "J/h",
        /// British thermal unit per second.
        BritishThermalUnitPerSecond = "BTU/s",
        /// Cubic metre per hour.
        CubicMetrePerHour = "m3/h",
        /// Cubic metre per minute.
        CubicMetrePerMinute = "m3/min",
        /// Cubic metre per second.
        CubicMetrePerSecond = "m3/s",
        /// American gallon per minute.
        AmericanGallonPerMinute = "US gal/min",
        /// American gallon per hour.
        AmericanGallonPerHour = "US gal/h",
        /// Kilogram per hour.
        KilogramPerHour = "kg/h",
        /// Degree Celsius.
        Celsius = "°C",
        /// Kelvin (a difference).
        Kelvin = "K",
        /// Degree Fahrenheit.
        Fahrenheit = "°F",
        /// Bar.
        Bar = "bar",
        /// Unit of a heat cost allocator (EN 834).
        Hca = "HCA",
        /// Percent.
        Percent = "%",
        /// Volt.
        Volt = "V",
        /// Ampere.
        Ampere = "A",
        /// Hertz.
        Hertz = "Hz",
        /// Degree of an angle.
        Degree = "°",
        /// Second.
        Second = "s",
        /// Minute.
        Minute = "min",
        /// Hour.
        Hour = "h",
        /// Day.
        Day = "d",
        /// Month.
        Month = "mo",
        /// Year.
        Year = "a",
        /// Bit per second.
        BitPerSecond = "bit/s",
        /// Decibel relative to one milliwatt.
        DecibelMilliwatt = "dBm",
        /// A sum of money in the local currency.
        Currency = "currency",
    }
);

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// The number, with its power of ten.
    pub number: Decimal,
    /// The unit.
    pub unit: Unit,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::One => self.number.fmt(f),
            unit => write!(f, "{} {unit}", self.number),
        }
    }
}
