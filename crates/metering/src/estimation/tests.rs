//! Estimation as a whole: plans, sums to the register, and what stays untouched.

use proptest::{collection::vec, option, prelude::*};

use super::*;

const LINEAR: Sources<'_> = Sources {
    plan: &[Method::Linear],
    linear_max: 4,
    like_days: &[],
    like_days_count: 0,
    profile: &[],
    balance: &[],
    neighbours: &[],
};

fn values(estimates: &[Estimate]) -> Vec<(usize, i64, &'static str)> {
    estimates.iter().map(|made| (made.slot, made.value, made.method.code())).collect()
}

#[test]
fn the_first_method_of_the_plan_that_can_answers() {
    let today = [Some(100), None, Some(200), None, None, None, Some(90)];
    let yesterday = [Some(1), Some(2), Some(3), Some(40), Some(50), Some(60), Some(7)];
    let sources = Sources {
        plan: &[Method::Linear, Method::LikeDays],
        linear_max: 2,
        like_days: &[&yesterday],
        like_days_count: 3,
        ..LINEAR
    };
    let made = estimate(Stretch { values: &today, total: None }, &sources).unwrap();
    let expected = [(1, 150, "linear"), (3, 40, "like-days"), (4, 50, "like-days"), (5, 60, "like-days")];
    assert_eq!(values(&made), expected);
}

#[test]
fn estimates_add_up_to_what_the_register_says() {
    let today = [Some(100), None, Some(200), None, Some(90)];
    // 700 passed, 390 were measured: 310 are left, in the shape 150 : 145.
    let made = estimate(Stretch { values: &today, total: Some(700) }, &LINEAR).unwrap();
    assert_eq!(values(&made), [(1, 158, "linear"), (3, 152, "linear")]);
}

#[test]
fn without_a_method_a_register_is_shared_out_evenly_and_else_nothing_is_said() {
    let today = [None; 3];
    let made = estimate(Stretch { values: &today, total: Some(10) }, &LINEAR).unwrap();
    assert_eq!(values(&made), [(0, 3, "even"), (1, 4, "even"), (2, 3, "even")]);
    assert_eq!(estimate(Stretch { values: &today, total: None }, &LINEAR), Ok(vec![]));
}

#[test]
fn a_register_below_the_measured_values_is_a_fault_and_no_estimate() {
    let today = [Some(100), None];
    assert_eq!(estimate(Stretch { values: &today, total: Some(99) }, &LINEAR), Err(FitFault::MeasuredMore));
    let complete = Stretch { values: &[Some(100)], total: Some(101) };
    assert_eq!(estimate(complete, &LINEAR), Err(FitFault::NoGap));
}

proptest! {
    /// True to time: what has a value keeps it, each gap's interval has one, and all of them are what passed.
    #[test]
    fn only_gaps_are_filled_and_the_sum_is_the_registers(
        today in vec(option::weighted(0.7, 0_i64..100_000), 1..120),
        like in vec(option::weighted(0.9, 0_i64..100_000), 1..120),
        left in 0_i64..10_000_000,
        linear_max in 0_usize..10,
    ) {
        let measured: i64 = today.iter().flatten().sum();
        let like_days: [&[Option<i64>]; 1] = [&like];
        let sources = Sources { plan: &[Method::Linear, Method::LikeDays], linear_max, like_days: &like_days, like_days_count: 1, ..LINEAR };
        let total = if today.contains(&None) { measured + left } else { measured };
        let made = estimate(Stretch { values: &today, total: Some(total) }, &sources).unwrap();
        let slots: Vec<usize> = made.iter().map(|estimate| estimate.slot).collect();
        let without: Vec<usize> = (0..today.len()).filter(|slot| today[*slot].is_none()).collect();
        prop_assert_eq!(slots, without);
        prop_assert_eq!(measured + made.iter().map(|estimate| estimate.value).sum::<i64>(), total);
        prop_assert!(made.iter().all(|estimate| estimate.value >= 0));
    }
}
