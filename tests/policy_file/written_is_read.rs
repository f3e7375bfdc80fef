//! Every network is read as it was written, and nothing is written that no reader takes.

use crate::any_policy::policies;
use crate::policy::{Placed, Policy, example, parse};
use embedded_rl_core::weights::{MAX_ENVIRONMENT, PolicyError, PolicyView, kinds_in};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_network_is_read_as_it_was_written(policy in policies()) {
        let bytes = policy.encode();
        prop_assert_eq!(parse(&bytes), Ok(()));
        let placed = Placed::new(&bytes, 0);
        let view = PolicyView::parse(placed.bytes()).unwrap();
        prop_assert_eq!(view.environment(), &policy.environment);
        prop_assert_eq!(view.spec(), &policy.spec);
        prop_assert_eq!(kinds_in(&bytes), policy.spec.kinds());
        prop_assert_eq!(view.normalise(), policy.normalise());
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(view.parameters()), bits(&policy.parameters));
        for shift in 1..4 {
            let shifted = Placed::new(&bytes, shift);
            prop_assert_eq!(PolicyView::parse(shifted.bytes()), Err(PolicyError::Misaligned));
        }
    }
}

/// So that `encode` writes nothing that `parse` would refuse.
#[test]
fn an_id_that_no_reader_takes_is_not_written() {
    for environment in ["Cart Pole", "Cart\0Pole", "C\u{e4}rt", "Cart\n"] {
        let policy = Policy { environment: environment.to_owned(), ..example() };
        let refused = std::panic::catch_unwind(|| policy.encode());
        assert!(refused.is_err(), "{environment:?} was written");
    }
    for length in [MAX_ENVIRONMENT, MAX_ENVIRONMENT + 1] {
        let policy = Policy { environment: "x".repeat(length), ..example() };
        let written = std::panic::catch_unwind(|| policy.encode());
        assert_eq!(written.is_ok(), length == MAX_ENVIRONMENT);
    }
}
