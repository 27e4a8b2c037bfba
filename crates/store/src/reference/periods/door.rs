//! What is known of points, suppliers and devices, for everybody: none of it is a measured value or a person.

use jiff::{Timestamp, civil::Date};
use tidstro_metering::settlement::{Charge, ChargeLink, ChargePrice};
use tidstro_model::{
    Area, Dated, DayRange, DeviceNo, GridArea, Installation, Interval, Mounting, Parties, Point, PointNo,
    PointState, StatedDegreeDays, StatedShare, Timeline,
};

use super::{
    KnownAt, KnownPeriod, Which, all_installations, charges_in, degree_days_of, installations_of, links_in,
    point_periods, points_of, prices_in, shares_of, states_of, supplies_of,
};
use crate::reference::area::places;
use crate::{Store, StoreFault};

impl Store {
    /// What the market knew of these points on these days: states and supplies cut by each other, in order of point and
    /// day. `as_of` asks what was known at a moment; now, without one.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn point_periods(
        &self,
        which: Which,
        days: DayRange,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<KnownPeriod>, StoreFault> {
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                point_periods(&reading.db, &which, days, known)
            })
            .await
    }

    /// The points that lay in a grid area on a day, and exchange points with either side in it.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn points_in(
        &self,
        area: GridArea,
        day: Date,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<PointNo>, StoreFault> {
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                points_of(&reading.db, area, day, known)
            })
            .await
    }

    /// What a point was over time; without periods if the market does not know it.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn point_states(
        &self,
        point: PointNo,
        as_of: Option<Timestamp>,
    ) -> Result<Timeline<PointState>, StoreFault> {
        self.threads
            .read(move |reading| states_of(&reading.db, point, KnownAt::instant(&reading.db, as_of)?))
            .await
    }

    /// Who supplied a point over time.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn supplies(
        &self,
        point: PointNo,
        as_of: Option<Timestamp>,
    ) -> Result<Timeline<Parties>, StoreFault> {
        self.threads
            .read(move |reading| supplies_of(&reading.db, point, KnownAt::instant(&reading.db, as_of)?))
            .await
    }

    /// Every place that master data name, in the order in which they became known. Places have no time: they are told as they
    /// are now.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn places(&self) -> Result<Vec<(Area, Point)>, StoreFault> {
        self.threads.read(|reading| places(&reading.db)).await
    }

    /// Every installation, in order of device and day.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn all_installations(&self, as_of: Option<Timestamp>) -> Result<Vec<Installation>, StoreFault> {
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                all_installations(&reading.db, known)
            })
            .await
    }

    /// Which devices hung at a point, how they were connected and how their registers count; several may hang there at
    /// once.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn installations(
        &self,
        point: PointNo,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<Dated<(DeviceNo, Mounting)>>, StoreFault> {
        self.threads
            .read(move |reading| installations_of(&reading.db, point, KnownAt::instant(&reading.db, as_of)?))
            .await
    }

    /// The shares of a standard load profile, or of all, in order of profile and time, as known at a moment.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn profile_shares(
        &self,
        profile: Option<String>,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<StatedShare>, StoreFault> {
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                shares_of(&reading.db, profile.as_deref(), known)
            })
            .await
    }

    /// How cold the months of an area were, or of all areas, in order of area and time, as known at a moment.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn degree_days(
        &self,
        area: Option<String>,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<StatedDegreeDays>, StoreFault> {
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                degree_days_of(&reading.db, area.as_deref(), known)
            })
            .await
    }

    /// Every charge, who pays it and what it costs, as known at a moment.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn charges(
        &self,
        as_of: Option<Timestamp>,
    ) -> Result<(Vec<Charge>, Vec<ChargeLink>, Vec<ChargePrice>), StoreFault> {
        let zone = self.zone.clone();
        let ever = Interval::new(Timestamp::MIN, Timestamp::MAX).map_err(|_| StoreFault::NoDays)?;
        self.threads
            .read(move |reading| {
                let known = KnownAt::instant(&reading.db, as_of)?;
                let charges = charges_in(&reading.db, &zone, (DayRange::always(), known))?;
                let links = links_in(&reading.db, &zone, (None, DayRange::always(), known))?;
                Ok((charges, links, prices_in(&reading.db, ever, known)?))
            })
            .await
    }
}
